import type { ClientBase } from 'pg';
import type { Change, Marker, UnmappedChange } from './change.types.ts';
import type { SourceGroup } from './source-group.ts';
import { windowSql, windowValues, type Window } from './window.ts';

export interface PageLimits {
  readonly rows: number;
  /** Of captured rows, as text. One row may be larger. */
  readonly bytes: number;
}

export const usualLimits: PageLimits = { rows: 2_000, bytes: 8 << 20 };

/** seq, epoch, bucket, number of the dataset, op, key, values, bytes. */
export type MappedRow = readonly [
  string,
  string,
  number,
  number | null,
  string,
  string | null,
  string | null,
  string,
];

export const mappedColumns = ({ keySql, valuesSql }: SourceGroup): string =>
  `o.seq, o.epoch, o.bucket, o.dataset_id, o.op, ${keySql}, ${valuesSql}, coalesce(octet_length(o.image), 0)::bigint`;

export interface Contents {
  readonly changes: readonly Change[];
  readonly unmapped: readonly UnmappedChange[];
  readonly markers: readonly Marker[];
  readonly lastSeq: string | undefined;
  readonly count: number;
}

/**
 * The first rows of a window and the snapshot that they were read in, by one statement: what MVCC shows it is what the
 * snapshot says. Rows beyond the limit of bytes are neither mapped nor sent.
 */
export async function readHead(options: {
  readonly client: ClientBase;
  readonly source: SourceGroup;
  readonly window: Window;
  readonly limits: PageLimits;
}): Promise<{ contents: Contents; snapshot: string; more: boolean }> {
  const { client, source, window, limits } = options;
  const text = `select now.snapshot, page.* from (select pg_current_snapshot()::text as snapshot) now
    left join lateral (
      select ${mappedColumns(source)}, o.found from (
        select w.*, sum(coalesce(octet_length(image), 0)) over (order by seq) - coalesce(octet_length(image), 0) as before,
          count(*) over () as found
        from (select o.seq, o.epoch, o.bucket, o.dataset_id, o.op, o.image from banyan.outbox o
          where ${windowSql} order by o.seq limit $7::int4) w
      ) o where o.before < $8::bigint order by o.seq
    ) page on true`;
  const values = [...windowValues(window), limits.rows, limits.bytes];
  const { rows } = await client.query<[string, ...MappedRow, string]>({
    name: `banyan head ${source.groupId}`,
    text,
    values,
    rowMode: 'array',
  });
  const first = rows[0];
  const mapped = rows.flatMap(([_snapshot, ...row]) =>
    row[0] === null ? [] : [row as unknown as MappedRow],
  );
  const found = mapped.length === 0 ? 0 : Number(first?.[9]);
  return {
    contents: contentsOf(source, mapped),
    snapshot: first?.[0] ?? '',
    more: found === limits.rows || mapped.length < found,
  };
}

export function contentsOf(source: SourceGroup, rows: readonly MappedRow[]): Contents {
  const changes: Change[] = [];
  const markers: Marker[] = [];
  for (const [seq, epoch, bucket, datasetId, op, key, values] of rows) {
    if (op === 'M') {
      markers.push({ seq, epoch, bucket });
      continue;
    }
    const dataset = source.datasets.get(datasetId ?? 0);
    // A dataset that the configuration does not name any more is not of this copy.
    if (dataset === undefined || key === null || values === null) continue;
    changes.push({ seq, epoch, bucket, dataset, deleted: op === 'D', key, values });
  }
  return { changes, markers, unmapped: [], lastSeq: rows.at(-1)?.[0], count: rows.length };
}
