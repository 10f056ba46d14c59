import { Command } from 'commander';
import { readCopyFacts, type CopyFacts } from '#proxy/cutover/copy/facts.ts';
import { request } from 'undici';
import type { Config } from '#proxy/config/schema.ts';
import type { MoverStatus } from '#proxy/control/mover/mover-status.ts';
import { configOption } from '../config-option.ts';
import { readOwnership } from '#proxy/cutover/move/ownership.ts';
import { table } from '../output.ts';
import { movesText, ownershipText } from './ownership.ts';
import type { Call } from '../program.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { durationText, progressText } from './progress.ts';

export function statusCommand({ output }: Call): Command {
  return new Command('status')
    .description('how far the copy is: what the mover says where one runs, and what the two databases say')
    .addOption(configOption())
    .addOption(migrationOption())
    .option('--json', 'print as JSON')
    .action(async (options: ChosenOptions) => {
      const { config, plan } = chosenOf(options);
      const mover = await askMover(config, plan.migration);
      const facts = await readCopyFacts(plan);
      const ownership = await readOwnership(plan);
      output.out(
        options.json === true
          ? `${JSON.stringify({ migration: plan.migration, mover, databases: facts, ownership }, undefined, 2)}\n`
          : statusText(plan.migration, mover, facts) + ownershipText(ownership),
      );
    });
}

/** The mover of a `banyan run` on this machine; `undefined` where none answers. */
async function askMover({ admin }: Config, migration: string): Promise<MoverStatus | undefined> {
  if (admin.port === 0) return undefined;
  const host = admin.host.includes(':') ? `[${admin.host}]` : admin.host;
  const scheme = admin.tls === undefined ? 'http' : 'https';
  try {
    const { statusCode, body } = await request(`${scheme}://${host}:${admin.port}/cutover/status`, {
      headers: admin.token === undefined ? {} : { authorization: `Bearer ${admin.token}` },
      headersTimeout: 2_000,
      bodyTimeout: 2_000,
    });
    const answer = (await body.json()) as { copies?: readonly MoverStatus[] };
    return statusCode === 200 ? answer.copies?.find((copy) => copy.migration === migration) : undefined;
  } catch {
    return undefined;
  }
}

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
    `${mover.migration}: stage ${mover.stage}, ${mover.phase} since ${mover.since}; owner: ${mover.owner}`,
    ...(mover.lastError === undefined ? [] : [`  last error: ${mover.lastError}`]),
    ...progress.map(
      ({ dataset, rows, estimated, rowsPerSecond, etaMs }) =>
        `  ${progressText({ what: dataset, done: Math.min(rows / Math.max(estimated, 1), 1), rows, rowsPerSecond, etaMs })}`,
    ),
    `  lag ${lagMs === undefined ? 'unknown' : durationText(lagMs)}, ${streams.reduce((sum, { rate }) => sum + rate, 0).toFixed(0)} changes/s, ${parked} parked`,
    `  verification: ${verificationText(verification)}`,
    ...movesText(mover.moves),
  ].join('\n');
}

export function verificationText(verification: MoverStatus['verification']): string {
  if (verification.state === 'none') return 'not yet';
  const rows = `${verification.rows.toLocaleString('en')} rows`;
  if (verification.state === 'running') return `${Math.floor(verification.done * 100)} %, ${rows} seen`;
  if (verification.state === 'equal')
    return `equal at ${verification.at}, ${rows} (${verification.repaired} copied again)`;
  return `${verification.differences} rows differ at ${verification.at}`;
}

function factsText({ side, problem, groups, datasets }: CopyFacts): string {
  if (problem !== undefined) return `${side}: ${problem}\n`;
  const rows = groups.map(({ group, owned, fenced, followed, epoch, capture, parked, behindMs }) => [
    group,
    `${owned}/${fenced}/${followed}`,
    epoch,
    capture ?? 'on',
    String(parked),
    behindMs === undefined ? '-' : durationText(behindMs),
  ]);
  const copied = datasets.map(({ dataset, run, rows: count }) => [dataset, run ?? 'none', count]);
  return [
    `${side}:`,
    table([['GROUP', 'OWNS/FENCED/FOLLOWS', 'EPOCH', 'CAPTURE', 'PARKED', 'POSITION AGE'], ...rows]),
    table([['DATASET', 'BACKFILL INTO IT', 'ROWS'], ...copied]),
  ].join('\n');
}
