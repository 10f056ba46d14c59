/** Where the commands write; tests give their own. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export const terminal: Output = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
};

/** Exit codes: 0 well, 1 it failed while running, 2 wrong call or configuration. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Columns, aligned by the widest cell; no trailing blanks. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
