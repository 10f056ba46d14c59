import { Command } from 'commander';
import { stageTable, type Side, type Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { waitedMigration } from '#proxy/config/waited-migration.ts';
import { stageNow } from '#proxy/control/stage-now.ts';
import { sinceText, type SideCompletion } from '#proxy/cutover/move/completed.ts';
import { completionObstacles } from '#proxy/cutover/move/completion-obstacles.ts';
import {
  complete,
  isCompletionRefused,
  keeper,
  readBothCompletions,
  type CompletionReport,
} from '#proxy/cutover/move/completion.ts';
import { stillNeeded } from '#proxy/cutover/move/still-needed.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { configOption } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { askFor } from './ask.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { operator } from './move.ts';

interface CompleteOptions extends ChosenOptions {
  readonly yes?: true;
  /** False with `--no-way-back`. */
  readonly wayBack?: boolean;
}

export function completeCommand(call: Call): Command {
  return new Command('complete')
    .description(
      'give the way back up: ends the stream back, leaves the old tables alone. It can’t be undone',
    )
    .addOption(configOption())
    .addOption(migrationOption())
    .option('-y, --yes', 'do not ask the first time')
    .option('--no-way-back', 'do not ask the second time')
    .option('--json', 'print as JSON')
    .addHelpText('after', explained)
    .action((options: CompleteOptions) => run(call, options));
}

const explained = `
It refuses while a bucket is not the service's, while the last comparison of both sides is not clean or is older than the last
move, and while something that stays still needs the copy; it says what, and changes nothing then. Run again it ends what was
interrupted, or says that the migration is complete already.
Exit code: 0 complete, 1 refused or interrupted, 2 wrong call or configuration.`;

const left = otherSide(keeper);

async function run(call: Call, options: CompleteOptions): Promise<void> {
  const { config, plan } = chosenOf(options);
  const { migration } = plan;
  const said = await readBothCompletions(plan);
  if (said[keeper].complete) {
    await endIt(call, { plan, said, json: options.json === true });
    return;
  }
  const stage = await stageNow(config, migration);
  if (await isRefused(call, { config, plan, stage, json: options.json === true })) return;
  call.output.error(await costText(plan));
  if (options.yes !== true)
    await askFor(migration, `Write the migration's name to go on: `, '--yes --no-way-back');
  if (options.wayBack !== false)
    await askFor('no way back', `Write "no way back" to do it: `, '--yes --no-way-back');
  // The answers may have taken long.
  const isAsked = options.yes !== true || options.wayBack !== false;
  if (isAsked && (await isRefused(call, { config, plan, stage, json: options.json === true }))) return;
  try {
    const report = await complete(plan, operator());
    tell(call, {
      report,
      migration,
      json: options.json === true,
      text: `${migration} is complete. The ${left}'s tables stay as they are, and refuse writes until "banyan cutover uninstall".\n${nextText(config, migration, stage)}`,
    });
  } catch (error) {
    if (!isCompletionRefused(error)) throw error;
    refuse(call, { migration, obstacles: [error.message], json: options.json === true });
  }
}

/** It was done before; where it was interrupted, the rest is done now. Nothing is asked: there is nothing left to decide. */
async function endIt(
  call: Call,
  {
    plan,
    said,
    json,
  }: {
    readonly plan: CutoverPlan;
    readonly said: Readonly<Record<Side, SideCompletion>>;
    readonly json: boolean;
  },
): Promise<void> {
  const { migration } = plan;
  const since = sinceText(said[keeper]);
  if (said[left].complete) {
    call.output.out(
      json
        ? `${JSON.stringify({ migration, complete: true, since: said[keeper].at })}\n`
        : `${migration} is complete already, ${since}.\n`,
    );
    return;
  }
  tell(call, {
    report: await complete(plan, operator()),
    migration,
    json,
    text: `${migration} is complete ${since}; that was interrupted, and the ${left} knows it now too.\n`,
  });
}

function tell(
  call: Call,
  {
    report,
    migration,
    json,
    text,
  }: {
    readonly report: CompletionReport;
    readonly migration: string;
    readonly json: boolean;
    readonly text: string;
  },
): void {
  const { unfinished } = report;
  if (json)
    call.output.out(
      `${JSON.stringify({ migration, complete: true, ...(unfinished === undefined ? {} : { unfinished }) })}\n`,
    );
  else if (unfinished === undefined) call.output.out(text);
  if (unfinished === undefined) return;
  call.output.error(
    `${migration} is complete and the ${keeper} keeps it, but the ${unfinished.side} does not know yet (${unfinished.problem}). Run "banyan cutover complete" again to end it.\n`,
  );
  call.exitCode = exitCodes.failed;
}

async function isRefused(
  call: Call,
  {
    config,
    plan,
    stage,
    json,
  }: {
    readonly config: Config;
    readonly plan: CutoverPlan;
    readonly stage: Stage | undefined;
    readonly json: boolean;
  },
): Promise<boolean> {
  const obstacles = [
    ...stageObstacles(config, plan.migration, stage),
    ...(await completionObstacles({ plan, owner: keeper, stillRead: stillRead(config, plan) })),
  ];
  if (obstacles.length === 0) return false;
  refuse(call, { migration: plan.migration, obstacles, json });
  return true;
}

function refuse(
  call: Call,
  {
    migration,
    obstacles,
    json,
  }: { readonly migration: string; readonly obstacles: readonly string[]; readonly json: boolean },
): void {
  if (json) call.output.out(`${JSON.stringify({ migration, complete: false, obstacles }, undefined, 2)}\n`);
  else
    call.output.error(
      `${migration} can't be completed, and nothing was changed:\n${obstacles.map((line) => `  ${line}\n`).join('')}`,
    );
  call.exitCode = exitCodes.failed;
}

/** A mover would be taking the data back at this moment. */
function stageObstacles(config: Config, migration: string, stage: Stage | undefined): string[] {
  if (stage === undefined || stageTable[stage].writes === keeper) return [];
  return [
    `the flag ${flagOf(config, migration)} is at ${stage}, which takes the data back: set it to complete`,
  ];
}

async function costText(plan: CutoverPlan): Promise<string> {
  const { views } = await stillNeeded(plan, left);
  return [
    `After this no write of the ${keeper} reaches the ${left} any more, and no flag takes the data back.`,
    ...views.map((line) => `  Look first: ${line}`),
    '',
  ].join('\n');
}

function nextText(config: Config, migration: string, stage: Stage | undefined): string {
  if (stage === 'complete') return '';
  return `Set the flag ${flagOf(config, migration)} to complete now, and leave it there: it is what a proxy goes by that no mover has told yet.\n`;
}

function flagOf({ migrations }: Config, migration: string): string {
  return migrations[migration]?.migrationFlag ?? migration;
}

/** Routes that stay with the default target and read what has moved, as the configuration declares them (`staying`). */
function stillRead({ staying, migrations }: Config, { migration }: CutoverPlan): string[] {
  return staying
    .filter(({ waitsFor }) => waitsFor.some((waited) => waitedMigration(waited, migrations) === migration))
    .map(
      ({ name }) =>
        `the route ${name} stays, and reads what moved: it needs the copy. Once it does not, take it out of "staying"`,
    );
}
