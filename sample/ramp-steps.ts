import type { Stage } from '#flags/stages.ts';

/** What is done at a step beside moving the flags. */
export type RampWork = 'release' | 'complete';

export interface RampStep {
  readonly stage: Stage;
  /** Part of the user reads that the service answers, in percent. */
  readonly share: number;
  readonly work?: RampWork;
}

/**
 * Everything by the monolith, then written to both, then compared, then read from the service bit by bit. Then the data
 * move to the service, and all the way back: to the monolith, and to `off`, where nothing is copied any more. From there
 * forward again: copied anew, compared, and moved to the service.
 */
const thereAndBack: readonly RampStep[] = [
  { stage: 'off', share: 0 },
  { stage: 'dualwrite', share: 0 },
  ...[0, 1, 5, 10, 25, 50, 75, 100].map((share): RampStep => ({ stage: 'shadow', share })),
  { stage: 'live', share: 100 },
  { stage: 'rampdown', share: 100 },
  { stage: 'shadow', share: 100 },
  { stage: 'off', share: 0 },
  { stage: 'dualwrite', share: 0 },
  { stage: 'shadow', share: 100 },
  { stage: 'live', share: 100 },
  { stage: 'rampdown', share: 100 },
];

/** Then the monolith goes on without the users' tables, and the way back is given up. */
const toTheEnd: readonly RampStep[] = [
  { stage: 'rampdown', share: 100, work: 'release' },
  { stage: 'complete', share: 100, work: 'complete' },
];

/**
 * The ramp of a run.
 * @param platform where there is no SIGHUP (Windows), the proxy cannot be sent to a new release without a request lost, so
 *   that the ramp ends before it
 */
export function rampSteps(platform: NodeJS.Platform = process.platform): readonly RampStep[] {
  return platform === 'win32' ? thereAndBack : [...thereAndBack, ...toTheEnd];
}
