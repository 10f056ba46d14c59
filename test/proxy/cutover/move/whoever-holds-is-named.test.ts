import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeAll(async () => {
  world = await itemsWorld({ rows: 3 });
});
afterAll(() => world.drop());

const impatient = { giveUpMs: 400, holdMs: 30 };

test('a transaction that stays open for ever: the move gives up in time and names it; writes go on', async () => {
  const holder = await session(world.databases.monolith);
  await holder.query(`begin; update items set value = 'held' where id = 1`);
  const report = await world.move('service', { bounds: impatient });
  expect(report.outcomes).toMatchObject([{ end: 'given-up', pauseMs: undefined }]);
  expect(report.outcomes[0]?.reason).toMatch(
    /held on the monolith for longer than 30 ms; pid \d+, application an application, login \S+, idle in transaction, transaction open for [\d.]+ s, query for [\d.]+ s/,
  );
  expect(await world.state('monolith')).toBe('owner 1');
  await world.databases.monolith.query(`update items set value = 'goes on' where id = 2`);
  await holder.query('commit');
  await holder.end();
  expect((await world.move('service')).outcomes).toMatchObject([{ end: 'moved' }]);
  expect((await world.equal()).get('1')).toBe('held');
  await world.move('monolith');
});
