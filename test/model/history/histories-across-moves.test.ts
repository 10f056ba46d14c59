import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { codeOf } from '#shared/errors/code.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { showProgress } from '#test/support/long-run.ts';
import { itemsWorld, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';
import { checkHistory, toNdjson, type Operation } from './linearizable.ts';

// `npm run soak` runs it for long: SOAK_PLAIN_MOVES moves instead of some dozens.
const moves = Number(process.env['SOAK_PLAIN_MOVES'] ?? 60);
const timeoutMs = Math.max(120_000, moves * 1_000);
const buckets = [0, 1, 2, 3];
const bucketOf = new Map<string, number>();

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256 });
});
afterAll(() => world.drop());

test(
  'random clients while buckets move back and forth and controllers die: every history is linearizable, nothing is lost',
  async () => {
    for (const bucket of buckets) for (const key of await world.idsIn(bucket, 2)) bucketOf.set(key, bucket);
    const keys = [...bucketOf.keys()];
    const history: Operation[] = [];
    const stopping = new AbortController();
    const clients = [0, 1, 2, 3].map((client) =>
      clientRun({ client, keys, history, signal: stopping.signal }),
    );
    const progress = showProgress({
      what: 'moves under random clients',
      total: moves,
      within: Number(process.env['SOAK_PLAIN_MOVES_SECONDS'] ?? Infinity),
    });
    let to: Side = 'service';
    for (let round = 0; progress.count < moves && !progress.over; round += 1) {
      if (round % 6 === 5) await dyingController(to, round % 12 === 5 ? 'fence' : 'commit');
      if (round % 7 === 3) await cutConnections();
      const { outcomes } = await world.move(to, { buckets, checks: 'none' });
      expect(outcomes.map(({ end }) => end)).toEqual(buckets.map(() => 'moved'));
      for (const _ of outcomes) progress.step();
      to = otherSide(to);
    }
    progress.end();
    stopping.abort();
    await Promise.all(clients);

    keep(history);
    expect(history.length).toBeGreaterThan(progress.count);
    expect(checkHistory(history)).toEqual({ linearizable: true });
    const rows = await world.equal();
    const last = keys.map((key): Operation => ({
      client: -1,
      key,
      operation: 'read',
      value: rows.get(key),
      start: performance.now(),
      end: performance.now() + 1,
    }));
    expect(checkHistory([...history, ...last])).toEqual({ linearizable: true });
  },
  timeoutMs,
);

/** Reads and writes where it thinks that the owner is; a refusal or a lost connection sends it to the other side. */
async function clientRun(options: {
  readonly client: number;
  readonly keys: readonly string[];
  readonly history: Operation[];
  readonly signal: AbortSignal;
}): Promise<void> {
  const { client, keys, history, signal } = options;
  const open: Partial<Record<Side, Client>> = {};
  let side: Side = 'monolith';
  for (let turn = 0; !signal.aborted; turn += 1) {
    const key = keys[(turn * 7 + client * 3) % keys.length] ?? '';
    const operation = (['write', 'read', 'write', 'delete', 'read'] as const)[turn % 5] ?? 'read';
    const value = operation === 'write' ? `c${client}-${turn}` : undefined;
    const start = performance.now();
    for (let answered = false; !answered;) {
      try {
        open[side] ??= await connect(side);
        const read = await operate(open[side], { key, operation, value });
        history.push({ client, key, operation, value: read, start, end: performance.now() });
        answered = true;
      } catch (error) {
        if (codeOf(error) !== 'BY001') {
          await open[side]?.end().catch(() => undefined);
          delete open[side];
          // It took effect or not; what is written next has another value.
          if (operation !== 'read') history.push({ client, key, operation, value, start, end: undefined });
          answered = true;
        }
        side = otherSide(side);
        await new Promise((resolve) => setTimeout(resolve, 3));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  await Promise.all(Object.values(open).map((one) => one.end()));
}

async function connect(side: Side): Promise<Client> {
  const client = new Client({ connectionString: world.databases[side].url, application_name: 'history' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A read is one of the owner. */
async function operate(
  client: Client | undefined,
  {
    key,
    operation,
    value,
  }: { readonly key: string; readonly operation: Operation['operation']; readonly value: string | undefined },
): Promise<string | undefined> {
  if (operation === 'write')
    await client?.query(
      'insert into items values ($1, $2) on conflict (id) do update set value = excluded.value',
      [key, value],
    );
  if (operation === 'write') return value;
  if (operation === 'delete') {
    // No row, no trigger: a DELETE that finds nothing is judged by no gate, so it is a read, and must be one of the owner.
    const done = await client?.query<{ gone: boolean; owned: boolean }>(
      `with gone as (delete from items where id = $1 returning 1) select exists (select from gone) as gone,
         exists (select from banyan.buckets b where b.bucket = $2 and b.state = 'owner') as owned`,
      [key, bucketOf.get(key)],
    );
    const [row] = done?.rows ?? [];
    if (row?.gone !== true && row?.owned !== true)
      throw Object.assign(new Error('not the owner'), { code: 'BY001' });
    return undefined;
  }
  // In one snapshot: at that moment this side was the owner, and this was the value.
  const result = await client?.query<{ value: string | null; owned: boolean }>(
    `select (select i.value from items i where i.id = $1) as value,
       exists (select from banyan.buckets b where b.bucket = $2 and b.state = 'owner') as owned`,
    [key, bucketOf.get(key)],
  );
  const [row] = result?.rows ?? [];
  if (row?.owned !== true) throw Object.assign(new Error('not the owner'), { code: 'BY001' });
  return row.value ?? undefined;
}

const child = fileURLToPath(new URL('../../proxy/cutover/move/support/move-child.ts', import.meta.url));

async function dyingController(to: Side, dieAfter: 'fence' | 'commit'): Promise<void> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const task = { plan: world.plan, to, buckets, checks: 'none', dieAfter };
  const controller = spawn(process.execPath, [child], {
    env: { ...env, MOVE_TASK: JSON.stringify(task) },
    stdio: 'ignore',
  });
  await once(controller, 'exit');
}

async function cutConnections(): Promise<void> {
  for (const database of Object.values(world.databases))
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
       and (application_name like 'banyan stream%' or application_name = 'history') and pid % 2 = 0`,
    );
}

/** For whoever wants to look, or to check it with another checker. */
function keep(history: readonly Operation[]): void {
  const folder = process.env['HISTORY_FOLDER'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/moves.ndjson`, toNdjson(history));
}
