/** How far the copy of one dataset is. */
export interface Progress {
  readonly dataset: string;
  /** Rows read by now, with those of earlier processes of the same run. */
  readonly rows: number;
  /** Rows in all, as far as is known: from statistics first, corrected by what was walked along. */
  readonly estimated: number;
  /** Over about the last ten seconds. */
  readonly rowsPerSecond: number;
  /** `undefined` until a rate is known. */
  readonly etaMs: number | undefined;
  readonly parked: number;
}

interface Mark {
  readonly at: number;
  readonly rows: number;
}

const windowMs = 10_000;

/** Rate over a sliding window; a time is given in, so that it can be tested without waiting. */
export function createRate() {
  let marks: Mark[] = [];
  return {
    add(mark: Mark): void {
      marks.push(mark);
      // One mark from before the window stays, so that it is covered wholly.
      const from = marks.findLastIndex(({ at }) => at <= mark.at - windowMs);
      if (from > 0) marks = marks.slice(from);
    },
    perSecond(): number {
      const [first, last] = [marks[0], marks.at(-1)];
      if (first === undefined || last === undefined || last.at <= first.at) return 0;
      return ((last.rows - first.rows) * 1000) / (last.at - first.at);
    },
  };
}

export function etaOf(rowsLeft: number, rowsPerSecond: number): number | undefined {
  return rowsPerSecond > 0 ? Math.round((Math.max(0, rowsLeft) * 1000) / rowsPerSecond) : undefined;
}
