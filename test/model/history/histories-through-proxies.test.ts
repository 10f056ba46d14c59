import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appendFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '#flags/stages.ts';
import { showProgress } from '#test/support/long-run.ts';
import { randomFrom } from '#test/proxy/cutover/history/support/clients.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { clientRun, type ClientCounts } from './fleet/client.ts';
import { startDriver, type Driver } from './fleet/driver.ts';
import { startFleet, type Fleet } from './fleet/fleet.ts';
import { generationKeys } from './fleet/keys.ts';
import { watchRows, wentBack } from './fleet/row-watch.ts';
import { checkHistory, toNdjson, type Operation } from './linearizable.ts';

// `npm run soak -- --moves N` runs it for long.
const moves = Number(process.env['SOAK_MOVES'] ?? 60);
const within = Number(process.env['SOAK_MOVES_SECONDS'] ?? Infinity);
const seed = Number(process.env['HISTORY_SEED'] ?? Date.now() % 1_000_000);
const isLong = process.env['SOAK_MOVES'] !== undefined;

const buckets = Array.from({ length: isLong ? 64 : 8 }, (_, bucket) => bucket);
const clientCount = 6;
const roundsOfGeneration = isLong ? 25 : 6;

let world: ItemsWorld;
let fleet: Fleet;
let driver: Driver;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256 });
  await world.unfollow();
  await watchRows(world);
  // Slow: what it stamps looks older than it is, which is the dangerous way.
  fleet = await startFleet(world, { clockShiftMs: -90_000 });
  driver = startDriver({ world, fleet, buckets, random: randomFrom(seed) });
});
afterAll(async () => {
  await driver.end();
  await fleet.end();
  await world.drop();
});

test(
  'clients through several proxies while buckets move and everything is killed, stopped or cut: no write is lost, split or undone, and each client sees its own',
  async () => {
    const idsOf = new Map<number, readonly string[]>();
    for (const bucket of buckets) idsOf.set(bucket, await world.idsIn(bucket, isLong ? 60 : 200));
    const random = randomFrom(seed + 1);
    const counts: ClientCounts = { operations: 0, unknown: 0, ownReads: 0, ownReadsOfCopy: 0, refused: 0 };
    const violations: string[] = [];
    let initial = new Map<string, string>();
    let done = { moved: 0, undone: 0 };
    const progress = showProgress({
      what: 'moves under clients of three proxies',
      total: moves,
      within,
      detail: () =>
        `; ${counts.operations} operations, ${counts.unknown} without an answer, ${counts.refused} held too long, ${counts.ownReads} reads of own writes (${counts.ownReadsOfCopy} of a copy), ${done.undone} moves undone, ${violations.length} violations`,
    });
    for (let generation = 0; progress.count < moves && !progress.over; generation += 1) {
      const history: Operation[] = [];
      const stopping = new AbortController();
      const keys = generationKeys({ idsOf, generation });
      const clients = Array.from({ length: clientCount }, (_, number) =>
        clientRun({
          number,
          firstTurn: generation * 1_000_000,
          urls: fleet.urls,
          keys,
          initial,
          history,
          signal: stopping.signal,
          counts,
          violations,
        }),
      );
      const faults = (async () => {
        while (!stopping.signal.aborted) {
          await delay(200 + random(isLong ? 3_000 : 800));
          await driver.fault();
        }
      })();
      for (let round = 0; round < roundsOfGeneration && progress.count < moves; round += 1) {
        await driver.round();
        done = await driver.counts();
        progress.reach(done.moved);
      }
      stopping.abort();
      await Promise.all([...clients, faults]);
      await driver.settle();

      // Everybody is at rest: what was acknowledged is in the owner, and the copy is the same.
      const rows = await world.equal();
      const now = performance.now();
      const last = [...new Set(history.map(({ key }) => key))].map((key): Operation => ({
        client: -1,
        key,
        operation: 'read',
        value: rows.get(key),
        start: now,
        end: now + 1,
      }));
      const all = [...history, ...last];
      const verdict = checkHistory(all, initial);
      keep(all, process.env['HISTORY_FOLDER'], verdict.linearizable && violations.length === 0);
      expect({ seed, verdict, violations }).toEqual({
        seed,
        verdict: { linearizable: true },
        violations: [],
      });
      for (const side of sides) expect(await wentBack(world.databases[side])).toEqual([]);
      initial = rows;
    }
    progress.end();
    expect(done.moved).toBeGreaterThan(0);
    expect(counts.ownReadsOfCopy).toBeGreaterThan(0);
  },
  Math.max(180_000, moves * 2_000),
);

const sides: readonly Side[] = ['monolith', 'service'];

/** For whoever wants to look, or to check it with another checker; always, where something is wrong. */
function keep(history: readonly Operation[], folder: string | undefined, isGood: boolean): void {
  if (folder === undefined && isGood) return;
  const place = folder ?? mkdtempSync(join(tmpdir(), 'banyan-history-'));
  mkdirSync(place, { recursive: true });
  const file = join(place, 'through-proxies.ndjson');
  appendFileSync(file, toNdjson(history));
  if (!isGood) process.stderr.write(`the history is in ${file}; seed ${seed}\n`);
}
