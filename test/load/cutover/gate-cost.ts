// What gate and capture cost a write, in microseconds of the server's CPU (user and system, of the backend that writes;
// Linux only). One connection, bare and gated tables in turns, medians; with flushed commits and without.
// `npm run bench:gate -- [--rounds N] [--rows N]`.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { install } from '#proxy/cutover/install/install.ts';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { gatePlan, variants, type Variant } from './gate-variants.ts';
import { tellGoal } from './goals.ts';
import { readOptions } from './options.ts';
import { median, writes, type Write } from './gate-writes.ts';

const help = `npm run bench:gate -- [--rounds N] [--rows N]
  --rounds   of each write and variant, in turns. Default: 30
  --rows     in each table. Default: 50000
`;

const values = readOptions(help, {
  rounds: { type: 'string', default: '30' },
  rows: { type: 'string', default: '50000' },
});
const rounds = Number(values.rounds);
const rows = Number(values.rows);
const goalMicroseconds = 60;
const names = Object.keys(variants) as Variant[];

/** Microseconds on a CPU since the process began. */
function cpuOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

async function prepare(admin: Client, url: string): Promise<void> {
  for (const table of Object.values(variants)) {
    await admin.query(`create table ${table} (id bigint primary key, email varchar(254) not null unique, name varchar(200) not null,
      active smallint not null default 1, admin smallint not null default 0, secret varchar(255) not null,
      created_at timestamp not null default now(), updated_at timestamp not null default now())`);
    await admin.query(
      `insert into ${table} select i, 'person' || i || '@example.org', 'Person ' || i, 1, 0, md5(i::text) || md5(i::text)
       from generate_series(1, $1::int) i`,
      [rows],
    );
    await admin.query(`vacuum analyze ${table}`);
  }
  await install(gatePlan(url), 'monolith');
  const { rows: found } = await admin.query<{ id: number }>(
    `select dataset_id as id from banyan.datasets where name = 'path'`,
  );
  await admin.query(`alter function banyan.write_${found[0]?.id}() set search_path = pg_catalog, pg_temp`);
}

async function measure(client: Client, write: Write): Promise<Record<Variant, number>> {
  const { rows: found } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = found[0]?.pid ?? 0;
  const costs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Variant, number[]>;
  const turns = write.rowsEach === 1 ? rounds : Math.max(3, Math.trunc(rounds / 6));
  // In the first turn plans are made and caches filled; it does not count.
  for (let turn = 0; turn <= turns; turn += 1)
    // Each turn another one is first: whoever comes after the bare table finds the caches as that left them.
    for (const name of names.map((_, at) => names[(at + turn) % names.length] ?? 'bare')) {
      const before = cpuOf(pid);
      for (let i = 0; i < write.turn; i += 1)
        await write.run(client, { table: variants[name], n: turn * write.turn + i, rows });
      if (turn > 0) costs[name].push((cpuOf(pid) - before) / (write.turn * write.rowsEach));
    }
  return Object.fromEntries(names.map((name) => [name, median(costs[name])])) as Record<Variant, number>;
}

async function bench(flushed: boolean): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-gate-'));
  chmodSync(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataFolder: join(folder, 'pg'), durable: flushed });
  let worst = 0;
  try {
    const url = server.url('postgres');
    const client = new Client({ connectionString: url });
    await client.connect();
    await prepare(client, url);
    for (const write of writes) {
      const costs = await measure(client, write);
      for (const name of names) {
        const more = costs[name] - costs.bare;
        if (write.rowsEach === 1 && (name === '1 bucket' || name === '256 buckets'))
          worst = Math.max(worst, more);
        const cells = [
          write.name,
          flushed ? 'flushed' : 'not flushed',
          name,
          costs[name].toFixed(1),
          name === 'bare' ? '' : `+${more.toFixed(1)} (${(costs[name] / costs.bare).toFixed(2)} ×)`,
        ];
        process.stdout.write(`| ${cells.join(' | ')} |\n`);
      }
    }
    await client.end();
    return worst;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

process.stdout.write(
  '| write | commits | variant | µs of CPU a row | more than bare |\n|---|---|---|---|---|\n',
);
const worst = Math.max(await bench(false), await bench(true));
tellGoal({
  what: 'gate and capture add to a single-row write',
  had: worst,
  wanted: goalMicroseconds,
  is: 'at most',
  unit: 'µs',
});
