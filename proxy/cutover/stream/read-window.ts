import type { ClientBase } from 'pg';
import { contentsOf, mappedColumns, type Contents, type MappedRow, type PageLimits } from './read-page.ts';
import { literal, type SourceGroup } from './source-group.ts';
import { windowSql, windowValues, type Window } from './window.ts';

/** Rows that are fetched at once, until their size is known. */
const firstFetch = 32;

/** What is left of a large window, page by page, sorted once by the server. */
export interface WindowReader {
  /** The next page; empty at the end. */
  next(): Promise<Contents>;
  close(): Promise<void>;
}

/** Keeps a transaction open on `client` until it is closed. */
export async function openWindow(options: {
  readonly client: ClientBase;
  readonly source: SourceGroup;
  readonly window: Window;
  readonly limits: PageLimits;
}): Promise<WindowReader> {
  const { client, source, window, limits } = options;
  await client.query('begin isolation level repeatable read read only');
  await client.query(`declare banyan_window no scroll cursor for select ${mappedColumns(source)} from (
    select o.seq, o.epoch, o.bucket, o.dataset_id, o.op, o.image from banyan.outbox o
    where ${withLiterals(windowSql, windowValues(window))} order by o.seq offset 0) o order by o.seq`);
  let size = 0;
  let seen = 0;
  return {
    async next() {
      const rows: MappedRow[] = [];
      let bytes = 0;
      while (rows.length < limits.rows && bytes < limits.bytes) {
        const fit = seen === 0 ? firstFetch : Math.ceil((limits.bytes - bytes) / (size / seen + 1));
        const count = Math.max(1, Math.min(fit, limits.rows - rows.length));
        const fetched = await client.query<MappedRow & unknown[]>({
          text: `fetch ${count} from banyan_window`,
          rowMode: 'array',
        });
        rows.push(...fetched.rows);
        const more = fetched.rows.reduce((sum, row) => sum + Number(row[7]), 0);
        bytes += more;
        size += more;
        seen += fetched.rows.length;
        if (fetched.rows.length < count) break;
      }
      return contentsOf(source, rows);
    },
    async close() {
      await client.query('commit');
    },
  };
}

/** A cursor is declared without parameters. Our values are numbers and snapshots. */
function withLiterals(sql: string, values: readonly (string | number | string[] | null)[]): string {
  return sql.replaceAll(/\$(\d+)/g, (_all, at: string) => {
    const value = values[Number(at) - 1];
    if (value === null || value === undefined) return 'null';
    return literal(Array.isArray(value) ? `{${value.join(',')}}` : String(value));
  });
}
