import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startFleet, type Fleet } from '#test/model/history/fleet/fleet.ts';
import { itemsWorld, session, type ItemsWorld } from '#test/proxy/cutover/move/support/items.ts';

let world: ItemsWorld;
let fleet: Fleet;
beforeAll(async () => {
  world = await itemsWorld({ buckets: 256 });
  fleet = await startFleet(world, { clockShiftMs: 0, movers: 0 });
});
afterAll(async () => {
  await fleet.end();
  await world.drop();
});

/** Stops the first proxy, does something, lets it go on. */
async function whileStopped(work: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopped = fleet.proxies[0]?.stopUntil(promise);
  await work();
  resolve();
  await stopped;
}

async function begin(id: string, body: string): Promise<{ socket: Socket; answer: () => Promise<string> }> {
  const socket = connect(Number(new URL(fleet.urls[0] ?? '').port), '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  await once(socket, 'connect');
  socket.write(
    `PUT /items/${id} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 4\r\n\r\n${body}`,
  );
  return {
    socket,
    async answer() {
      await once(socket, 'close');
      return received;
    },
  };
}

const valueOn = async (side: 'monolith' | 'service', id: string) =>
  (await world.databases[side].query('select value from items where id = $1', [id])).map(
    (row) => (row as { value: string }).value,
  );

test('inside a request whose body is not all there: the write lands once, at the new owner', async () => {
  const [id = ''] = await world.idsIn(1, 1);
  const { socket, answer } = await begin(id, 'l');
  // It has read the head by now, or reads it when it wakes up: either way it knows nothing of the move.
  await delay(50);
  await whileStopped(async () => {
    const { outcomes } = await world.move('service', { buckets: [1] });
    expect(outcomes).toMatchObject([{ end: 'moved' }]);
    socket.write('ate');
  });
  const text = await answer();
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toContain('x-side: service');
  expect(await valueOn('service', id)).toEqual(['late']);
  expect((await world.equal()).get(id)).toBe('late');
});

test('after it sent the write on, which the old owner takes before its fence: it lands once and comes along', async () => {
  const [id = ''] = await world.idsIn(2, 1);
  await world.databases.monolith.query(`insert into items values ($1, 'was')`, [id]);
  const holder = await session(world.databases.monolith);
  await holder.query('begin');
  await holder.query('select from items where id = $1 for update', [id]);
  const { answer } = await begin(id, 'soon');
  const waits = async (): Promise<boolean> =>
    (
      await world.databases.monolith.query(
        `select from pg_stat_activity where application_name = 'history system' and wait_event_type = 'Lock'`,
      )
    ).length > 0;
  for (let tries = 0; !(await waits()) && tries < 200; tries += 1) await delay(10);
  await whileStopped(async () => {
    await holder.query('commit');
    const { outcomes } = await world.move('service', { buckets: [2] });
    expect(outcomes).toMatchObject([{ end: 'moved' }]);
    expect(await valueOn('service', id)).toEqual(['soon']);
    await world.databases.service.query(`update items set value = 'newer' where id = $1`, [id]);
  });
  const text = await answer();
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toContain('x-side: monolith');
  await holder.end();
  // Its answer is of the past, and nothing of it came again.
  expect((await world.equal()).get(id)).toBe('newer');
});
