import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#shared/errors/message.ts';
import { lastWords } from './last-words.ts';
import { defaultRestartPolicy, restartDelayMs, type RestartPolicy } from './restart-policy.ts';

export interface SuperviseOptions {
  /** For events and messages: "user-service". */
  readonly name: string;
  /** Absolute path of the `.ts` or `.js` file that this Node runs. */
  readonly program: string;
  readonly args?: readonly string[];
  /** The child's whole environment. Default: a copy of ours. */
  readonly env?: NodeJS.ProcessEnv;
  readonly restart?: Partial<RestartPolicy>;
  /**
   * Starts the child in another way, e.g. as a cluster worker, with standard output and standard error piped. Default:
   * this Node runs `program` with an IPC channel and a process group of its own.
   */
  readonly fork?: () => ChildProcess;
  /** Called synchronously, for the first start before `supervise` returns; it must not throw. */
  readonly onEvent?: (event: SupervisionEvent) => void;
  /** Takes what the child writes. Without it standard output and standard error go to ours. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

export type SupervisionEvent =
  | { readonly kind: 'started'; readonly name: string; readonly pid: number; readonly restarts: number }
  | {
      readonly kind: 'crashed';
      readonly name: string;
      /** How it ended and its last words on standard error. */
      readonly detail: string;
      /** Milliseconds until the next start. */
      readonly restartInMs: number;
    }
  | { readonly kind: 'ended'; readonly name: string; readonly ending: Ending };

export interface Ending {
  /** `stopped`: as asked. `gave-up`: it crashed too often in a row, or with an exit code that a restart can't mend. */
  readonly reason: 'stopped' | 'gave-up';
  readonly detail: string;
}

export interface Supervised {
  readonly name: string;
  /** Of the running child; `undefined` between a crash and the restart, and after the end. */
  readonly pid: number | undefined;
  /** The running child, for messages to it. */
  readonly child: ChildProcess | undefined;
  /** Starts after the first. */
  readonly restarts: number;
  /**
   * SIGTERM, and SIGKILL after `withinMs` (default 15,000; 0 kills at once). Resolves when the child has ended. A second
   * call may shorten the time.
   */
  stop(withinMs?: number): Promise<void>;
  /** Settles once, when the child has ended and will not be started again. Never rejects. */
  readonly ended: Promise<Ending>;
}

const defaultStopMs = 15_000;
// A grandchild may hold the pipes open after the child's end; its last words are not waited for longer than this.
const pipeGraceMs = 250;

/**
 * Runs a program as a child process and starts it again after a crash or a SIGKILL, with a bounded back-off.
 *
 * The child has an IPC channel and a process group of its own: a Ctrl-C in the terminal reaches the parent alone, which
 * then stops its children in its own order; and when the parent is killed, the closed channel tells the child, which
 * must end by itself (`stopOnSignal` in lifetime.ts does).
 */
export function supervise(options: SuperviseOptions): Supervised {
  const { name, onEvent = () => undefined } = options;
  const policy: RestartPolicy = { ...defaultRestartPolicy, ...options.restart };
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let restarts = 0;

  async function keepAlive(): Promise<Ending> {
    for (let inARow = 0; ; restarts += 1) {
      const startedAt = performance.now();
      const life = start(options);
      child = life.child;
      if (child.pid !== undefined) onEvent({ kind: 'started', name, pid: child.pid, restarts });
      const end = await life.end;
      child = undefined;
      if (stopping.signal.aborted) return { reason: 'stopped', detail: end.detail };
      inARow = performance.now() - startedAt >= policy.steadyAfterMs ? 1 : inARow + 1;
      const final = end.code !== undefined && policy.finalExitCodes.includes(end.code);
      const restartInMs = final ? undefined : restartDelayMs(policy, inARow);
      if (restartInMs === undefined) return { reason: 'gave-up', detail: end.detail };
      onEvent({ kind: 'crashed', name, detail: end.detail, restartInMs });
      await delay(restartInMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return { reason: 'stopped', detail: end.detail };
    }
  }

  const ended = keepAlive();
  void ended.then((ending) => onEvent({ kind: 'ended', name, ending }));
  return {
    name,
    ended,
    get pid() {
      return child?.pid;
    },
    get child() {
      return child;
    },
    get restarts() {
      return restarts;
    },
    async stop(withinMs = defaultStopMs) {
      stopping.abort();
      child?.kill(withinMs > 0 ? 'SIGTERM' : 'SIGKILL');
      const kill = setTimeout(() => child?.kill('SIGKILL'), withinMs);
      await ended;
      clearTimeout(kill);
    },
  };
}

interface Life {
  readonly child: ChildProcess;
  /** Never rejects: a program that can't be started is a life that ended at once. */
  readonly end: Promise<{ readonly code: number | undefined; readonly detail: string }>;
}

function start(options: SuperviseOptions): Life {
  const { name, onOutput } = options;
  const child = options.fork?.() ?? spawnProgram(options);
  const words = lastWords(child.stderr);
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (onOutput === undefined) process.stdout.write(text);
    else onOutput(text, 'stdout');
  });
  child.stderr?.on('data', (text: string) => {
    if (onOutput === undefined) process.stderr.write(text);
    else onOutput(text, 'stderr');
  });
  return { child, end: lifeEnd(child, { name, words }) };
}

function spawnProgram({ program, args = [], env, onOutput }: SuperviseOptions): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    env: env ?? process.env,
    detached: process.platform !== 'win32',
    windowsHide: true,
    // Standard error always passes through us, since its end explains a crash.
    stdio: ['ignore', onOutput === undefined ? 'inherit' : 'pipe', 'pipe', 'ipc'],
  });
}

async function lifeEnd(
  child: ChildProcess,
  { name, words }: { readonly name: string; readonly words: () => string },
): Promise<{ code: number | undefined; detail: string }> {
  const closed = once(child, 'close').catch(() => undefined);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await Promise.race([closed, delay(pipeGraceMs, undefined, { ref: false })]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    const said = words();
    return { code: code ?? undefined, detail: `${name} ${how}${said === '' ? '' : `: ${said}`}` };
  } catch (cause) {
    return {
      code: undefined,
      detail: `${name} could not be started: ${messageOf(cause)}`,
    };
  }
}
