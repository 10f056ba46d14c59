import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { describeMachine, machineLine } from '#test/load/proxy/machine.ts';
import { readOptions } from '../options.ts';
import { measureOwnReads } from './own-reads.ts';
import { measurePauses } from './pauses.ts';
import { measureRollbacks } from './rollbacks.ts';

const help = `npm run bench:move -- [--quick] [--part NAME] [--moves N] [--rounds N] [--rate N] [--reads N] [--durable yes|no]
  --quick    20 moves of the one bucket, 1 round, 50000 reads
  --part     pauses, rollback or ryw alone. Default: all
  --moves    of one of 256 buckets, and of a group of one bucket. Default: 200
  --rounds   twice as many moves of all 256 buckets, and as many rollbacks by flag. Default: 5
  --rate     writes a second on all 256 buckets, and on the group of one. Default: 2000
  --reads    of own writes, half of them through three proxies and half through two workers. Default: 1000000
  --durable  no: commits are not flushed. Default: yes
A line for each goal says whether it was met. Exit code 0: all were; 1: one was missed; 2: wrong options.
`;

const values = readOptions(help, {
  quick: { type: 'boolean', default: false },
  part: { type: 'string', default: 'all' },
  moves: { type: 'string', default: '200' },
  rounds: { type: 'string', default: '5' },
  rate: { type: 'string', default: '2000' },
  reads: { type: 'string', default: '1000000' },
  durable: { type: 'string', default: 'yes' },
});

const sizes = values.quick
  ? { moves: 20, rounds: 1, reads: 50_000 }
  : { moves: Number(values.moves), rounds: Number(values.rounds), reads: Number(values.reads) };
const rate = Number(values.rate);
const parts: Readonly<Record<string, () => Promise<void>>> = {
  pauses: () => measurePauses({ ...sizes, rate }),
  rollback: () => measureRollbacks({ rounds: sizes.rounds, rate }),
  ryw: () => measureOwnReads({ reads: sizes.reads }),
};
if (values.part !== 'all' && !Object.hasOwn(parts, values.part)) {
  process.stderr.write(
    `error: --part must be one of ${Object.keys(parts).join(', ')}, not ${values.part}\n${help}`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({
  dataFolder: join(folder, 'pg'),
  durable: values.durable === 'yes',
  settings: { max_connections: '250' },
});
process.env['BANYAN_TEST_POSTGRES'] = postgres.url('postgres');
const loads = (): string =>
  loadavg()
    .map((load) => load.toFixed(1))
    .join(' ');
try {
  process.stdout.write(
    `${machineLine(describeMachine())}\nload average ${loads()}; commits flushed: ${values.durable}\n`,
  );
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('create database template_empty');
  await admin.end();
  for (const [name, run] of Object.entries(parts))
    if (values.part === 'all' || values.part === name) await run();
  process.stdout.write(`load average now ${loads()}\n`);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
