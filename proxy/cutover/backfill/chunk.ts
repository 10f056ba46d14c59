import type { PoolClient } from 'pg';
import type { Readable } from 'node:stream';
import type { ChunkJob, ChunkResult, Way } from './chunk.types.ts';
import { copyInto, openCopy, type CopySource } from './copy-stream.ts';
import { failure, isRowFault } from './failures.ts';
import { guardCopy } from './guard.ts';
import { writeIsolating } from './isolate.ts';
import { copyOut } from './mapped-rows.ts';
import { columnList, keyText, tableName } from './names.ts';
import { createStaging, insertStaged, parkStaged, stagedColumns, stagingTable } from './staging.ts';
import { inTransaction } from './transaction.ts';

/** Bytes of one chunk in memory at most; the rest of a bigger one is streamed. */
const readAheadBytes = 8 * 1024 * 1024;

/** With more rows than this in `applied`, looking each of them up after a straight COPY costs more than staging. */
const fewApplied = 5_000;

/**
 * Copies one chunk: reads it on the source, then writes it here in one transaction together with the note that it is done,
 * so that it is there wholly and once, whenever the process dies. What `applied` knows of is not written.
 * @throws `run-closed`, `owned-here`, `too-many-parked`, and what PostgreSQL or the connection say
 */
export async function copyChunk(job: ChunkJob, wish: Way): Promise<ChunkResult> {
  if (wish === 'straight') {
    try {
      return await readAndWrite(job, 'straight');
    } catch (cause) {
      // A row is there already or can't be written: read again, and find out which.
      if (!isRowFault(cause)) throw cause;
    }
  }
  return readAndWrite(job, 'staged');
}

async function readAndWrite(job: ChunkJob, wish: Way): Promise<ChunkResult> {
  const { pools, passage, chunk } = job;
  const source = await openCopy(pools.source, copyOut(passage.walk, passage.mapping, chunk), readAheadBytes);
  try {
    await source.ready;
    await job.beforeWrite?.();
    return await inTransaction(pools.target, (client) => writeChunk(client, { job, wish, source }));
  } finally {
    source.release();
  }
}

interface Write {
  readonly job: ChunkJob;
  readonly wish: Way;
  readonly source: CopySource;
}

async function writeChunk(client: PoolClient, { job, wish, source }: Write): Promise<ChunkResult> {
  const { run, chunk } = job;
  const { owned } = await guardCopy(client, run);
  const { rows } = await client.query<{ state: string }>(
    'select state from banyan.backfill_chunks where run_id = $1 and chunk = $2 for update',
    [run.runId, chunk.number],
  );
  if (rows[0]?.state !== 'planned') return { read: 0, written: 0, parked: 0, bytes: 0, way: undefined };
  const straight = wish === 'straight' && owned.length === 0 && (await hasFewApplied(client, run.datasetId));
  const written = straight
    ? await copyStraight(client, job, source.stream)
    : await copyStaged(client, { job, owned, rows: source.stream });
  const bytes = source.bytes();
  await client.query(
    `update banyan.backfill_chunks set state = 'done', rows_read = $3, rows_written = $4, done_at = clock_timestamp()
     where run_id = $1 and chunk = $2`,
    [run.runId, chunk.number, written.read, written.written],
  );
  await client.query(
    `update banyan.backfill_runs set rows_copied = rows_copied + $2, bytes_copied = bytes_copied + $3
     where run_id = $1`,
    [run.runId, written.written, bytes],
  );
  return { ...written, bytes, way: straight ? 'straight' : 'staged' };
}

type Written = Pick<ChunkResult, 'read' | 'written' | 'parked'>;

async function hasFewApplied(client: PoolClient, datasetId: number): Promise<boolean> {
  const { rows } = await client.query<{ few: boolean }>(
    `select count(*) <= $2 as few from (select from banyan.applied where dataset_id = $1 limit $2 + 1) as known`,
    [datasetId, fewApplied],
  );
  return rows[0]?.few === true;
}

/**
 * COPY into the table, then takes out again what `applied` knows of: a tombstone's row would else be back. Exact, since the
 * class lock keeps `applied` as it is, and only rows of this transaction carry its number.
 */
async function copyStraight(
  client: PoolClient,
  { passage, run }: ChunkJob,
  rows: Readable,
): Promise<Written> {
  const { target, columns } = passage;
  const table = tableName(target);
  const names = columnList(columns.map(({ name }) => name));
  const read = await copyInto(client, `copy ${table} (${names}) from stdin`, rows);
  const key = target.key.map((name, index) => {
    const column = columns.find((column) => column.name === name);
    return `(a.key::text[])[${index + 1}]::${column?.bareType ?? 'text'}`;
  });
  // The table has grown since it was last analyzed, so the planner may think a scan of it cheap.
  await client.query('set local enable_hashjoin = off');
  await client.query('set local enable_mergejoin = off');
  const known = await client.query(
    `delete from ${table} t using banyan.applied a
     where a.dataset_id = $1 and (${columnList(target.key, 't')}) = (${key.join(', ')})
       and ${keyText(target.key, 't')} = a.key and t.xmin = pg_current_xact_id()::xid`,
    [run.datasetId],
  );
  return { read, written: read - (known.rowCount ?? 0), parked: 0 };
}

interface StagedCopy {
  readonly job: ChunkJob;
  readonly owned: readonly number[];
  readonly rows: Readable;
}

async function copyStaged(client: PoolClient, { job, owned, rows }: StagedCopy): Promise<Written> {
  const { passage, run } = job;
  const relation = stagingTable(run);
  await client.query(createStaging(run, passage));
  const read = await copyInto(client, `copy ${relation} (${stagedColumns(passage)}) from stdin`, rows);
  await client.query(`analyze ${relation}`);
  const ends = await client.query<{ first: string | null; last: string | null }>(
    `select min(n) as first, max(n) as last from ${relation}`,
  );
  const staged = { relation };
  const written = await writeIsolating(
    client,
    { first: Number(ends.rows[0]?.first ?? 1), last: Number(ends.rows[0]?.last ?? 0) },
    {
      insert: insertStaged(passage, { run, staged, owned }),
      park: parkStaged(passage, run, staged),
      mayPark: job.mayPark,
      tooMany: () => failure('too-many-parked', `dataset ${passage.dataset.name}`),
    },
  );
  return { read, ...written };
}
