import type { Side, Stage } from '#flags/stages.ts';
import type { Places } from './live-model.ts';

/** What happens in a run, for people and (`--json`) for machines. */
export type SampleEvent =
  | { readonly event: 'starting'; readonly what: string }
  | {
      readonly event: 'seeding';
      readonly done: number;
      readonly total: number;
      readonly etaSeconds: number | undefined;
    }
  | { readonly event: 'ready'; readonly places: Places }
  | {
      readonly event: 'step';
      readonly step: number;
      readonly steps: number;
      readonly stage: Stage;
      readonly share: number;
    }
  | { readonly event: 'holding'; readonly reason: string }
  | {
      readonly event: 'moved';
      readonly to: Side;
      /** Buckets. */
      readonly moved: number;
      readonly pauseMs: number;
    }
  | { readonly event: 'rolled-back'; readonly reason: string }
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

const sentences: Sentences = {
  starting: ({ what }) => `starting ${what}`,
  seeding: ({ done, total, etaSeconds }) => {
    const left = etaSeconds === undefined || done === total ? '' : `, about ${Math.ceil(etaSeconds)} s left`;
    return `seeding: ${Math.floor((100 * done) / total)} %${left}`;
  },
  ready: ({ places }) => `ready: the proxy takes requests at ${places.proxyUrl}`,
  step: ({ step, steps, stage, share }) =>
    `step ${step} of ${steps}: stage ${stage}, ${share} % of the user reads go to the service`,
  holding: ({ reason }) => `holding: ${reason}`,
  moved: ({ to, pauseMs }) =>
    `the ${to} owns the data now; writes paused for ${pauseMs.toFixed(0)} ms at most`,
  'rolled-back': ({ reason }) => `rolled back to 0 %: ${reason}`,
  'ramp-complete': () => 'ramp complete: the service owns the users and answers all their reads',
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
