import type { ClientBase } from 'pg';
import { escapeIdentifier } from 'pg';
import type { WrittenTable } from './apply-sql.ts';
import type { Change, UnmappedChange } from './change.types.ts';
import { tryInSavepoint } from './savepoint.ts';
import type { TargetDataset, TargetGroup } from './target-group.ts';

/**
 * The changes of a page that have to be applied. Those of a dataset whose backfill has not planned its first chunk yet are
 * left to it (ADR 12): a chunk is noted here before it is read, and the page was read before this looks, so whatever chunk
 * comes sees all that the page saw. Without this, rows come before those they refer to are copied, and are refused.
 *
 * Not left is a change of a row that this side knows anything of, since a chunk writes only what is new here: it is there
 * from an earlier copy, has a version (of a tombstone too), or an older change of it waits. Such a row goes on as ever.
 *
 * Nothing notes that a change was left. So it holds for a transport that brings nothing again that its position has passed.
 * @param client in the transaction of the page, which holds the class lock: nobody writes chunks or repairs meanwhile
 */
export async function notLeftToBackfill(
  client: ClientBase,
  target: TargetGroup,
  page: { readonly changes: readonly Change[]; readonly unmapped: readonly UnmappedChange[] },
): Promise<readonly Change[]> {
  const { changes, unmapped } = page;
  const named = new Set(changes.map(({ dataset }) => dataset));
  if (named.size === 0) return changes;
  const waiting = await waitingForTheirFirstChunk(client, target, named);
  const left = new Set<Change>();
  for (const dataset of waiting) {
    // One that could not be mapped may be mapped again later, and would find no version of those after it.
    if (unmapped.some((change) => change.dataset === dataset.name)) continue;
    const mine = changes.filter((change) => change.dataset === dataset.name);
    for (const change of await unknownOf(client, dataset, mine)) left.add(change);
  }
  return left.size === 0 ? changes : changes.filter((change) => !left.has(change));
}

async function waitingForTheirFirstChunk(
  client: ClientBase,
  { groupId, datasets }: TargetGroup,
  named: ReadonlySet<string>,
): Promise<TargetDataset[]> {
  const asked = datasets.filter(({ name }) => named.has(name));
  const { rows } = await client.query<{ id: number }>({
    name: `banyan waiting ${groupId}`,
    text: `select r.dataset_id as id from banyan.backfill_runs r
      where r.dataset_id = any($1::smallint[]) and r.state = 'open' and r.purpose = 'backfill'
        and not exists (select from banyan.backfill_chunks c where c.run_id = r.run_id)
        and not exists (select from banyan.parked p where p.dataset_id = r.dataset_id and p.image is not null)`,
    values: [asked.map(({ datasetId }) => datasetId)],
  });
  return asked.filter(({ datasetId }) => rows.some(({ id }) => id === datasetId));
}

/** All of them where this side can't read a key: applying tells which row is to blame. */
async function unknownOf(
  client: ClientBase,
  dataset: TargetDataset,
  changes: readonly Change[],
): Promise<readonly Change[]> {
  let unknown: readonly Change[] = [];
  await tryInSavepoint(client, async () => {
    const { rows } = await client.query<{ at: number }>(dataset.unknownSql, [
      changes.map(({ values }) => values),
    ]);
    const places = new Set(rows.map(({ at }) => at));
    unknown = changes.filter((_change, index) => places.has(index + 1));
  });
  return unknown;
}

/** Parameter: values (text[] as text). The places of those, from 1, whose row this side knows nothing of. */
export function unknownSql({ datasetId, table, key }: WrittenTable): string {
  const keyText = `array[${key.map((column) => column.keyText).join(', ')}]::text`;
  const same = key.map(({ name }, at) => `t.${escapeIdentifier(name)} = r.k${at}`);
  return `select r.at from (
      select x.at, ${keyText} as key, ${key.map(({ keyValue }, at) => `${keyValue} as k${at}`).join(', ')}
      from (select u.v::text[] as a, u.at::int4 from unnest($1::text[]) with ordinality as u (v, at) offset 0) x offset 0) r
    where not exists (select from banyan.applied p where p.dataset_id = ${datasetId} and p.key = r.key)
      and not exists (select from banyan.parked p where p.dataset_id = ${datasetId} and p.key = r.key)
      and not exists (select from ${table} t where ${same.join(' and ')})`;
}
