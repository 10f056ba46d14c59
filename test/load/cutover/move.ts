import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import type { Side } from '#flags/stages.ts';
import { describeMachine, machineLine } from '#test/load/proxy/machine.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { startWriters, type Writers } from '#test/proxy/cutover/move/support/writers.ts';
import { readOptions } from './options.ts';

/**
 * `npm run bench:move`: for how long a move holds writes back. Pause: from the wait for the fence to the new owner, as the
 * controller measures it, so an upper bound. Writers' longest: what one write took at most, on whatever side it ended.
 */
const help = `npm run bench:move -- [--moves N] [--rounds N] [--rate N] [--durable yes|no]
  --moves    of the one bucket. Default: 200
  --rounds   twice as many moves of all 256 buckets, ten times as many of a group of one. Default: 3
  --rate     writes a second on all 256 buckets, and on the group of one. Default: 2000
  --durable  no: commits are not flushed. Default: yes
`;

const values = readOptions(help, {
  moves: { type: 'string', default: '200' },
  rounds: { type: 'string', default: '3' },
  rate: { type: 'string', default: '2000' },
  durable: { type: 'string', default: 'yes' },
});
const rate = Number(values.rate);
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({
  dataFolder: join(folder, 'pg'),
  durable: values.durable === 'yes',
});
process.env['BANYAN_TEST_POSTGRES'] = postgres.url('postgres');
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
try {
  print(machineLine(describeMachine()));
  print(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}; commits flushed: ${values.durable}`,
  );
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('create database template_empty');
  await admin.end();
  const many = await itemsWorld({ buckets: 256, rows: 2_000 });
  await measure(many, {
    title: `one of 256 buckets, ${values.moves} moves, 200 writes/s on it`,
    moves: Number(values.moves),
    buckets: [0],
    goalMs: 100,
    ids: await spread(many, 4, 0),
    everyMs: 20,
  });
  await measure(many, {
    title: `all 256 buckets, ${2 * rounds} moves, ${rate} writes/s`,
    moves: 2 * rounds,
    buckets: Array.from({ length: 256 }, (_, bucket) => bucket),
    goalMs: 500,
    ids: evenly(2_000),
    everyMs: 16_000 / rate,
  });
  await many.drop();
  const one = await itemsWorld({ rows: 2_000 });
  await measure(one, {
    title: `a group of one bucket, ${10 * rounds} moves, ${rate} writes/s`,
    moves: 10 * rounds,
    buckets: [0],
    goalMs: 500,
    ids: evenly(2_000),
    everyMs: 16_000 / rate,
  });
  await one.drop();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

interface Case {
  readonly title: string;
  readonly moves: number;
  readonly buckets: readonly number[];
  readonly goalMs: number;
  readonly ids: readonly (readonly string[])[];
  readonly everyMs: number;
}

async function measure(
  world: ItemsWorld,
  { title, moves, buckets, goalMs, ids, everyMs }: Case,
): Promise<void> {
  const writers: Writers = await startWriters({ databases: world.databases, ids, everyMs });
  const began = performance.now();
  const pauses: number[] = [];
  const took: Record<Side, number[]> = { monolith: [], service: [] };
  let unmoved = 0;
  for (let move = 0; move < moves; move += 1) {
    const to = move % 2 === 0 ? 'service' : 'monolith';
    const { outcomes, tookMs } = await world.move(to, { buckets });
    took[to].push(tookMs);
    for (const { end, pauseMs } of outcomes) {
      if (end !== 'moved') unmoved += 1;
      else if (pauseMs !== undefined) pauses.push(pauseMs);
    }
  }
  const seconds = (performance.now() - began) / 1_000;
  const { written, refused, longestMs } = writers.counts();
  await writers.stop();
  const p99 = at(pauses, 0.99);
  print(`\n${title}`);
  print(
    `  pause: p50 ${at(pauses, 0.5).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, most ${at(pauses, 1).toFixed(0)} ms (goal: p99 at most ${goalMs} ms: ${p99 <= goalMs ? 'met' : 'MISSED'})`,
  );
  print(
    `  writers: ${(written / seconds).toFixed(0)} writes/s, ${refused} refused and sent on, 0 failed, longest write ${longestMs.toFixed(0)} ms`,
  );
  print(
    `  whole call: there p50 ${at(took.service, 0.5).toFixed(0)} ms, back (rollback) p50 ${at(took.monolith, 0.5).toFixed(0)} ms, most ${at(took.monolith, 1).toFixed(0)} ms; ${unmoved} not moved; load ${loadavg()[0]?.toFixed(1)}`,
  );
}

function at(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

async function spread(world: ItemsWorld, writers: number, bucket: number): Promise<string[][]> {
  const ids = await world.idsIn(bucket, writers * 5);
  return Array.from({ length: writers }, (_, writer) => ids.slice(writer * 5, writer * 5 + 5));
}

function evenly(count: number): string[][] {
  const ids = Array.from({ length: count }, (_, at) => String(at + 1));
  return Array.from({ length: 16 }, (_, writer) => ids.filter((_id, at) => at % 16 === writer));
}
