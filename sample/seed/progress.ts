export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Seconds until the end at the speed so far; `undefined` in the first second. */
  readonly etaSeconds: number | undefined;
}

const shortestGapMs = 250;

/**
 * Adds up what is done and tells it, at most four times a second and at the end.
 * @param now milliseconds on a clock that only rises
 */
export function createProgress(
  total: number,
  tell: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): (more: number) => void {
  const startedAt = now();
  let done = 0;
  let toldAt = -Infinity;
  return (more) => {
    done += more;
    const at = now();
    if (done < total && at - toldAt < shortestGapMs) return;
    toldAt = at;
    const seconds = (at - startedAt) / 1_000;
    tell({ done, total, etaSeconds: seconds < 1 ? undefined : ((total - done) / done) * seconds });
  };
}
