/** What a benchmark of the copy holds itself to. */
export interface Goal {
  readonly what: string;
  readonly had: number;
  readonly wanted: number;
  readonly is: 'at least' | 'at most';
  /** `×`, `µs`, `ms`, `MiB`, `changes/s`. */
  readonly unit: string;
}

const mark = 'goal: ';

export function isMet({ had, wanted, is }: Goal): boolean {
  return is === 'at least' ? had >= wanted : had <= wanted;
}

/** `goal: backfill | 0.85 × | at least 0.6 × | met`; a goal that is missed makes the exit code 1. */
export function tellGoal(goal: Goal): void {
  const { what, had, wanted, is, unit } = goal;
  const met = isMet(goal);
  process.stdout.write(
    `${mark}${what} | ${numberText(had)} ${unit} | ${is} ${numberText(wanted)} ${unit} | ${met ? 'met' : 'MISSED'}\n`,
  );
  if (!met) process.exitCode = 1;
}

/** The cells of a line that `tellGoal` wrote; `undefined`: another line. */
export function goalCells(line: string): string[] | undefined {
  return line.startsWith(mark) ? line.slice(mark.length).split(' | ') : undefined;
}

function numberText(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
}
