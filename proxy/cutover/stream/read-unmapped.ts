import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Change, UnmappedChange } from './change.types.ts';
import { kindOfError, sqlStateOf } from './failures.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { Contents } from './read-page.ts';
import type { SourceGroup } from './source-group.ts';
import { windowSql, windowValues, type Window } from './window.ts';

/** A page in which the mapping of some row fails is short: each of its rows is mapped by a statement of its own. */
const rowsOfPage = 100;

type RawRow = readonly [string, string, number, number | null, string, string | null];

/** The first rows of a window, where mapping them together fails: those that can't be mapped are told apart. */
export async function readOneByOne(options: {
  readonly client: ClientBase;
  readonly source: SourceGroup;
  readonly window: Window;
}): Promise<{ contents: Contents; snapshot: string; more: boolean }> {
  const { client, source, window } = options;
  const { rows } = await client.query<[string, ...RawRow]>({
    text: `select now.snapshot, o.* from (select pg_current_snapshot()::text as snapshot) now left join lateral (
      select o.seq, o.epoch, o.bucket, o.dataset_id, o.op, o.image from banyan.outbox o
      where ${windowSql} order by o.seq limit $7::int4) o on true order by o.seq`,
    values: [...windowValues(window), rowsOfPage],
    rowMode: 'array',
  });
  const changes: Change[] = [];
  const unmapped: UnmappedChange[] = [];
  const markers = [];
  const found = rows.filter(([, seq]) => seq !== null);
  for (const [, seq, epoch, bucket, datasetId, op, image] of found) {
    const dataset = source.datasets.get(datasetId ?? 0);
    if (op === 'M') markers.push({ seq, epoch, bucket });
    if (dataset === undefined || datasetId === null || image === null) continue;
    const captured = { datasetId, op, image };
    const version = { seq, epoch, bucket, dataset, deleted: op === 'D' };
    const mapped = await mapOne(client, source, captured);
    if ('values' in mapped) changes.push({ ...version, ...mapped });
    else unmapped.push({ ...version, ...mapped, image });
  }
  const contents = { changes, unmapped, markers, lastSeq: found.at(-1)?.[1], count: found.length };
  return { contents, snapshot: rows[0]?.[0] ?? '', more: found.length === rowsOfPage };
}

export interface Captured {
  readonly datasetId: number;
  readonly op: string;
  readonly image: string;
}

type Mapped = { key: string; values: string } | { key: string; sqlstate: string; reason: string };

/** Without its mapped key a row stands under the digest of its image, since no later version can be known as one of it. */
export async function mapOne(client: ClientBase, source: SourceGroup, captured: Captured): Promise<Mapped> {
  const { keySql, valuesSql } = source;
  const ask = async (sql: string): Promise<string> => {
    const { rows } = await client.query<{ mapped: string }>(
      `select ${sql} as mapped from (select $1::smallint as dataset_id, $2::"char" as op, $3::text as image) o`,
      [captured.datasetId, captured.op, captured.image],
    );
    return rows[0]?.mapped ?? '';
  };
  let key = `image:${createHash('sha256').update(captured.image).digest('hex')}`;
  try {
    key = await ask(keySql);
    return { key, values: await ask(valuesSql) };
  } catch (cause) {
    if (kindOfError(cause) !== 'row') throw cause;
    return { key, sqlstate: sqlStateOf(cause) ?? '', reason: messageOf(cause) };
  }
}
