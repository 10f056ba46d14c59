import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openBackfill } from '#proxy/cutover/backfill/open-runs.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { startStream, type Stream } from '#proxy/cutover/stream/start-stream.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { run, silent } from '#test/proxy/cutover/support/bulk-fixture.ts';
import { samplePlan } from '#test/proxy/cutover/support/sample-plan.ts';
import { fillSample } from './bulk-rows.ts';
import { tellGoal } from './goals.ts';
import { readOptions } from './options.ts';

// How fast the stream goes while a backfill is open and the rows that the changes refer to are not copied yet: tokens come
// and go, and none of their accounts is there. Then everything is copied, and the two sides must be equal.

const help = `node test/load/cutover/beside-backfill.ts [--rows N] [--changes N] [--goal N]
  --rows      accounts, and as many tokens, that are there before. Default: 100000
  --changes   of tokens that wait when the stream begins. Default: 60000
  --goal      changes a second. Default: 5000
`;
const values = readOptions(help, {
  rows: { type: 'string', default: '100000' },
  changes: { type: 'string', default: '60000' },
  goal: { type: 'string', default: '5000' },
});
const rows = Number(values.rows);
const changes = Number(values.changes);
const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** Half of them deletes of tokens that are there, half new tokens of other accounts; two in a transaction. */
const writes = `do $$ begin for n in 1..${Math.floor(changes / 2)} loop
    delete from auth_tokens where user_id = 1 + n % ${Math.floor(rows / 2)};
    insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
      values (${Math.floor(rows / 2)} + 1 + n % ${Math.floor(rows / 2)}, md5(n::text) || md5('new'), 1, gen_random_uuid(), now(), 'infinity');
    commit; end loop; end $$`;

async function passed(stream: Stream, url: string): Promise<number> {
  const began = performance.now();
  const [now] = await run(url, 'select pg_current_snapshot()::text as snapshot');
  while ((await stream.reached(String(now?.['snapshot']), { withinMs: 600_000 })) !== 'reached')
    await delay(10);
  return (performance.now() - began) / 1_000;
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-beside-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(folder, 'pg'),
    settings: { max_wal_size: '4GB', shared_buffers: '256MB' },
  });
  try {
    const urls = { monolith: postgres.url('old_side'), service: postgres.url('new_side') };
    for (const name of ['old_side', 'new_side'])
      await run(postgres.url('postgres'), `create database ${name}`);
    const schemas = { monolith: 'monolith/schema', service: 'user-service/schema' };
    const plan = samplePlan(urls);
    await fillBefore(urls, schemas);
    for (const side of ['monolith', 'service'] as const) await install(plan, side);
    await run(urls.monolith, writes);

    await openBackfill({ plan, to: 'service' });
    const stream = await startStream({ plan, from: 'monolith', log: silent });
    const seconds = await passed(stream, urls.monolith);
    const [group] = stream.status().groups;
    const { applied = 0, left = 0, parked = 0 } = group ?? {};
    const rate = Math.round((applied + left + parked) / seconds);
    out(
      `before the accounts: ${seconds.toFixed(2)} s; applied ${applied}, left to the backfill ${left}, parked ${parked}`,
    );
    tellGoal({
      what: 'stream while the backfill is open',
      had: rate,
      wanted: Number(values.goal),
      is: 'at least',
      unit: 'changes/s',
    });
    const { signal } = new AbortController();
    const began = performance.now();
    await startBackfill({
      plan,
      to: 'service',
      log: silent,
      signal,
      lagMs: () => stream.status().lagMs ?? 0,
      reached: (snapshot) => stream.drainedUpTo(snapshot),
    });
    out(`backfill: ${((performance.now() - began) / 1_000).toFixed(2)} s`);
    await passed(stream, urls.monolith);
    const report = await verify({ plan, owner: 'monolith', mode: 'live', signal });
    await stream.stop();
    if (!report.equal) throw new Error('the two sides differ');
    out(`equal, ${report.datasets.reduce((sum, one) => sum + one.rows, 0)} rows`);
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillBefore(
  urls: Readonly<Record<'monolith' | 'service', string>>,
  schemas: Readonly<Record<'monolith' | 'service', string>>,
): Promise<void> {
  for (const side of ['monolith', 'service'] as const)
    await migrate({
      url: urls[side],
      folder: fileURLToPath(new URL(`../../../${schemas[side]}`, import.meta.url)),
    });
  await fillSample(urls.monolith, rows);
}

await bench();
