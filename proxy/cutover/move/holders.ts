import type { Pool } from 'pg';

interface HolderRow {
  readonly pid: number | null;
  readonly application: string;
  readonly login: string | null;
  readonly transaction_ms: string | null;
  readonly query_ms: string | null;
  readonly session_state: string | null;
  readonly prepared: string | null;
}

/** Who holds a bucket against a fence, the oldest first, one line each. Ages where the installer could give the right to see them. */
export async function holdersOf(pool: Pool, group: string, bucket: number): Promise<string[]> {
  const { rows } = await pool.query<HolderRow>('select * from banyan.bucket_holders($1, $2)', [
    group,
    bucket,
  ]);
  return rows.map((row) => {
    if (row.pid === null)
      return `prepared transaction ${row.prepared === null ? '(unknown)' : JSON.stringify(row.prepared)}${age('open', row.transaction_ms)}: commit or roll it back`;
    const state = row.session_state === null ? '' : `, ${row.session_state}`;
    return `pid ${row.pid}, application ${row.application}, login ${row.login ?? 'unknown'}${state}${age('transaction open', row.transaction_ms)}${age('query', row.query_ms)}`;
  });
}

function age(what: string, ms: string | null): string {
  return ms === null ? '' : `, ${what} for ${(Number(ms) / 1_000).toFixed(1)} s`;
}
