import { setTimeout as delay } from 'node:timers/promises';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { summarise } from '#shared/telemetry/latency-histogram.ts';
import { createSmallPair } from '#test/proxy/cutover/stream/support/small-pair.ts';
import type { Pair } from '#test/proxy/cutover/stream/support/pair.ts';
import { tellGoal } from './goals.ts';
import { readOptions } from './options.ts';
import { describeMachine, machineLine } from '#test/load/proxy/machine.ts';

/**
 * `npm run bench:stream`: what following costs. Writers fill the outbox first, so that only the copy runs while it is
 * measured; its CPU is that of this process and of the server's backends for it. Then changes come at half that rate.
 */
const help = `npm run bench:stream -- [--changes N] [--seconds N] [--goal N]
  --changes  that wait in the outbox when it begins. Default: 60000
  --seconds  of changes at half the goal's rate. Default: 10
  --goal     changes a second. Default: 5000
`;

const values = readOptions(help, {
  changes: { type: 'string', default: '60000' },
  seconds: { type: 'string', default: '10' },
  goal: { type: 'string', default: '5000' },
});
const changes = Number(values.changes);
const seconds = Number(values.seconds);
const goal = Number(values.goal);

const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'pg'), durable: false });
process.env['BANYAN_TEST_POSTGRES'] = postgres.url('postgres');
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
try {
  print(machineLine(describeMachine()));
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  await admin.query('create database template_empty');
  await admin.end();
  const pair = await createSmallPair();
  await steady(pair);
  await atHalfRate(pair);
  await pair.drop();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** A third each of inserts of a parent, of its child and of updates of the parent, in transactions of three. */
async function steady(pair: Pair): Promise<void> {
  const third = Math.floor(changes / 3);
  await pair.monolith.query(`do $$ begin for n in 1..${third} loop
    insert into parents values (n, 'p' || n, n % 100, 'note');
    insert into children values (n, n, 'word ' || n);
    update parents set note = 'again' where id = n;
    commit; end loop; end $$`);
  const before = process.cpuUsage();
  const began = performance.now();
  const stream = await pair.start();
  while (stream.status().groups[0]?.state !== 'following') await delay(2);
  await pair.settled(stream);
  const wall = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const mover = (user + system) / 1e6;
  const rate = Math.round((third * 3) / wall);
  print(`steady: ${third * 3} changes in ${wall.toFixed(2)} s = ${rate}/s; mover CPU ${mover.toFixed(2)} s`);
  print(`  mover CPU a change: ${((mover / (third * 3)) * 1e6).toFixed(1)} µs`);
  print(`  the three processes (mover, source, target) take turns, so this is the rate of about one core`);
  tellGoal({ what: 'steady apply on one core', had: rate, wanted: goal, is: 'at least', unit: 'changes/s' });
  await stream.stop();
}

async function atHalfRate(pair: Pair): Promise<void> {
  const stream = await pair.start();
  await pair.settled(stream);
  const writer = new Client({ connectionString: pair.monolith.url });
  await writer.connect();
  const perTick = Math.round(goal / 2 / 100);
  const began = performance.now();
  let written = 0;
  while (performance.now() - began < seconds * 1_000) {
    const due = Math.floor((performance.now() - began) / 10) * perTick;
    if (due > written) {
      // One commit each, as apps do; the loop on the server spares this process.
      await writer.query(`do $$ begin for n in ${written}..${due - 1} loop
        update parents set note = 'n' || n where id = 1 + n % ${Math.floor(changes / 3)};
        commit; end loop; end $$`);
      written = due;
    }
    await delay(2);
  }
  await pair.settled(stream);
  const { lag, applied } = stream.status().groups[0] ?? { lag: summarise([]), applied: 0 };
  const rate = Math.round(written / ((performance.now() - began) / 1_000));
  print(
    `half rate: ${written} changes at ${rate}/s, ${applied} applied (a row's versions in one page count once)`,
  );
  print(
    `  lag, upper bounds: p50 ${lag.p50.toFixed(1)} ms, p99 ${lag.p99.toFixed(1)} ms, max ${lag.max.toFixed(1)} ms`,
  );
  tellGoal({ what: 'lag at half that rate, p99', had: lag.p99, wanted: 250, is: 'at most', unit: 'ms' });
  await writer.end();
}
