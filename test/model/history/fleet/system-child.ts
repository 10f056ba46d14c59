import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { isProblem } from '#shared/errors/problem.ts';
import { notOwnerProblem } from '#shared/http/not-owner.ts';

// One of the two systems, as small as one can be that keeps the rules of docs/migration/not-owner.md: each request is one
// statement, BY001 becomes 421, and what no row tells the gate (a DELETE that finds nothing, an INSERT that meets a row) is
// answered by the owner alone. It ends with its parent.

const side = (process.env['SYSTEM_SIDE'] ?? '') as Side;
/** SQL of the bucket of `t.id`. */
const bucketOf = process.env['SYSTEM_BUCKET'] ?? '';
const pool = new Pool({
  connectionString: process.env['SYSTEM_DATABASE'],
  application_name: 'history system',
  max: 8,
  statement_timeout: 3_000,
});
pool.on('error', () => undefined);

interface Row {
  readonly value: string | null;
  readonly done: boolean;
  readonly bucket: number;
  readonly state: string;
  readonly epoch: string;
}

/** What this side says of the bucket, in the same snapshot. */
const withBucket = (statement: string): string =>
  `with asked as (select $1::bigint as id), done as (${statement})
   select (select i.value from items i where i.id = t.id) as value, exists (select from done) as done,
     b.bucket, b.state, b.epoch::text from asked t join banyan.buckets b on b.bucket = ${bucketOf}`;
const returning = 'returning 1';
const statements: Readonly<Record<string, string>> = {
  GET: withBucket('select'),
  PUT: withBucket(
    `insert into items values ($1, $2) on conflict (id) do update set value = excluded.value ${returning}`,
  ),
  POST: withBucket(`insert into items values ($1, $2) on conflict do nothing ${returning}`),
  DELETE: withBucket(`delete from items where id = $1 ${returning}`),
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request;
  const id = url.slice(url.lastIndexOf('/') + 1);
  const hasBody = method === 'PUT' || method === 'POST';
  const values = hasBody ? [id, await text(request)] : [id];
  const { rows } = await pool.query<Row>(statements[method] ?? '', values);
  const [row] = rows;
  if (row === undefined) throw new Error('the group is not installed');
  const isOwned = row.state === 'owner';
  const marks = { 'x-side': side, 'x-owned': isOwned ? 'yes' : 'no' };
  if (method === 'GET') {
    response.writeHead(row.value === null ? 404 : 200, marks).end(row.value ?? '');
    return;
  }
  if (row.done) {
    response.writeHead(200, marks).end();
    return;
  }
  if (isOwned) {
    response.writeHead(method === 'POST' ? 409 : 404, marks).end();
    return;
  }
  response
    .writeHead(421, {
      'banyan-group': 'things',
      'banyan-bucket': row.bucket,
      'banyan-epoch': row.epoch,
      ...(row.state === 'follower' ? { 'banyan-owner': otherSide(side) } : {}),
    })
    .end();
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    const refused = notOwnerProblem(error);
    if (refused !== undefined && isProblem(refused)) response.writeHead(421, { ...refused.headers }).end();
    else response.writeHead(500).end();
  });
});
server.listen(Number(process.env['SYSTEM_PORT']), '127.0.0.1', () => process.send?.('ready'));
process.on('disconnect', () => process.exit());
