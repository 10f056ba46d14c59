import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { createSmallPair } from '#test/proxy/cutover/stream/support/small-pair.ts';
import { tellGoal } from './goals.ts';
import { readOptions } from './options.ts';

// One transaction of a million rows, captured and carried. What is measured is the memory of this process, which is the
// mover: it holds pages, never the transaction.

const help = `node test/load/cutover/large-transaction.ts [--rows N]
  --rows   of the one transaction. Default: 1000000
`;
const values = readOptions(help, { rows: { type: 'string', default: '1000000' } });
const rows = Number(values.rows);
const out = (text: string): void => void process.stdout.write(`${text}\n`);
const mebibytes = (bytes: number): number => bytes / 2 ** 20;
const secondsSince = (began: number): number => (performance.now() - began) / 1_000;

/** The most that was resident since, looked at ten times a second. */
function watchMemory() {
  let most = process.memoryUsage.rss();
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100);
  return {
    end(): number {
      clearInterval(timer);
      return Math.max(most, process.memoryUsage.rss());
    },
  };
}

async function bench(): Promise<void> {
  const pair = await createSmallPair();
  try {
    let began = performance.now();
    await pair.monolith.query(
      `insert into parents select n, 'p' || n, n % 100, 'note', 0 from generate_series(1, ${rows}) n`,
    );
    out(`captured: ${rows} rows of one transaction in ${secondsSince(began).toFixed(1)} s`);
    const before = process.memoryUsage.rss();
    const memory = watchMemory();
    began = performance.now();
    const stream = await pair.start();
    let told = began;
    while ((stream.status().groups[0]?.applied ?? 0) < rows) {
      const [group] = stream.status().groups;
      if (group?.state === 'failing' || group?.state === 'stopped') throw new Error(group.failure?.message);
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (performance.now() - told < 10_000) continue;
      told = performance.now();
      out(`  ${group?.applied ?? 0} rows, ${mebibytes(process.memoryUsage.rss()).toFixed(0)} MiB`);
    }
    await pair.settled(stream);
    const took = secondsSince(began);
    const most = memory.end();
    out(`carried: in ${took.toFixed(1)} s = ${Math.round(rows / took)} rows/s`);
    out(`memory: ${mebibytes(before).toFixed(0)} MiB before, ${mebibytes(most).toFixed(0)} MiB at most`);
    tellGoal({
      what: `memory for one transaction of ${rows.toLocaleString('en')} rows`,
      had: mebibytes(most),
      wanted: 512,
      is: 'at most',
      unit: 'MiB',
    });
    const sum = (table: string, id: string) =>
      `select count(*)::text as n, sum(${id})::text as sum, sum(hashtext(size::text))::text as sizes from ${table}`;
    const [there] = await pair.service.query(sum('owners', 'owner_id'));
    const [here] = await pair.monolith.query(sum('parents', 'id'));
    if (JSON.stringify(there) !== JSON.stringify(here)) throw new Error('the two sides differ');
  } finally {
    await pair.drop();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'banyan-large-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'pg'), durable: false });
process.env['BANYAN_TEST_POSTGRES'] = postgres.url('postgres');
try {
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('create database template_empty');
  await admin.end();
  await bench();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
