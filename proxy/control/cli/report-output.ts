import { Option } from 'commander';
import { partOf, wholeFrom } from './part-option.ts';
import type { Output } from './output.ts';
import { exitCodes } from './output.ts';
import { gate, type GateOptions } from '#proxy/shadow/report/gate.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { terminalReport } from '#proxy/shadow/report/terminal-report.ts';

/** Exit code where too little was compared to say anything: a pipeline must not take that for good. */
export const notEnoughCompared = 3;

export interface ReportOutput {
  readonly json?: boolean | undefined;
  readonly failOver?: number | undefined;
  readonly minCompared?: number | undefined;
}

export function failOverOption(): Option {
  return new Option('--fail-over <part>', 'exit 1 when a route differs in more, e.g. 0.1%').argParser(partOf);
}

export function minComparedOption(): Option {
  return new Option('--min-compared <n>', 'with --fail-over: pairs each route needs, else exit 3').argParser(
    wholeFrom(1, 1e12),
  );
}

/** Prints a report, judges it where asked, and says which exit code that makes. */
export function printReport(
  report: ShadowReport,
  { output, options }: { readonly output: Output; readonly options: ReportOutput },
): number {
  const columns = Math.min(process.stdout.columns ?? 80, 120);
  output.out(
    options.json === true
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : terminalReport(report, { color: hasColor(), columns: Math.max(60, columns) }),
  );
  return judge(report, { output, options });
}

export function judge(
  report: ShadowReport,
  { output, options }: { readonly output: Output; readonly options: ReportOutput },
): number {
  const { failOver, minCompared } = options;
  if (failOver === undefined) return exitCodes.ok;
  const wanted: GateOptions = { failOver, ...(minCompared === undefined ? {} : { minCompared }) };
  const { outcome, lines } = gate(report, wanted);
  for (const line of lines) output.error(`banyan: ${line}\n`);
  return codes[outcome];
}

const codes = { passed: exitCodes.ok, over: exitCodes.failed, 'not-enough': notEnoughCompared } as const;

/** Only where a person looks on; https://no-color.org is heard. */
export function hasColor(): boolean {
  const { NO_COLOR: none, TERM: terminal } = process.env;
  return process.stdout.isTTY && (none === undefined || none === '') && terminal !== 'dumb';
}

export const gateHelp = `
Exit codes: 0 well · 1 it failed, or a route is over --fail-over · 2 wrong call or configuration
            3 not enough compared to judge by --fail-over`;
