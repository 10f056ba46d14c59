import { Command } from 'commander';
import { openSide } from '#proxy/cutover/database.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { listParked, retryParkedNow, skipParked, type ParkedChange } from '#proxy/cutover/stream/parked.ts';
import { printable } from '#shared/errors/printable.ts';
import { configOption, usageError } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { readyCopy } from './ready.ts';
import { wrapped } from './wrap.ts';

export function parkedCommand(call: Call): Command {
  return new Command('parked')
    .description('changes that could not be applied: each waits with its reason and holds back no other')
    .helpCommand(false)
    .addCommand(list(call))
    .addCommand(retry(call))
    .addCommand(skip(call));
}

function list({ output }: Call): Command {
  return base('list', 'what waits, oldest first').action(async (options: ChosenOptions) => {
    const { plan } = chosenOf(options);
    const groups = plan.groups.map(({ name }) => name);
    const parked = await withPools(plan, ({ target }) => listParked(target, { groups }));
    if (options.json === true) output.out(`${JSON.stringify(parked, undefined, 2)}\n`);
    else if (parked.length === 0) output.out('Nothing is parked.\n');
    else
      output.out(
        [
          ...parked.map(parkedText),
          parked.length === 1 ? '1 change is parked.' : `${parked.length} changes are parked.`,
          'When the reason is gone: banyan cutover parked retry --all (or its id). To give one up: banyan cutover parked skip ID\n',
        ].join('\n'),
      );
  });
}

/** Two lines, so that it can be read on 80 columns: what waits, and why. */
function parkedText({
  id,
  dataset,
  key,
  deleted,
  attempts,
  parkedAt,
  sqlstate,
  reason,
}: ParkedChange): string {
  const tries = attempts === 1 ? '1 try' : `${attempts} tries`;
  return [
    `${id}  ${dataset} ${printable(key)}: ${deleted ? 'delete' : 'put'}, ${tries}, since ${parkedAt.slice(0, 19)}Z`,
    `${wrapped(`${printable(reason)} (SQLSTATE ${sqlstate})`, '     ')}\n`,
  ].join('\n');
}

function retry(call: Call): Command {
  return base('retry', 'try them again now: those ids, or all')
    .argument('[ids...]')
    .option('--all', 'all of them')
    .action(async (ids: string[], options: ChosenOptions & { readonly all?: true }) => {
      const wanted = options.all === true ? ('all' as const) : idsOf(ids, 'name their ids, or write --all');
      const { plan } = chosenOf(options);
      const { done, stillParked } = await withPools(plan, (open) =>
        retryParkedNow({ plan, ...open, ids: wanted }),
      );
      call.output.out(
        options.json === true
          ? `${JSON.stringify({ done, stillParked })}\n`
          : `${done} settled, ${stillParked} still parked.\n`,
      );
      const unknown = wanted === 'all' ? 0 : wanted.length - done - stillParked;
      if (unknown > 0)
        call.output.error(
          `banyan: ${unknown} of these ids are not parked (any more): banyan cutover parked list\n`,
        );
      if (stillParked > 0 || unknown > 0) call.exitCode = exitCodes.failed;
    });
}

function skip(call: Call): Command {
  return base('skip', 'give them up: the row stays as it is, and verification lists it until it is equal')
    .argument('<ids...>')
    .action(async (ids: string[], options: ChosenOptions) => {
      const wanted = idsOf(ids, 'name their ids');
      const { plan } = chosenOf(options);
      const skipped = await withPools(plan, ({ target, from }) => skipParked(target, wanted, plan, from));
      call.output.out(
        options.json === true
          ? `${JSON.stringify({ skipped })}\n`
          : skipped === 0
            ? 'Nothing was given up.\n'
            : `${skipped} of ${wanted.length} given up: those rows may differ now. Look with: banyan cutover verify\n`,
      );
      if (skipped < wanted.length)
        call.output.error(
          `banyan: ${wanted.length - skipped} of these ids are not parked (any more): banyan cutover parked list\n`,
        );
      if (skipped < wanted.length) call.exitCode = exitCodes.failed;
    });
}

function base(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(configOption())
    .addOption(migrationOption())
    .option('--json', 'print as JSON');
}

function idsOf(ids: readonly string[], hint: string): readonly string[] {
  if (ids.length === 0) throw usageError(hint);
  const wrong = ids.find((id) => !/^\d{1,18}$/.test(id));
  if (wrong !== undefined) throw usageError(`"${wrong}" is no id; see "banyan cutover parked list"`);
  return ids;
}

type Open = {
  readonly from: ReturnType<typeof otherSide>;
  readonly source: ReturnType<typeof openSide>;
  readonly target: ReturnType<typeof openSide>;
};

async function withPools<Result>(plan: CutoverPlan, work: (open: Open) => Promise<Result>): Promise<Result> {
  const { owner: from } = await readyCopy(plan);
  const source = openSide(plan, from, { part: 'parked', max: 2 });
  const target = openSide(plan, otherSide(from), { part: 'parked', max: 2 });
  try {
    return await work({ from, source, target });
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}
