import type { Side, Stage } from '#flags/stages.ts';
import type { Places } from './live-model.ts';
import type { RampWork } from './ramp-steps.ts';
import type { ReleaseStep, ReleaseStepDone } from './release/release-model.ts';

/** What happens in a run, for people and (`--json`) for machines. */
export type SampleEvent =
  | { readonly event: 'starting'; readonly what: string }
  | {
      readonly event: 'seeding';
      readonly done: number;
      readonly total: number;
      readonly etaSeconds: number | undefined;
    }
  /** An earlier run has completed the migration. */
  | { readonly event: 'begun-anew' }
  | { readonly event: 'ready'; readonly places: Places }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly steps: number;
      readonly stage: Stage;
      readonly share: number;
      readonly work?: RampWork;
    }
  | ({ readonly event: 'release' } & ReleaseStepDone)
  | { readonly event: 'holding'; readonly reason: string }
  | {
      readonly event: 'moved';
      readonly to: Side;
      /** Buckets. */
      readonly moved: number;
      readonly pauseMs: number;
    }
  | { readonly event: 'rolled-back'; readonly reason: string }
  /** User requests failed when nothing could be taken back any more. */
  | { readonly event: 'no-way-back'; readonly reason: string }
  | { readonly event: 'ramp-complete' }
  | { readonly event: 'request-failed'; readonly what: string }
  | {
      readonly event: 'process-started';
      readonly name: string;
      readonly pid: number;
      readonly restarts: number;
    }
  | {
      readonly event: 'process-crashed';
      readonly name: string;
      readonly detail: string;
      readonly restartInMs: number;
    }
  | { readonly event: 'proxy-restarted' }
  | { readonly event: 'process-given-up'; readonly name: string; readonly detail: string }
  | {
      readonly event: 'flags';
      readonly state: 'current' | 'stale' | 'never-loaded';
      readonly lastError: string | undefined;
      readonly firstProblem: string | undefined;
    }
  | { readonly event: 'stopping'; readonly what: string };

type Sentences = {
  readonly [K in SampleEvent['event']]: (event: Extract<SampleEvent, { event: K }>) => string;
};

/** From `complete` on. */
export const whyNoWayBack = 'since the migration is complete: the monolith gets no copy any more';

const works: Readonly<Record<RampWork, string>> = {
  release: "the monolith's new release does without the users' tables",
  complete: 'the way back is given up',
};

const releaseSteps: Readonly<Record<ReleaseStep, string>> = {
  'new-release': "the monolith's new release runs beside the old one, and asks the proxy about users",
  'foreign-keys': "no foreign key of the monolith needs the users' tables any more",
  'proxy-switched': 'the proxy sends all that stays to the new release',
  'old-release-stopped': 'the old release of the monolith has ended',
  verified: 'every row of both sides was compared once more: equal',
  complete: 'complete: the stream back has ended, the service stands alone',
};

const sentences: Sentences = {
  starting: ({ what }) => `starting ${what}`,
  seeding: ({ done, total, etaSeconds }) => {
    const left = etaSeconds === undefined || done === total ? '' : `, about ${Math.ceil(etaSeconds)} s left`;
    return `seeding: ${Math.floor((100 * done) / total)} %${left}`;
  },
  'begun-anew': () => 'an earlier run has completed the migration here, for good: all its data are made anew',
  ready: ({ places }) =>
    `ready: the proxy takes requests at ${places.proxyUrl}; steer it with banyan --env-from ${places.envFile}`,
  step: ({ step, steps, stage, share, work }) =>
    `step ${step} of ${steps}: stage ${stage}, ${work === undefined ? `${share} % of the user reads go to the service` : works[work]}`,
  release: ({ step, tookMs, longestMs }) =>
    `${releaseSteps[step]} (took ${(tookMs / 1_000).toFixed(1)} s${longestMs === undefined ? '' : `; no request waited longer than ${longestMs.toFixed(0)} ms`})`,
  holding: ({ reason }) => `holding: ${reason}`,
  moved: ({ to, pauseMs }) =>
    `the ${to} owns the data now; writes paused for ${pauseMs.toFixed(0)} ms at most`,
  'rolled-back': ({ reason }) => `rolled back to 0 %: ${reason}`,
  'no-way-back': ({ reason }) => `${reason}; nothing is taken back, ${whyNoWayBack}`,
  'ramp-complete': () => 'ramp through: the users are the service’s, all of them, for good',
  'request-failed': ({ what }) => `a user request failed: ${what}`,
  'process-started': ({ name, pid, restarts }) =>
    `${name} runs${restarts === 0 ? '' : ' again'} as process ${pid}`,
  'process-crashed': ({ detail, restartInMs }) => `${detail}; it starts again in ${restartInMs} ms`,
  'proxy-restarted': () => 'the proxy answers again, as a new process',
  'process-given-up': ({ detail }) => `${detail}; it is not started again`,
  flags: ({ state, lastError }) =>
    state === 'current'
      ? 'the flag file is in force'
      : `the flag file cannot be used, the last good flags stay in force: ${lastError ?? 'it is gone'}`,
  stopping: ({ what }) => `stopping ${what}`,
};

/** One line for people, without a full stop. */
export function sentence(event: SampleEvent): string {
  // The table has for each kind of event the function that takes just that kind.
  return (sentences[event.event] as (event: SampleEvent) => string)(event);
}
