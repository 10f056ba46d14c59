import { printable } from '#shared/errors/printable.ts';
import type { FindingReport, RouteReport, ShadowReport, Verdict } from './report.types.ts';
import { sparkline } from './sparkline.ts';
import {
  coverageText,
  evidenceText,
  leftOutText,
  milliseconds,
  percent,
  placeText,
  rateText,
  sideNames,
  timeText,
  warnings,
  whole,
} from './words.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Default 80. */
  readonly columns?: number;
}

type Tone = 'bad' | 'warn' | 'good' | 'soft' | 'strong';

const codes: Readonly<Record<Tone, string>> = { bad: '31', warn: '33', good: '32', soft: '2', strong: '1' };
const escape = '\u001B';

interface Pen {
  (text: string, tone: Tone): string;
}

/** The report for a terminal: an overview of all routes, then each with its findings. Lines fit into `columns`. */
export function terminalReport(report: ShadowReport, { color, columns = 80 }: TerminalOptions): string {
  const pen: Pen = (text, tone) => (color ? `${escape}[${codes[tone]}m${text}${escape}[0m` : text);
  const { generatedAt, since, routes } = report;
  const covers = since === undefined ? 'all that is kept' : `since ${timeText(since)}`;
  const head = [
    `${pen('Shadow report', 'strong')}  ${pen(`${timeText(generatedAt)} UTC, ${covers}`, 'soft')}`,
    ...warnings(report).flatMap((warning) =>
      wrapped(warning, columns - 2).map((line, at) => pen(`${at === 0 ? '!' : ' '} ${line}`, 'warn')),
    ),
  ];
  const sections = routes.flatMap((route) => ['', ...section(route, { pen, columns })]);
  return [...head, ...(routes.length > 0 ? ['', ...overview(routes, pen)] : []), ...sections, '']
    .map((line) => line.trimEnd())
    .join('\n');
}

interface Canvas {
  readonly pen: Pen;
  readonly columns: number;
}

const nameWidth = 34;

function overview(routes: readonly RouteReport[], pen: Pen): string[] {
  const cells = (row: readonly [string, string, string, string, string]): [string, string] => {
    const [name, answered, compared, pairs, different] = row;
    return [
      `${shortened(name, nameWidth).padEnd(nameWidth)} ${answered.padEnd(11)} ${compared.padStart(8)} ${pairs.padStart(11)} `,
      different.padStart(11),
    ];
  };
  return [
    pen(cells(['ROUTE', 'ANSWERED BY', 'COMPARED', 'PAIRS', 'DIFFERENT']).join(''), 'soft'),
    ...routes.map((route) => {
      const { coverage, differenceRate } = route;
      const [left, right] = cells([
        `${route.migration}/${route.route}`,
        sideNames(route.primarySide).primary,
        coverage.part === undefined ? '–' : percent(coverage.part),
        whole(coverage.compared),
        differenceRate.rate === undefined ? '–' : percent(differenceRate.rate),
      ]);
      return left + pen(right, toneOf(route));
    }),
  ];
}

function toneOf({ coverage, differenceRate }: RouteReport): Tone {
  if (coverage.compared === 0) return 'warn';
  return (differenceRate.rate ?? 0) > 0 ? 'bad' : 'good';
}

function section(route: RouteReport, { pen, columns }: Canvas): string[] {
  const names = sideNames(route.primarySide);
  const { same, different, differentAtFirst, explained, raced, noiseSamples } = route;
  const failures = Object.entries(route.shadowFailures);
  const leftOut = leftOutText(route);
  const indented = (text: string): string[] => wrapped(text, columns - 2).map((line) => `  ${line}`);
  return [
    `${pen(printable(`${route.migration}/${route.route}`), 'strong')}  ${pen(`${names.primary} answered, ${names.shadow} shadowed`, 'soft')}`,
    ...indented(coverageText(route.coverage)),
    ...(route.coverage.compared === 0
      ? []
      : [
          `  same ${whole(same)}, different ${pen(`${whole(different)}: ${rateText(route.differenceRate)}`, toneOf(route))}`,
          ...indented(
            `expected or noise ${whole(explained + differentAtFirst - different)}, raced a write ${whole(raced)}, noise samples ${whole(noiseSamples)}`,
          ),
          ...latencyTable(route, pen),
        ]),
    ...(failures.length === 0
      ? []
      : indented(
          `the ${names.shadow} failed: ${failures.map(([code, count]) => `${printable(code)} ${whole(count)}×`).join(', ')}`,
        ).map((line) => pen(line, 'warn'))),
    ...route.findings.flatMap((finding) => findingLines(finding, { pen, columns })),
    ...(leftOut === undefined ? [] : indented(leftOut).map((line) => pen(line, 'soft'))),
  ];
}

function latencyTable({ latency, primarySide }: RouteReport, pen: Pen): string[] {
  const names = sideNames(primarySide);
  const row = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(10)}${cells.map((cell) => cell.padStart(10)).join('')}`;
  return [
    pen(row('latency', ['p50', 'p90', 'p99', 'longest']), 'soft'),
    ...(['primary', 'shadow'] as const).map((leg) => {
      const { p50, p90, p99, max } = latency[leg];
      const bars = sparkline(latency, leg);
      return `${row(names[leg], [p50, p90, p99, max].map(milliseconds))}  ${pen(bars, 'soft')}`;
    }),
  ];
}

const verdictTones: Readonly<Record<Verdict, Tone>> = {
  difference: 'bad',
  undecided: 'warn',
  noise: 'soft',
  expected: 'soft',
};
const verdictWidth = 12;

function findingLines(finding: FindingReport, { pen, columns }: Canvas): string[] {
  const { id, verdict, place, path, kind, pairs, pairRate, samples, expected } = finding;
  const names = sideNames(finding.primarySide);
  const room = columns - verdictWidth - 2;
  const where = shortened(placeText(place, path), room - kind.length - id.length - 4);
  const indent = ' '.repeat(verdictWidth + 2);
  const [sample] = samples;
  const each = Math.floor((room - names.primary.length - names.shadow.length - 6) / 2);
  const lines = [
    `  ${pen(verdict.padEnd(verdictWidth), verdictTones[verdict])}${where.padEnd(room - kind.length - id.length - 4)}  ${pen(kind, 'soft')}  ${pen(id, 'soft')}`,
    `${indent}${whole(pairs)}×, ${rateText(pairRate)}${pen(`; ${evidenceText(finding)}`, 'soft')}`,
  ];
  if (expected !== undefined) lines.push(`${indent}${pen(shortened(expected, room), 'soft')}`);
  else if (sample !== undefined && verdict !== 'noise')
    lines.push(
      `${indent}${pen(names.primary, 'soft')} ${shown(sample.primary, each)}  ${pen(names.shadow, 'soft')} ${shown(sample.shadow, each)}`,
    );
  return lines;
}

function shown(value: string | undefined, room: number): string {
  return value === undefined ? '(not there)' : shortened(value, room);
}

/** On one line and within `room` columns; the middle goes, since both ends of a path say most. */
export function shortened(text: string, room: number): string {
  const safe = printable(text);
  if (safe.length <= room) return safe;
  const left = Math.ceil((room - 1) / 2);
  return `${safe.slice(0, left)}…${safe.slice(safe.length - (room - 1 - left))}`;
}

function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of printable(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
