import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { supervise, type Supervised, type SupervisionEvent } from '#shared/process/supervisor.ts';
import { childEnv } from './child-env.ts';
import type { SampleEvent } from './events.ts';
import type { ProcessModel } from './live-model.ts';
import { openLogFile } from './log-file.ts';

export interface ProcessPlan {
  readonly name: string;
  /** Absolute path of the `.ts` file. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Beside our own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when it can do its work. */
  readonly healthUrl: string;
}

export interface RunningProcess {
  readonly name: string;
  model(): ProcessModel;
  /** Why it can't do its work now; `undefined` when it can. */
  trouble(): Promise<string | undefined>;
  /** Asks it to read its configuration again (SIGHUP). */
  hup(): void;
  stop(withinMs: number): Promise<void>;
}

export interface StartOptions {
  /** Its output goes to `<logs>/<name>.log`, which is bounded. */
  readonly logs: string;
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

const readyWithinMs = 60_000;
const pollMs = 50;
/** A start that has crashed so often will not come right by itself. */
const crashesAtStart = 3;

/**
 * Starts a part of the sample and waits until it is healthy. From then on it is started again whenever it dies.
 * @throws an Error with its last words when it does not come up; nothing of it is left then
 */
export async function startProcess(plan: ProcessPlan, options: StartOptions): Promise<RunningProcess> {
  const log = openLogFile(join(options.logs, `${plan.name}.log`));
  const seen: SupervisionEvent[] = [];
  let isUp = false;
  const child = supervise({
    name: plan.name,
    program: plan.program,
    args: plan.args ?? [],
    env: childEnv(plan.env),
    onOutput: (text) => log.write(text),
    onEvent(event) {
      if (!isUp) {
        seen.push(event);
        return;
      }
      const told = sampleEvent(event);
      if (told !== undefined) options.tell(told);
    },
  });
  void child.ended.then(() => log.close());
  try {
    await healthy(plan, { child, seen, signal: options.signal });
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
  isUp = true;
  options.tell({ event: 'process-started', name: plan.name, pid: child.pid ?? 0, restarts: 0 });
  return {
    name: plan.name,
    model: () => ({ name: plan.name, pid: child.pid, restarts: child.restarts }),
    trouble: () =>
      child.pid === undefined ? Promise.resolve(`${plan.name} is not running`) : troubleAt(plan),
    hup: () => void child.child?.kill('SIGHUP'),
    stop: (withinMs) => child.stop(withinMs),
  };
}

interface Starting {
  readonly child: Supervised;
  readonly seen: readonly SupervisionEvent[];
  readonly signal: AbortSignal;
}

async function healthy(plan: ProcessPlan, { child, seen, signal }: Starting): Promise<void> {
  let ending: string | undefined;
  void child.ended.then(({ detail }) => (ending = detail));
  for (const deadline = Date.now() + readyWithinMs; ; await delay(pollMs, undefined, { signal })) {
    const trouble = await troubleAt(plan);
    if (trouble === undefined) return;
    const crashes = seen.flatMap((event) => (event.kind === 'crashed' ? [event.detail] : []));
    const last = ending ?? (crashes.length >= crashesAtStart ? crashes.at(-1) : undefined);
    if (last !== undefined) throw new Error(`${plan.name} does not start: ${last}`);
    if (Date.now() > deadline)
      throw new Error(`${plan.name} was not ready within ${readyWithinMs / 1_000} s: ${trouble}`);
  }
}

async function troubleAt({ name, healthUrl }: ProcessPlan): Promise<string | undefined> {
  try {
    const answer = await fetch(healthUrl, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok ? undefined : `${name} answers ${answer.status} at ${healthUrl}`;
  } catch {
    return `${name} does not answer at ${healthUrl}`;
  }
}

function sampleEvent(event: SupervisionEvent): SampleEvent | undefined {
  const { name } = event;
  if (event.kind === 'started')
    return { event: 'process-started', name, pid: event.pid, restarts: event.restarts };
  if (event.kind === 'crashed')
    return { event: 'process-crashed', name, detail: event.detail, restartInMs: event.restartInMs };
  return event.ending.reason === 'gave-up'
    ? { event: 'process-given-up', name, detail: event.ending.detail }
    : undefined;
}
