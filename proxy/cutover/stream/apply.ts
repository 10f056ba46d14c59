import type { ClientBase } from 'pg';
import { messageOf } from '#shared/errors/message.ts';
import type { Change } from './change.types.ts';
import { sqlStateOf } from './failures.ts';
import { applyOneByOne } from './one-by-one.ts';
import { park } from './park.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetDataset, TargetGroup } from './target-group.ts';

export interface Applied {
  /** Newer than what this side had. */
  readonly applied: number;
  readonly parked: number;
}

const uniqueViolation = '23505';
const nothing: Applied = { applied: 0, parked: 0 };

/**
 * Applies changes in a transaction that holds the locks of their buckets, so that at its end they stand as if they had
 * been applied one by one as they stand: only the last version of a row is written. They go set by set; where a row is
 * refused, the set is halved until the one that can't be applied stands alone, and that is parked.
 */
export async function applyChanges(
  client: ClientBase,
  target: TargetGroup,
  changes: readonly Change[],
): Promise<Applied> {
  if (changes.length === 0) return nothing;
  if (target.deferrable) await client.query('set constraints all deferred');
  return applyInHalves(client, target, changes, { left: mostHalvings });
}

/** Sets of a page that may be cut in two; what is refused after that is tried row by row. */
const mostHalvings = 8;

async function applyInHalves(
  client: ClientBase,
  target: TargetGroup,
  changes: readonly Change[],
  halvings: { left: number },
): Promise<Applied> {
  const last = lastVersions(changes);
  let applied = 0;
  for (const turn of turns) {
    const refused = await tryInSavepoint(client, async () => {
      applied = await applySets(client, target, setsOf(target, last, turn));
      if (target.deferrable)
        await client.query('set constraints all immediate; set constraints all deferred');
    });
    if (refused === undefined) return { applied, parked: 0 };
    const [only] = changes;
    if (only !== undefined && changes.length === 1) return parkRefused(client, target, only, refused);
    if (sqlStateOf(refused) !== uniqueViolation || !mayDeleteFirst(target, last)) break;
  }
  halvings.left -= 1;
  if (halvings.left < 0) return applyEach(client, target, changes);
  const middle = changes.length >> 1;
  const first = await applyInHalves(client, target, changes.slice(0, middle), halvings);
  const second = await applyInHalves(client, target, changes.slice(middle), halvings);
  return { applied: first.applied + second.applied, parked: first.parked + second.parked };
}

/** The last entry of each row. A row's versions stand in their order. */
function lastVersions(changes: readonly Change[]): Change[] {
  const last = new Map(changes.map((change) => [`${change.dataset}\n${change.key}`, change]));
  return [...last.values()];
}

interface ChangeSet {
  readonly dataset: TargetDataset;
  readonly deleted: boolean;
  readonly changes: readonly Change[];
}

/**
 * Puts parents first, then deletes children first: when a row goes, all that referred to it and stay refer to something
 * else already. The other way round only for the sake of a unique value that passes from a deleted row to a new one.
 */
const turns = ['puts-first', 'deletes-first'] as const;

/** A delete that takes or changes rows which refer to it must find those in their last state. */
function mayDeleteFirst(target: TargetGroup, changes: readonly Change[]): boolean {
  const deletedFrom = new Set(changes.filter(({ deleted }) => deleted).map(({ dataset }) => dataset));
  return (
    deletedFrom.size > 0 && !target.datasets.some(({ name, cascades }) => cascades && deletedFrom.has(name))
  );
}

function setsOf(
  { datasets }: TargetGroup,
  changes: readonly Change[],
  turn: (typeof turns)[number],
): ChangeSet[] {
  const setOf = (dataset: TargetDataset, deleted: boolean): ChangeSet => ({
    dataset,
    deleted,
    changes: changes.filter((change) => change.dataset === dataset.name && change.deleted === deleted),
  });
  const puts = datasets.map((dataset) => setOf(dataset, false));
  const deletes = datasets.map((dataset) => setOf(dataset, true)).toReversed();
  const all = turn === 'puts-first' ? [...puts, ...deletes] : [...deletes, ...puts];
  return all.filter((set) => set.changes.length > 0);
}

async function applySets(
  client: ClientBase,
  { groupId }: TargetGroup,
  sets: readonly ChangeSet[],
): Promise<number> {
  let newer = 0;
  for (const { dataset, deleted, changes } of sets) {
    const { rows } = await client.query<{ newer: number }>({
      name: `banyan ${deleted ? 'delete' : 'put'} ${groupId} ${dataset.datasetId}`,
      text: deleted ? dataset.deleteSql : dataset.putSql,
      values: [
        changes.map(({ values }) => values),
        changes.map(({ epoch }) => epoch),
        changes.map(({ seq }) => seq),
        changes.map(({ bucket }) => bucket),
      ],
    });
    newer += rows[0]?.newer ?? 0;
  }
  return newer;
}

async function applyEach(
  client: ClientBase,
  target: TargetGroup,
  changes: readonly Change[],
): Promise<Applied> {
  const { applied, refused } = await applyOneByOne(client, target, changes);
  const parked = await park(
    client,
    target,
    refused.map(({ change, sqlstate, reason }) => ({ ...change, sqlstate, reason })),
  );
  return { applied, parked };
}

async function parkRefused(
  client: ClientBase,
  target: TargetGroup,
  change: Change,
  cause: unknown,
): Promise<Applied> {
  const refused = { ...change, sqlstate: sqlStateOf(cause) ?? '', reason: messageOf(cause) };
  return { applied: 0, parked: await park(client, target, [refused]) };
}
