import { stageTable } from '#flags/stages.ts';
import type { Status } from '#proxy/control/status.ts';
import type { Sample } from './bring-up.ts';
import { copyNotDropped, copyNotReady, copyOf } from './copy-state.ts';
import type { SampleEvent } from './events.ts';
import { applyStep } from './flag-moves.ts';
import { notMovedYet, ownershipOf } from './ownership-look.ts';
import { createRamp, type Ramp } from './ramp.ts';
import type { RampStep } from './ramp-steps.ts';
import type { ReadCounter } from './read-counter.ts';
import type { Release } from './release/release.ts';

export interface SampleRampOptions {
  readonly sample: Sample;
  readonly steps: readonly RampStep[];
  /** Milliseconds. */
  readonly stepMs: number;
  readonly release: Release;
  readonly reads: ReadCounter;
  readonly status: () => Promise<Status | undefined>;
  /** User requests that have failed since the start. */
  readonly failures: () => number;
  readonly tell: (event: SampleEvent) => void;
  readonly signal: AbortSignal;
}

/** The copy at `--scale 1` is through long before. */
const copyLimitMs = 3 * 3_600_000;

/** The ramp of the sample: each step by the flags, and by what must be done beside them. */
export function sampleRamp(options: SampleRampOptions): Ramp {
  const { sample, steps, stepMs, release, reads, status, failures, tell, signal } = options;
  const { migration, places } = sample;

  async function apply(step: RampStep): Promise<void> {
    if (step.work === 'release') await release.release();
    // Right before the end, since what is completed can't be repaired from the other side any more.
    if (step.work === 'complete') await release.verify();
    await applyStep({ file: places.flagFile, migration, status }, step);
    if (step.work === 'complete') await release.complete();
    if (step === steps.at(-1)) reads.mark(await status());
  }

  async function trouble(next: RampStep, now: RampStep | undefined): Promise<string | undefined> {
    const found = await status();
    const copy = copyOf(found, migration.name);
    const needsCopy =
      next.work === 'complete' || (stageTable[next.stage].copied !== 'no' && next.stage !== 'dualwrite');
    const reason =
      notMovedYet(ownershipOf(found, migration.name), now?.stage ?? 'off') ??
      (now?.stage === 'off' ? copyNotDropped(copy) : undefined) ??
      (needsCopy ? copyNotReady(copy) : undefined);
    if (reason !== undefined) return reason;
    const troubles = await Promise.all(sample.processes().map((process) => process.trouble()));
    return troubles.find((one) => one !== undefined);
  }

  return createRamp({
    steps,
    stepMs,
    holdLimitMs: copyLimitMs,
    apply,
    trouble,
    failures,
    isFinal: () => release.model().complete,
    tell,
    signal,
  });
}
