import { Command, Option } from 'commander';
import { userInfo } from 'node:os';
import type { Side } from '#flags/stages.ts';
import { isMoveRefused, moveBuckets, openPools, usualBounds, usualLateMs } from '#proxy/cutover/move/move.ts';
import type { MoveReport } from '#proxy/cutover/move/move.types.ts';
import { precheck } from '#proxy/cutover/move/precheck.ts';
import { closePools } from '#proxy/cutover/move/wanted.ts';
import { dropNewWishes, noteWishes } from '#proxy/cutover/move/wishes.ts';
import type { CutoverPlan, GroupPlan } from '#proxy/cutover/plan.types.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { silentLog } from '#proxy/control/configured-flags.ts';
import { configOption } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenBuckets, withinMs } from './buckets.ts';
import { chosenOf, groupOption, migrationOption, type ChosenOptions } from './chosen.ts';
import { interruptible } from './interrupt.ts';
import { readyCopy } from './ready.ts';
import { durationText } from './progress.ts';

export interface MoveCommandOptions extends ChosenOptions {
  readonly to: Side;
  readonly buckets?: string;
  readonly share?: string;
  readonly key?: readonly string[];
  readonly within: string;
  readonly dryRun?: true;
  readonly unverified?: true;
}

export function moveCommand(call: Call): Command {
  return new Command('move')
    .description('hand data over to a side, fenced, bucket by bucket; back is the same command the other way')
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .addOption(
      new Option('--to <side>', 'who writes then').choices(['monolith', 'service']).makeOptionMandatory(),
    )
    .option('--buckets <list>', 'only these of a group of 256, e.g. 0-15,200')
    .option('--share <percent>', 'the first so many of a group of 256; a larger share only adds buckets')
    .option('--key <values...>', 'the bucket of this partition key, its columns in their order')
    .option(
      '--within <time>',
      'an undrained move is undone after it, and the old owner writes on',
      `${usualBounds.withinMs / 1_000}s`,
    )
    .option('--dry-run', 'print each step with its estimate and change nothing')
    .option('--unverified', 'also without a clean comparison of both sides')
    .option('--json', 'print as JSON')
    .addHelpText('after', explained)
    .action((options: MoveCommandOptions) => run(call, options));
}

const explained = `
A bucket's writes wait from the fence to the commit, some milliseconds. The mover keeps what is moved here until the flag
goes back from its stage, or to one that writes elsewhere. Streams must run: "banyan run", or "banyan mover".`;

async function run(call: Call, options: MoveCommandOptions): Promise<void> {
  const { plan } = chosenOf(options);
  const bounds = { withinMs: withinMs(options.within) };
  await readyCopy(plan);
  const reports: MoveReport[] = [];
  try {
    for (const group of plan.groups) {
      const buckets = await chosenBuckets(plan, group, options);
      if (options.dryRun === true) {
        await dryRun(call, { plan, group, buckets, options });
        continue;
      }
      await noteWish(plan, { group, buckets, to: options.to });
      const report = await interruptible((signal) =>
        moveBuckets({
          plan,
          group: group.name,
          to: options.to,
          buckets,
          by: operator(),
          log: silentLog(),
          bounds,
          checks: options.unverified === true ? 'safe' : 'all',
          signal,
        }),
      );
      reports.push(report);
      if (options.json !== true) call.output.out(reportText(report));
      if (report.outcomes.some(({ end }) => end !== 'moved')) call.exitCode = exitCodes.failed;
    }
  } catch (error) {
    if (!isMoveRefused(error)) throw error;
    call.output.error(
      `Nothing was moved:\n${error.obstacles.map(({ code, message }) => `  ${code}: ${message}\n`).join('')}`,
    );
    call.exitCode = exitCodes.failed;
    await forgetWishes(plan);
  }
  if (options.json === true && options.dryRun !== true)
    call.output.out(`${JSON.stringify({ migration: plan.migration, reports }, undefined, 2)}\n`);
}

/** Who calls, for the audit. */
export function operator(): string {
  return `command of ${userInfo().username}`;
}

async function noteWish(
  plan: CutoverPlan,
  {
    group,
    buckets,
    to,
  }: { readonly group: GroupPlan; readonly buckets: readonly number[]; readonly to: Side },
): Promise<void> {
  const pools = openPools(plan, 1);
  try {
    await noteWishes(pools.monolith, { group: group.name, buckets, to, by: operator() });
  } finally {
    await closePools(pools);
  }
}

/** What was refused is not tried on by the mover. */
async function forgetWishes(plan: CutoverPlan): Promise<void> {
  const pools = openPools(plan, 1);
  try {
    for (const { name } of plan.groups) await dropNewWishes(pools.monolith, name);
  } finally {
    await closePools(pools);
  }
}

async function dryRun(
  { output }: Call,
  {
    plan,
    group,
    buckets,
    options,
  }: {
    readonly plan: CutoverPlan;
    readonly group: GroupPlan;
    readonly buckets: readonly number[];
    readonly options: MoveCommandOptions;
  },
): Promise<void> {
  const { to } = options;
  const from = otherSide(to);
  const pools = openPools(plan, 1);
  try {
    const verified = options.unverified !== true;
    const began = performance.now();
    await Promise.all([pools[from].query('select 1'), pools[to].query('select 1')]);
    const trip = performance.now() - began;
    const found = await precheck({ pools, group: group.name, to, buckets, verified, lateMs: usualLateMs });
    const carried = found.carriedMs === undefined ? 'unknown' : `about ${durationText(found.carriedMs)}`;
    if (options.json === true) {
      output.out(
        `${JSON.stringify({ group: group.name, to, buckets, ...found, roundTripMs: trip }, undefined, 2)}\n`,
      );
      return;
    }
    output.out(
      [
        `group ${group.name}, ${buckets.length} bucket${buckets.length === 1 ? '' : 's'} to the ${to}; nothing is changed now`,
        ...found.obstacles.map(({ code, message }) => `  stands in the way: ${code}: ${message}`),
        `  1. check    both sides, the copy, both streams${found.obstacles.length === 0 ? ': nothing stands in the way' : ''}`,
        `  2. ids      sequences of the ${to} beyond those of the ${from}`,
        `  3. fence    on the ${from}: waits at most ${usualBounds.holdMs} ms at a time for open transactions; about ${durationText(trip + 5)}`,
        `  4. drain    until the ${to} has everything: ${carried}; past ${options.within} it is undone`,
        `  5. commit   on the ${to}: about ${durationText(trip + 5)}; its writes go on`,
        `  ${Math.min(usualBounds.parallel, buckets.length)} at a time`,
        '',
      ].join('\n'),
    );
  } finally {
    await closePools(pools);
  }
}

function reportText({ group, to, outcomes, pause, tookMs }: MoveReport): string {
  const unmoved = outcomes.filter(({ end }) => end !== 'moved');
  return [
    `group ${group}: ${outcomes.length - unmoved.length} of ${outcomes.length} buckets are the ${to}'s, in ${durationText(tookMs)}`,
    ...(pause.count === 0
      ? []
      : [
          `  writes waited ${durationText(pause.p50)} (p50), ${durationText(pause.p99)} (p99), ${durationText(pause.max)} at most`,
        ]),
    ...unmoved.slice(0, 20).map(({ bucket, end, reason }) => `  bucket ${bucket} ${end}: ${reason}`),
    '',
  ].join('\n');
}
