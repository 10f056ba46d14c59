import { addToFindingSlot, addToRouteSlot } from './add-to-slot.ts';
import type { Pool, PoolClient } from 'pg';
import { groupsKept, type RouteRow, type Tally } from './tally.ts';
import { samplesKept } from './samples.ts';
import { plain, sparse } from './route-slot.ts';

/** What one process adds at a time. It is added once, however often it is sent. */
export interface Batch {
  /** UUID of the process. */
  readonly writer: string;
  /** Rises by one from batch to batch. */
  readonly number: number;
  readonly tally: Tally;
}

/** @throws pg's error; nothing of the batch is kept then, unless the connection broke at the commit (send it again) */
export async function writeBatch(pool: Pool, batch: Batch): Promise<void> {
  const client = await pool.connect();
  let failed: Error | undefined;
  try {
    await client.query('begin');
    if (await isNew(client, batch)) await add(client, batch.tally);
    await client.query('commit');
  } catch (error) {
    failed = Error.isError(error) ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection in the middle of a failed transaction is not worth saving.
    client.release(failed);
  }
}

async function isNew(client: PoolClient, { writer, number }: Batch): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into shadow_writers (writer, batch) values ($1, $2)
     on conflict (writer) do update set batch = excluded.batch, seen_at = now()
     where shadow_writers.batch < excluded.batch`,
    [writer, number],
  );
  return rowCount === 1;
}

async function add(client: PoolClient, tally: Tally): Promise<void> {
  const rows = [...tally.routes.values()];
  // All writers take the rows in one sequence, the primary key's, so that no two wait for each other.
  await client.query(addRoutes, [JSON.stringify(rows.flatMap(routeRows).toSorted(byKey))]);
  const findings = rows.flatMap(({ findings: found }) => [...found.values()]).toSorted(byId);
  if (findings.length === 0) return;
  await client.query(addFindings, [
    JSON.stringify(
      findings.map(({ id, key, pairs, firstSeen, lastSeen }) => ({
        ...key,
        id,
        pairs,
        first_seen: time(firstSeen),
        last_seen: time(lastSeen),
      })),
    ),
  ]);
  await client.query(addSlots, [
    JSON.stringify(
      findings.flatMap(({ id, slots }) =>
        [...slots]
          .toSorted(([a], [b]) => a - b)
          .map(([at, slot]) => ({ finding: id, slot: time(at), ...slot })),
      ),
    ),
  ]);
  await client.query(addSamples, [
    JSON.stringify(
      findings.flatMap(({ id, samples }) =>
        samples
          .toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
          .map(({ digest, sample }) => ({ finding: id, at: time(sample.at), digest, sample })),
      ),
    ),
  ]);
  await client.query(trimSamples, [findings.map(({ id }) => id), samplesKept]);
  for (const { key, findings: found } of rows) {
    if (found.size > 0)
      await client.query(trimFindings, [key.migration, key.route, key.primarySide, groupsKept]);
  }
}

function routeRows({ key, slots }: RouteRow): { slot: string; migration: string; route: string }[] {
  return [...slots].map(([at, sums]) => ({
    ...key,
    ...sums,
    slot: time(at),
    skipped: plain(sums.skipped),
    shadowFailures: plain(sums.shadowFailures),
    primaryLatency: sparse(sums.primaryLatency),
    shadowLatency: sparse(sums.shadowLatency),
  }));
}

function byKey(a: ReturnType<typeof routeRows>[number], b: ReturnType<typeof routeRows>[number]): number {
  const [left, right] = [a, b].map(({ migration, route, slot }) => JSON.stringify([migration, route, slot]));
  return (left ?? '') < (right ?? '') ? -1 : 1;
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

const addRoutes = `
  insert into shadow_routes as known
  select migration, route, "primarySide", slot, eligible, compared, same, different, raced, "noiseSamples",
         skipped, "shadowFailures", "primaryLatency", "shadowLatency", "crowdedOut"
  from jsonb_to_recordset($1::jsonb) as t(
    migration text, route text, "primarySide" text, slot timestamptz, eligible bigint, compared bigint, same bigint,
    different bigint, raced bigint, "noiseSamples" bigint, skipped jsonb, "shadowFailures" jsonb,
    "primaryLatency" jsonb, "shadowLatency" jsonb, "crowdedOut" bigint)
  ${addToRouteSlot}`;

const addFindings = `
  insert into shadow_findings as known
  select id, migration, route, "primarySide", place, path, kind, expected, pairs, first_seen, last_seen
  from jsonb_to_recordset($1::jsonb) as t(
    id text, migration text, route text, "primarySide" text, place text, path text, kind text, expected text,
    pairs bigint, first_seen timestamptz, last_seen timestamptz)
  on conflict (id) do update set
    pairs = known.pairs + excluded.pairs,
    first_seen = least(known.first_seen, excluded.first_seen),
    last_seen = greatest(known.last_seen, excluded.last_seen)`;

const addSlots = `
  insert into shadow_finding_slots as known
  select finding, slot, pairs, "selfDiffered", "shadowAlone", "primaryAlone", "allDiffer"
  from jsonb_to_recordset($1::jsonb) as t(finding text, slot timestamptz, pairs bigint, "selfDiffered" bigint,
    "shadowAlone" bigint, "primaryAlone" bigint, "allDiffer" bigint)
  ${addToFindingSlot}`;

const addSamples = `
  insert into shadow_samples
  select finding, at, digest, sample
  from jsonb_to_recordset($1::jsonb) as t(finding text, at timestamptz, digest text, sample jsonb)
  on conflict do nothing`;

const trimSamples = `
  delete from shadow_samples
  where (finding, digest) in (
    select finding, digest
    from (
      select finding, digest, row_number() over (partition by finding order by at desc, digest) as place
      from shadow_samples where finding = any($1::text[])
    ) as ranked
    where place > $2)`;

const trimFindings = `
  with crowded as (
    select id from shadow_findings
    where migration = $1 and route = $2 and primary_side = $3
    order by pairs desc, last_seen desc, id
    offset $4
  ), slots as (
    select slot, sum(pairs) as pairs from shadow_finding_slots where finding in (select id from crowded) group by slot
  ), counted as (
    update shadow_routes as known set crowded_out = known.crowded_out + slots.pairs
    from slots
    where known.migration = $1 and known.route = $2 and known.primary_side = $3 and known.slot = slots.slot
  )
  delete from shadow_findings where id in (select id from crowded)`;
