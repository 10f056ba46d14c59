import type { Client } from 'pg';

export interface At {
  readonly table: string;
  /** Which write of the run. */
  readonly n: number;
  /** Rows of the table. */
  readonly rows: number;
}

export interface Write {
  readonly name: string;
  readonly rowsEach: number;
  /** Writes in one turn of one variant. */
  readonly turn: number;
  run(client: Client, at: At): Promise<unknown>;
}

export const writes: readonly Write[] = [
  {
    name: 'update of one row',
    rowsEach: 1,
    turn: 50,
    run: (client, { table, n, rows }) =>
      client.query({
        name: `update ${table}`,
        text: `update ${table} set name = $2, updated_at = now() where id = $1`,
        // Spread over the table without a random number: every variant writes the same rows.
        values: [1 + ((n * 7_919) % rows), `Name ${n}`],
      }),
  },
  {
    name: 'insert of one row',
    rowsEach: 1,
    turn: 50,
    run: (client, { table, n, rows }) =>
      client.query({
        name: `insert ${table}`,
        text: `insert into ${table} (id, email, name, secret) values ($1::bigint, 'new' || $1::bigint, 'New', repeat('x', 64))`,
        values: [rows + n + 1],
      }),
  },
  {
    name: 'delete of one row',
    rowsEach: 1,
    turn: 50,
    run: (client, { table, n }) =>
      client.query({ name: `delete ${table}`, text: `delete from ${table} where id = $1`, values: [n + 1] }),
  },
  {
    name: 'insert … select of 10,000 rows',
    rowsEach: 10_000,
    turn: 1,
    run: (client, { table, n }) =>
      client.query(
        `insert into ${table} (id, email, name, secret)
         select i, 'bulk' || i, 'New', repeat('x', 64) from generate_series($1::bigint, $1::bigint + 9999) i`,
        [10_000_000 + n * 10_000],
      ),
  },
  {
    name: 'update of 10,000 rows',
    rowsEach: 10_000,
    turn: 1,
    run: (client, { table, n, rows }) =>
      client.query(`update ${table} set name = $1 where id between $2::int and $2::int + 9999`, [
        `Name ${n}`,
        1 + ((n * 10_000) % (rows - 10_000)),
      ]),
  },
];

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
