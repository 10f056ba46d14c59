import { goalLine, type Goal } from '../goals.ts';
import { machineLine } from '../machine.ts';
import { cellsOf } from './cells.ts';
import { notesOf, type Report } from './report.ts';

/** For the terminal. */
export function textReport(report: Report): string {
  const cases = report.results.map((result) => `${result.bench.name}\n${aligned(cellsOf(result))}`);
  return [
    `${machineLine(report.machine)}\n`,
    ...cases,
    ...notesOf(report).map((note) => `${note}\n`),
    goalLines(report.goals),
  ].join('\n');
}

function goalLines(goals: readonly Goal[]): string {
  return goals.map((goal) => `${goalLine(goal)}\n`).join('');
}

/** The first column is words and stands left, all others are figures and stand right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries())
      // A reason is as long as it likes, at the end of its line.
      if (!cell.startsWith('(') || index === 0) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows
    .map((row) => {
      const cells = row.map((cell, index) =>
        index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
      );
      const isOut = row[1] === 'out';
      return `  ${isOut ? `${cells[0]}  out ${row.at(-1)}` : cells.join('  ')}`.trimEnd();
    })
    .join('\n')
    .concat('\n');
}
