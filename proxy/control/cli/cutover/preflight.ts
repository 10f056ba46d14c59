import { Command, InvalidArgumentError } from 'commander';
import { preflight } from '#proxy/cutover/preflight/preflight.ts';
import {
  severities,
  type PreflightReport,
  type Remark,
  type Severity,
} from '#proxy/cutover/preflight/remark.types.ts';
import { configOption } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, groupOption, migrationOption, type ChosenOptions } from './chosen.ts';
import { wrapped } from './wrap.ts';

const titles: Readonly<Record<Severity, string>> = {
  error: 'ERRORS: the copy can’t be right before these are mended',
  warning: 'WARNINGS: it can, if what is said here holds',
  note: 'NOTES',
};

export function preflightCommand(call: Call): Command {
  return new Command('preflight')
    .description(
      'read both databases and tell everything that stands in the way of a copy; it writes nothing',
    )
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .option(
      '--sample <rows>',
      'rows of each table that are taken through the mapping and back',
      rowsOf,
      1_000,
    )
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 without errors, 1 with errors, 2 for a wrong call or configuration.',
    )
    .action(async (options: ChosenOptions & { readonly sample: number }) => {
      const { plan } = chosenOf(options);
      const report = await preflight(plan, { sampleRows: options.sample });
      call.output.out(
        options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report),
      );
      if (report.remarks.some(({ severity }) => severity === 'error')) call.exitCode = exitCodes.failed;
    });
}

export function reportText({ migration, remarks, datasets, rowsTried, tookMs }: PreflightReport): string {
  const sections = severities.flatMap((severity) => {
    const own = remarks.filter((remark) => remark.severity === severity);
    return own.length === 0 ? [] : [`${titles[severity]} (${own.length})`, '', ...own.map(remarkText)];
  });
  const count = (severity: Severity): number =>
    remarks.filter((remark) => remark.severity === severity).length;
  const verdict =
    count('error') > 0
      ? 'not ready: mend the errors and run this again.'
      : 'ready: banyan cutover install, then the stage dualwrite.';
  return [
    ...sections,
    `${migration}: ${counted(datasets, 'dataset')}, ${counted(rowsTried, 'row')} taken there and back, ${(tookMs / 1_000).toFixed(1)} s; ` +
      `${counted(count('error'), 'error')}, ${counted(count('warning'), 'warning')}, ${counted(count('note'), 'note')}.`,
    `It is ${verdict}`,
    '',
  ].join('\n');
}

function counted(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`;
}

function remarkText({ side, place, code, message, remedy }: Remark): string {
  return [
    `  ${side === undefined ? 'both' : side}: ${place}  [${code}]`,
    wrapped(message, '    '),
    wrapped(`→ ${remedy}`, '    '),
    '',
  ].join('\n');
}

function rowsOf(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows >= 0 && rows <= 100_000) return rows;
  throw new InvalidArgumentError('Write a whole number from 0 to 100000.');
}
