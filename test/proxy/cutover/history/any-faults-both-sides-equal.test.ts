import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { Side } from '#flags/stages.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { showProgress } from '#test/support/long-run.ts';
import { bothSides } from '../stream/support/pair.ts';
import { randomFrom, startClients, type Clients } from './support/clients.ts';
import { makeHistories, type History } from './support/histories.ts';
import { moverProcess, type MoverProcess } from './support/mover-process.ts';
import { startServerPair, type ServerPair } from './support/server-pair.ts';

/** The short form does each fault once or twice; `npm run soak` says for how long. */
const seconds = Number(process.env['HISTORY_SECONDS'] ?? 0);
const seed = Number(process.env['HISTORY_SEED'] ?? Date.now() % 1_000_000);

let servers: ServerPair;
let histories: History[];
let mover: MoverProcess;
const clients: Clients[] = [];

beforeAll(async () => {
  servers = await startServerPair();
  histories = await makeHistories(servers);
}, 120_000);
afterAll(async () => {
  await Promise.allSettled(clients.map((client) => client.stop()));
  await mover.kill();
  await servers.stop();
}, 60_000);

const faults: readonly (() => Promise<void>)[] = [
  async () => {
    await mover.kill();
    mover.start();
  },
  () => servers.cut('monolith', 'banyan '),
  () => servers.cut('service', 'banyan '),
  () => servers.crash('service'),
  async () => {
    await mover.kill();
    mover.start();
  },
  () => servers.crash('monolith'),
  () => servers.cut('monolith', 'client'),
  // Both at once, and the mover in the middle of it.
  async () => {
    await Promise.all([servers.crash('monolith'), mover.kill(), servers.cut('service', 'banyan ')]);
    mover.start();
  },
];

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 90_000;
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`seed ${seed}: never ${what}: ${JSON.stringify(mover.said())}`);
    await delay(100);
  }
}

async function differences({ plan, owner, databases }: History): Promise<string[]> {
  const asDatabase = (side: Side) => ({
    query: <Row>(text: string) => servers.query<Row>(side, databases[side], text),
  });
  const pair = { monolith: asDatabase('monolith'), service: asDatabase('service') };
  const found: string[] = [];
  for (const dataset of plan.groups.flatMap((group) => group.datasets)) {
    const sides = await bothSides(pair as unknown as Parameters<typeof bothSides>[0], dataset, owner);
    const [mine, theirs] = [new Set(sides.owner), new Set(sides.follower)];
    found.push(
      ...sides.owner.filter((row) => !theirs.has(row)).map((row) => `missing in ${dataset.name}: ${row}`),
    );
    found.push(
      ...sides.follower.filter((row) => !mine.has(row)).map((row) => `extra in ${dataset.name}: ${row}`),
    );
  }
  return found;
}

test(
  'clients write, everything is killed, cut off and restarted: both sides are equal, and no row ever went back',
  async () => {
    for (const { owner, databases, writes } of histories)
      clients.push(startClients({ url: servers.url(owner, databases[owner]), writes, count: 4, seed }));
    mover = moverProcess(
      histories.map(({ plan, owner }) => ({ plan, owner })),
      { repairs: false },
    );
    const random = randomFrom(seed);
    const isLong = seconds > 0;
    const progress = showProgress({ what: 'history: faults', total: seconds, within: seconds });
    // The first faults meet the backfill, whichever it is.
    for (let count = 0; count < faults.length || !progress.over; count += 1) {
      await delay(count < 3 ? 400 : 300 + random(isLong ? 3_000 : 600));
      await faults[count < faults.length ? count : random(faults.length)]?.();
      progress.step();
    }
    progress.end();
    await until('following', () => mover.said().filter(({ phase }) => phase === 'following').length === 2);
    await Promise.all(clients.map((client) => client.stop()));
    expect(Math.min(...clients.map((client) => client.done()))).toBeGreaterThan(20);

    for (const history of histories) {
      const { plan, owner, databases } = history;
      const follower = otherSide(owner);
      let left: string[] = [];
      await until('equal', async () => {
        left = await differences(history);
        return left.length === 0;
      }).catch((cause: unknown) => {
        throw new Error(`seed ${seed}: ${left.slice(0, 10).join('\n')}`, { cause });
      });
      const report = await engine.verify({
        plan,
        owner,
        mode: 'live',
        signal: new AbortController().signal,
        settings: { pauseMs: 200 },
      });
      expect(report).toMatchObject({ equal: true, differences: [] });
      const sql = (text: string) => servers.query<object>(follower, databases[follower], text);
      expect(await sql('select * from public.went_back limit 10')).toEqual([]);
      expect(await sql('select dataset_id, key, sqlstate, reason from banyan.parked limit 10')).toEqual([]);
      expect(await sql(`select from banyan.backfill_runs where state = 'open'`)).toEqual([]);
    }
  },
  600_000 + seconds * 1_000,
);
