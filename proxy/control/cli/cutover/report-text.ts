import { otherSide } from '#proxy/cutover/plan.ts';
import { rowName } from '#proxy/cutover/row-name.ts';
import type { RepairReport } from '#proxy/cutover/verify/repair.types.ts';
import type { Difference, VerifyReport } from '#proxy/cutover/verify/verify.types.ts';
import { table } from '../output.ts';
import { durationText } from './progress.ts';
import { wrapped } from './wrap.ts';

const mostShown = 20;

/** Differences that were counted and that the report does not list. */
export function unlisted({ datasets, differences }: VerifyReport): number {
  return datasets.reduce((sum, one) => sum + one.differences, 0) - differences.length;
}

/** @param options.repairable whether what differs may be copied again. Default true */
export function reportText(
  report: VerifyReport,
  { repairable = true }: { readonly repairable?: boolean } = {},
): string {
  const { owner, equal, datasets, differences, certainty, tookMs } = report;
  const follower = otherSide(owner);
  const rows = datasets.map((one) =>
    [one.dataset, one.rows, one.followerRows, one.shards, one.moving, one.differences].map(String),
  );
  const heads = [
    'DATASET',
    owner.toUpperCase(),
    follower.toUpperCase(),
    'SHARDS',
    'IN FLIGHT',
    'DIFFERENCES',
  ];
  return [
    table([heads, ...rows]),
    ...differences.slice(0, mostShown).map((one) => differenceText(one, owner, follower)),
    ...beyond(report),
    ...unopened(report),
    `${equal ? 'Equal' : 'NOT equal'}, with the ${owner} as owner, in ${durationText(tookMs)}.`,
    ...(equal ? [wrapped(sentence(certainty), '')] : repairable ? next(report) : []),
    '',
  ].join('\n');
}

function differenceText(
  { dataset, key, kind, columns, values }: Difference,
  owner: string,
  follower: string,
): string {
  const where = {
    differs: `differs in ${columns.join(', ')} (${owner} | ${follower})`,
    missing: `missing on the ${follower}`,
    extra: `only on the ${follower}`,
  }[kind];
  const quoted = values
    .filter((value) => value.owner !== undefined || value.follower !== undefined)
    .map((value) => `\n    ${value.column}: ${value.owner ?? 'null'} | ${value.follower ?? 'null'}`);
  return `  ${dataset} ${rowName(key)}: ${where}${quoted.join('')}`;
}

function beyond(report: VerifyReport): string[] {
  const more = report.differences.length - mostShown;
  const others = unlisted(report);
  return [
    ...(more > 0
      ? [`  … and ${more.toLocaleString('en')} more in the report: --json or --output has them`]
      : []),
    ...(others > 0
      ? [`  … and ${others.toLocaleString('en')} more that were counted and are not listed`]
      : []),
    ...(report.differences.length > 0 ? [''] : []),
  ];
}

/** So many rows were in flight that not every shard was opened: nothing is wrong, and nothing is shown either. */
function unopened({ datasets }: VerifyReport): string[] {
  return datasets
    .filter(({ shardsUnopened }) => shardsUnopened > 0)
    .flatMap(({ dataset, shardsUnopened, shardsDiffer }) => [
      wrapped(
        `${dataset}: ${shardsUnopened} of ${shardsDiffer} shards that differ were not opened, since too many rows differ or are in flight. Where the other side lies behind, wait until "banyan cutover status" has little to carry, and verify again.`,
        '',
      ),
      '',
    ]);
}

function next({ differences }: VerifyReport): string[] {
  return differences.length === 0
    ? []
    : [
        'Next: banyan cutover repair --dry-run; why a change could not be applied: banyan cutover parked list',
      ];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

export function repairText(report: VerifyReport, result: RepairReport): string {
  const { dryRun, repaired, deleted, equalAlready, failed } = result;
  const others = unlisted(report);
  const done = dryRun ? 'would be' : repaired === 1 ? 'was' : 'were';
  if (report.differences.length === 0 && others === 0)
    return 'Nothing differs, so there is nothing to repair.\n';
  return [
    ...(dryRun
      ? report.differences.slice(0, mostShown).map(({ dataset, key, kind }) => {
          const what = kind === 'extra' ? 'delete' : kind === 'missing' ? 'copy' : 'copy again';
          return `  ${dataset} ${rowName(key)}: ${what}`;
        })
      : []),
    ...(dryRun && report.differences.length > mostShown
      ? [`  … and ${(report.differences.length - mostShown).toLocaleString('en')} more`]
      : []),
    `${rowsText(repaired)} ${done} brought to what the ${report.owner} has (${deleted} of them deleted), ${equalAlready} equal by now, ${failed.length} not repaired.`,
    ...failed
      .slice(0, mostShown)
      .map(({ difference, reason }) =>
        wrapped(`${difference.dataset} ${rowName(difference.key)}: ${reason}`, '  '),
      ),
    ...(others > 0 ? [`${rowsText(others)} more differ than one run takes: run it again.`] : []),
    '',
  ].join('\n');
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${rows.toLocaleString('en')} rows`;
}
