import { z } from 'zod';
import type { SampleEvent } from '#sample/events.ts';
import type { CommandEnd } from './banyan-command.ts';
import type { ReleaseModel, ReleaseStep, ReleaseStepDone } from './release-model.ts';

export interface ReleaseOptions {
  /** Of the monolith's database when the run began. */
  readonly foreignKeys: number;
  /** Starts the new release beside the old one, and resolves when it is healthy. */
  readonly startNew: () => Promise<void>;
  /** Takes away the foreign keys of what stays. */
  readonly dropKeys: () => Promise<void>;
  /** Lets the proxy send to the new release, and to it alone from the moment at which this resolves. */
  readonly switchProxy: () => Promise<void>;
  readonly stopOld: () => Promise<void>;
  /** `banyan cutover verify --json` */
  readonly verify: () => Promise<CommandEnd>;
  /** `banyan cutover complete --yes --no-way-back --json` */
  readonly complete: () => Promise<CommandEnd>;
  /** The longest latency of users' requests since the last call, milliseconds; `undefined` without any. */
  readonly longest: () => number | undefined;
  readonly tell: (event: SampleEvent) => void;
}

/** What must happen to the monolith before the way back can be given up. Each can be done again after it failed midway. */
export interface Release {
  model(): ReleaseModel;
  /**
   * The new release beside the old one; the foreign keys, which neither needs; all requests to the new one; the old one
   * ends. Until the completion the data may go back all the same: the new release asks through the proxy, which knows the
   * owner.
   */
  release(): Promise<void>;
  /** @throws an Error where the two sides differ, or cannot be compared */
  verify(): Promise<void>;
  /** @throws an Error that names what stands in the way */
  complete(): Promise<void>;
}

const refusal = z.object({ obstacles: z.array(z.string()) });
const verifyReport = z.object({ equal: z.boolean(), datasets: z.array(z.object({ rows: z.number() })) });

export function createRelease(options: ReleaseOptions): Release {
  const { tell, longest } = options;
  let done: ReleaseStepDone[] = [];
  let verifiedRows: number | undefined;

  const isDone = (step: ReleaseStep): boolean => done.some((one) => one.step === step);

  async function timed(step: ReleaseStep, work: () => Promise<void>): Promise<void> {
    longest();
    const began = performance.now();
    await work();
    const now: ReleaseStepDone = { step, tookMs: performance.now() - began, longestMs: longest() };
    done = [...done.filter((one) => one.step !== step), now];
    tell({ event: 'release', ...now });
  }

  async function onceOnly(step: ReleaseStep, work: () => Promise<void>): Promise<void> {
    if (!isDone(step)) await timed(step, work);
  }

  return {
    model: () => ({
      monolith: isDone('old-release-stopped') ? 'new' : isDone('new-release') ? 'both' : 'old',
      foreignKeys: isDone('foreign-keys') ? 0 : options.foreignKeys,
      verifiedRows,
      complete: isDone('complete'),
      done,
    }),
    async release() {
      await onceOnly('new-release', options.startNew);
      await onceOnly('foreign-keys', options.dropKeys);
      await onceOnly('proxy-switched', options.switchProxy);
      await onceOnly('old-release-stopped', options.stopOld);
    },
    verify: () =>
      timed('verified', async () => {
        const end = await options.verify();
        const report = parsed(verifyReport, end.out);
        if (report === undefined) throw commandError('verify', end);
        if (!report.equal) throw new Error('banyan cutover verify: the two sides differ');
        verifiedRows = report.datasets.reduce((sum, { rows }) => sum + rows, 0);
      }),
    complete: () =>
      onceOnly('complete', async () => {
        const end = await options.complete();
        if (end.code === 0) return;
        const obstacles = parsed(refusal, end.out)?.obstacles;
        throw commandError('complete', end, obstacles?.join('; '));
      }),
  };
}

function parsed<Shape extends z.ZodType>(shape: Shape, text: string): z.output<Shape> | undefined {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function commandError(name: string, { code, said }: CommandEnd, obstacles?: string): Error {
  const why = obstacles ?? said.trim().replace(/^banyan: /, '');
  return new Error(`banyan cutover ${name}: ${why === '' ? `it ended with exit code ${code}` : why}`);
}
