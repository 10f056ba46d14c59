import { goalLine } from '../goals.ts';
import { machineLine } from '../machine.ts';
import { cellsOf } from './cells.ts';
import { notesOf, type Report } from './report.ts';

/** For the README: the same tables and lines. */
export function markdownReport(report: Report): string {
  const cases = report.results.map((result) => `**${result.bench.name}**\n\n${table(cellsOf(result))}`);
  return [
    `Measured by \`npm run bench:proxy\` on: ${machineLine(report.machine)}.\n`,
    ...cases,
    list(notesOf(report)),
    list(report.goals.map(goalLine)),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const rule = head.map((_cell, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...body].map((cells) => `| ${cells.map(escaped).join(' | ')} |\n`).join('');
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ');

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}\n`).join('');
}
