import { Command, Option } from 'commander';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { Side } from '#flags/stages.ts';
import type { CopyFacts } from '#proxy/cutover/copy/facts.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { repair } from '#proxy/cutover/verify/repair.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import type { VerifyMode, VerifyReport } from '#proxy/cutover/verify/verify.types.ts';
import { needsCopy } from '#proxy/cutover/move/needs-copy.ts';
import { recordVerification } from '#proxy/cutover/move/verified.ts';
import { codeOf } from '#shared/errors/code.ts';
import { configOption, usageError } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, groupOption, migrationOption, type Chosen, type ChosenOptions } from './chosen.ts';
import { interruptible } from './interrupt.ts';
import { createProgress, progressForm } from './progress.ts';
import { assertNotOver, overSince } from './over.ts';
import { readyCopy } from './ready.ts';
import { repairText, reportText, unlisted } from './report-text.ts';

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
      // Before the work: it may take an hour.
      if (options.output !== undefined) mustBeWritable(options.output);
      const report = await verified(call, chosen, options);
      await recordVerification(chosen.plan, report);
      const over = await overSince(chosen.plan);
      if (over !== undefined) call.output.error(`banyan: ${over}, so whatever was written since differs\n`);
      if (options.output !== undefined) writeFileSync(options.output, JSON.stringify(report, undefined, 2));
      call.output.out(
        options.json === true
          ? `${JSON.stringify(report, undefined, 2)}\n`
          : reportText(report, { repairable: over === undefined }),
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
      const given = options.report === undefined ? undefined : readReport(options.report);
      await readyCopy(chosen.plan);
      await assertNotOver(chosen.plan);
      const report = given ?? (await verified(call, chosen, options, mostRepaired));
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
      // A report lists a bounded number, so there may be more than was repaired.
      if (result.failed.length > 0 || (options.dryRun !== true && unlisted(report) > 0))
        call.exitCode = exitCodes.failed;
      if (options.json === true) {
        call.output.out(`${JSON.stringify(result, undefined, 2)}\n`);
        return;
      }
      call.output.out(repairText(report, result));
    });
}

/** Differing rows of one dataset that are listed, and that one repair takes at once. */
const mostListed = 1_000;
const mostRepaired = 10_000;

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
  maxDifferences = mostListed,
): Promise<VerifyReport> {
  const { owner: found, facts } = await readyCopy(plan);
  const owner = options.owner ?? found;
  const over = await overSince(plan);
  if (over !== undefined) call.output.error(`banyan: ${over}, so whatever was written since differs\n`);
  // A side that owned the data before has all of it, with no backfill at all.
  const isUnfilled = await needsCopy(plan, otherSide(owner));
  const unfilled = isUnfilled ? unfilledDatasets(facts, otherSide(owner)) : [];
  if (unfilled.length > 0)
    call.output.error(
      `banyan: no backfill of ${unfilled.join(', ')} is complete, so rows will be missing: banyan cutover status\n`,
    );
  const progress = createProgress(call.output, progressForm(options.json));
  return interruptible((signal) =>
    verify({
      plan,
      owner,
      mode: options.mode,
      signal,
      settings: {
        workers: limits.workers,
        maxDifferences,
        values: options.values === true ? 'shown' : 'hidden',
      },
      onProgress: ({ dataset, shards, shardsDone, rows }) =>
        progress.show({ what: dataset, done: shardsDone / Math.max(shards, 1), rows }),
    }),
  ).finally(() => progress.end());
}

function mustBeWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (cause) {
    throw usageError(`${file} cannot be written (${codeOf(cause) ?? 'unknown'}); name another with --output`);
  }
}

function readReport(file: string): VerifyReport {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Partial<VerifyReport>;
    if (Array.isArray(report.differences) && (report.owner === 'monolith' || report.owner === 'service'))
      return report as VerifyReport;
  } catch (cause) {
    const what = codeOf(cause) === 'ENOENT' ? 'there is no file' : 'this is no report:';
    throw usageError(`${what} ${file}; write one with: banyan cutover verify --output ${file}`);
  }
  throw usageError(`${file} is no report of banyan cutover verify`);
}

function unfilledDatasets(facts: readonly CopyFacts[], follower: Side): string[] {
  return facts
    .filter(({ side }) => side === follower)
    .flatMap(({ datasets }) => datasets.filter(({ run }) => run !== 'closed').map(({ dataset }) => dataset));
}
