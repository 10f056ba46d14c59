/**
 * Tests that can run for long: `npm run soak` sets how much and shows how far they are; without it they run in a
 * short form and say nothing.
 */
const seconds = (name: string): number => Number(process.env[name] ?? Infinity);
const showEveryMs = 3_000;

/** fast-check does not wait for the case that it interrupts, so ours return at once for this long before that. */
const interruptLaterMs = 3_000;

/** Cases of a property, by `FUZZ_RUNS`; `FUZZ_SECONDS` bounds each property, whose cases must ask `Progress.over`. */
export function fuzzParameters(usualRuns: number): { numRuns: number; interruptAfterTimeLimit?: number } {
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? usualRuns);
  const limit = seconds('FUZZ_SECONDS');
  return limit === Infinity
    ? { numRuns }
    : { numRuns, interruptAfterTimeLimit: limit * 1_000 + interruptLaterMs };
}

/** Milliseconds for jest, far beyond what the cases take. */
export function longTimeout(cases: number): number {
  return Math.max(120_000, cases * 60);
}

export interface Progress {
  /** How many there were. */
  readonly count: number;
  /** The time is up: what is left need not be done. */
  readonly over: boolean;
  step(): void;
  /** As many steps as bring the count there. */
  reach(count: number): void;
  /** The last line: what was done in which time. */
  end(): void;
}

/** Counts, and with `SHOW_PROGRESS` prints a line with the time left every few seconds. */
export function showProgress(options: {
  readonly what: string;
  readonly total: number;
  /** Seconds after which the work is broken off. */
  readonly within?: number;
  readonly detail?: () => string;
}): Progress {
  const { what, total, detail = () => '' } = options;
  const within = options.within ?? seconds('FUZZ_SECONDS');
  const shown = process.env['SHOW_PROGRESS'] !== undefined;
  const startedAt = performance.now();
  let shownAt = startedAt;
  let count = 0;
  const print = (rest: (passed: number) => string): void => {
    const passed = (performance.now() - startedAt) / 1_000;
    const rate = Math.round(count / passed);
    process.stderr.write(`${what}: ${count} of ${total}, ${rate}/s, ${rest(passed)}${detail()}\n`);
  };
  const counted = (now: number): void => {
    count = now;
    if (!shown || count === 0 || performance.now() - shownAt < showEveryMs) return;
    shownAt = performance.now();
    print((passed) => {
      const left = Math.min(((total - count) / count) * passed, within - passed);
      return `ETA ${Math.max(0, Math.round(left))} s`;
    });
  };
  return {
    get count() {
      return count;
    },
    get over() {
      return performance.now() - startedAt > within * 1_000;
    },
    step: () => counted(count + 1),
    reach: (now) => counted(Math.max(count, now)),
    end() {
      if (shown) print((passed) => `done in ${Math.round(passed)} s`);
    },
  };
}
