import { Command, Option } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Side } from '#flags/stages.ts';
import { ownerOf } from '#proxy/cutover/copy/owner.ts';
import { repair } from '#proxy/cutover/verify/repair.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import type { Difference, VerifyMode, VerifyReport } from '#proxy/cutover/verify/verify.types.ts';
import { recordVerification } from '#proxy/cutover/move/verified.ts';
import { configOption, usageError } from '../config-option.ts';
import { exitCodes, table } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, groupOption, migrationOption, type Chosen, type ChosenOptions } from './chosen.ts';
import { interruptible } from './interrupt.ts';
import { createProgress, durationText, progressForm } from './progress.ts';

interface VerifyCommandOptions extends ChosenOptions {
  readonly mode: VerifyMode;
  readonly owner?: Side;
  readonly output?: string;
  readonly values?: true;
}

interface RepairCommandOptions extends VerifyCommandOptions {
  readonly report?: string;
  readonly dryRun?: true;
}

export function verifyCommand(call: Call): Command {
  return base('verify', 'compare every row of both sides, by digests computed inside the databases')
    .option('-o, --output <file>', 'write the whole report there, for `banyan cutover repair --report`')
    .addHelpText('after', '\nExit code: 0 equal, 1 there are differences, 2 wrong call or configuration.')
    .action(async (options: VerifyCommandOptions) => {
      const chosen = chosenOf(options);
      const report = await verified(call, chosen, options);
      await recordVerification(chosen.plan, report);
      if (options.output !== undefined) writeFileSync(options.output, JSON.stringify(report, undefined, 2));
      call.output.out(
        options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report),
      );
      if (!report.equal) call.exitCode = exitCodes.failed;
    });
}

export function repairCommand(call: Call): Command {
  return base(
    'repair',
    'copy again from the owner what differs, and delete what it does not have; never over a newer change',
  )
    .option('--report <file>', 'differences of an earlier `verify --output`. Without it: verifies first')
    .option('--dry-run', 'say what would be done')
    .action(async (options: RepairCommandOptions) => {
      const chosen = chosenOf(options);
      const report =
        options.report === undefined ? await verified(call, chosen, options) : readReport(options.report);
      const differences = report.differences;
      const result = await interruptible((signal) =>
        repair({
          plan: chosen.plan,
          owner: report.owner,
          differences,
          dryRun: options.dryRun === true,
          signal,
        }),
      );
      if (result.failed.length > 0) call.exitCode = exitCodes.failed;
      if (options.json === true) {
        call.output.out(`${JSON.stringify(result, undefined, 2)}\n`);
        return;
      }
      const done = options.dryRun === true ? 'would be copied again' : 'copied again';
      call.output.out(
        `${result.repaired} rows ${done} (${result.deleted} of them deleted), ${result.equalAlready} equal by now, ${result.failed.length} not repaired.\n`,
      );
      for (const { difference, reason } of result.failed.slice(0, 20))
        call.output.out(`  ${difference.dataset} (${difference.key.join(', ')}): ${reason}\n`);
    });
}

function base(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .addOption(
      new Option(
        '--mode <mode>',
        'live: rows in flight are looked at again; snapshot: two cuts, for when nothing is written',
      )
        .choices(['live', 'snapshot'])
        .default('live'),
    )
    .addOption(
      new Option('--owner <side>', 'whose rows are right. Default: as the databases say').choices([
        'monolith',
        'service',
      ]),
    )
    .option('--values', 'quote the values that differ: they may be personal')
    .option('--json', 'print progress as JSON lines on standard error, and the result as JSON');
}

async function verified(
  call: Call,
  { plan, limits }: Chosen,
  options: VerifyCommandOptions,
): Promise<VerifyReport> {
  const owner = options.owner ?? (await ownerOf(plan));
  const progress = createProgress(call.output, progressForm(options.json));
  return interruptible((signal) =>
    verify({
      plan,
      owner,
      mode: options.mode,
      signal,
      settings: { workers: limits.workers, values: options.values === true ? 'shown' : 'hidden' },
      onProgress: ({ dataset, shards, shardsDone, rows }) =>
        progress.show({ what: dataset, done: shardsDone / Math.max(shards, 1), rows }),
    }),
  ).finally(() => progress.end());
}

export function reportText(report: VerifyReport): string {
  const rows = report.datasets.map(({ dataset, rows: owned, followerRows, shards, differences, moving }) =>
    [dataset, owned, followerRows, shards, moving, differences].map(String),
  );
  return [
    table([['DATASET', 'ROWS', 'OTHER SIDE', 'SHARDS', 'IN FLIGHT', 'DIFFERENCES'], ...rows]),
    ...report.differences.slice(0, 20).map(differenceText),
    ...(report.differences.length > 20
      ? [`… and ${report.differences.length - 20} more: --json or --output has them`]
      : []),
    '',
    `${report.equal ? 'Equal' : 'NOT equal'}, with the ${report.owner} as owner, in ${durationText(report.tookMs)}. ${report.certainty}`,
    '',
  ].join('\n');
}

function differenceText({ dataset, key, kind, columns, values }: Difference): string {
  const where = kind === 'differs' ? `differs in ${columns.join(', ')}` : kind;
  const quoted = values
    .filter(({ owner, follower }) => owner !== undefined || follower !== undefined)
    .map(({ column, owner, follower }) => `\n    ${column}: ${owner ?? 'null'} | ${follower ?? 'null'}`);
  return `  ${dataset} (${key.join(', ')}): ${where}${quoted.join('')}`;
}

function readReport(file: string): VerifyReport {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Partial<VerifyReport>;
    if (Array.isArray(report.differences) && (report.owner === 'monolith' || report.owner === 'service'))
      return report as VerifyReport;
  } catch {
    throw usageError(`${file} is no report; write one with: banyan cutover verify --output ${file}`);
  }
  throw usageError(`${file} is no report of banyan cutover verify`);
}
