import { Command } from 'commander';
import { sizeText } from '#proxy/cutover/preflight/checks/servers.ts';
import { readCopyFacts, type CopyFacts } from '#proxy/cutover/copy/facts.ts';
import { askMover } from '#proxy/control/ask-mover.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { configOption } from '../config-option.ts';
import { exitCodes, table } from '../output.ts';
import { stageNow } from '#proxy/control/stage-now.ts';
import { readBothCompletions } from '#proxy/cutover/move/completion.ts';
import { readOwnership } from '#proxy/cutover/move/ownership.ts';
import { movesText, ownershipText } from './ownership.ts';
import type { Call } from '../program.ts';
import { completionText } from './completion-text.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { durationText, progressText } from './progress.ts';

export function statusCommand(call: Call): Command {
  const { output } = call;
  return new Command('status')
    .description('how far the copy is: what the mover says where one runs, and what the two databases say')
    .addOption(configOption())
    .addOption(migrationOption())
    .option('--json', 'print as JSON')
    .addHelpText('after', statusHelp)
    .action(async (options: ChosenOptions) => {
      const { config, plan } = chosenOf(options);
      const mover = await askMover(config, plan.migration);
      const facts = await readCopyFacts(plan);
      const ownership = await readOwnership(plan);
      const said = await readBothCompletions(plan).catch(() => undefined);
      const stage = mover?.stage ?? (await stageNow(config, plan.migration));
      output.out(
        options.json === true
          ? `${JSON.stringify({ migration: plan.migration, mover, databases: facts, ownership, completion: said }, undefined, 2)}\n`
          : statusText(plan.migration, mover, facts) +
              (facts.every(({ problem }) => problem === undefined) ? `\n${ownershipText(ownership)}` : '') +
              completionText({ migration: plan.migration, said, stage }),
      );
      if (facts.some(({ problem }) => problem !== undefined)) call.exitCode = exitCodes.failed;
    });
}

const statusHelp = `
OWNS/FENCED/FOLLOWS: buckets by state. TO CARRY: changes captured on this side that the other does not have yet.
PARKED: changes that came to this side and could not be applied here. BACKFILL INTO IT: open, closed or abandoned;
ROWS: those that it wrote, rows that were there already not counted.
Exit code: 0, 1 where a side cannot be read or has nothing installed, 2 wrong call or configuration.`;

export function statusText(
  migration: string,
  mover: MoverStatus | undefined,
  facts: readonly CopyFacts[],
): string {
  return [
    mover === undefined
      ? `${migration}: no mover answers at the admin port; from the databases alone:`
      : moverText(mover),
    '',
    ...facts.map(factsText),
  ].join('\n');
}

function moverText(mover: MoverStatus): string {
  const { verification, progress, lagMs, parked, streams } = mover;
  return [
    `${mover.migration}: ${stageText(mover)}${phaseText(mover.phase)} since ${mover.since.slice(0, 19)}Z; owner: ${mover.owner}`,
    ...(mover.lastError === undefined ? [] : [`  last error: ${mover.lastError}`]),
    ...progress.map(
      ({ dataset: what, estimated, ...copy }) =>
        `  ${progressText({ ...copy, what, done: Math.min(copy.rows / Math.max(estimated, 1), 1) })}`,
    ),
    ...(mover.phase === 'complete'
      ? []
      : [
          `  lag ${lagMs === undefined ? 'unknown' : durationText(lagMs)}, ${streams.reduce((sum, { rate }) => sum + rate, 0).toFixed(0)} changes/s, ${parked} parked`,
        ]),
    `  verification: ${verificationText(verification)}`,
    ...movesText(mover.moves),
  ].join('\n');
}

/** Where it counts for nothing, it is said so. */
function stageText({ phase, stage }: MoverStatus): string {
  return phase === 'complete' && stage !== 'complete' ? `stage ${stage} (ignored), ` : `stage ${stage}, `;
}

function phaseText(phase: MoverStatus['phase']): string {
  if (phase === 'standby') return 'standby (another mover carries it: ask where that one runs)';
  return phase === 'failed' ? 'held up (it tries again by itself)' : phase;
}

export function verificationText(verification: MoverStatus['verification']): string {
  if (verification.state === 'none') return 'not yet';
  const rows = `${verification.rows.toLocaleString('en')} rows`;
  if (verification.state === 'running') return `${Math.floor(verification.done * 100)} %, ${rows} seen`;
  if (verification.state === 'equal')
    return `equal at ${verification.at}, ${rows} (${verification.repaired} copied again)`;
  return `${verification.differences} rows differ at ${verification.at}`;
}

function factsText({ side, problem, groups, datasets, outboxBytes }: CopyFacts): string {
  if (problem !== undefined) return `${side}: ${problem}\n`;
  const rows = groups.map(({ group, owned, fenced, followed, epoch, capture, parked, waiting }) => [
    group,
    `${owned}/${fenced}/${followed}`,
    epoch,
    capture ?? 'on',
    String(parked),
    waiting === undefined ? '?' : `${waiting.toLocaleString('en')}${waiting >= 100_000 ? '+' : ''}`,
  ]);
  const copied = datasets.map(({ dataset, run, rows: count }) => [dataset, run ?? 'none', count]);
  return [
    groups.every(({ waiting }) => waiting === undefined)
      ? `${side}: what is still to be carried can’t be told while the other side can’t be read`
      : `${side}: outbox ${sizeText(outboxBytes)}`,
    table([['GROUP', 'OWNS/FENCED/FOLLOWS', 'EPOCH', 'CAPTURE', 'PARKED', 'TO CARRY'], ...rows]),
    table([['DATASET', 'BACKFILL INTO IT', 'ROWS'], ...copied]),
  ].join('\n');
}
