import { afterEach, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { codeOf } from '#shared/errors/code.ts';
import { itemsWorld, session, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
afterEach(() => world.drop());

const claimed = 24;
/** A group of one bucket, as every group must be whose unique constraint does not contain the partition key. */
async function uniqueWorld(): Promise<void> {
  world = await itemsWorld({ rows: 0 });
  for (const side of ['monolith', 'service'] as const)
    await world.databases[side].query('create unique index on items (value)');
}

test('a claim on its way when the data moves is waited for; the same one on the new owner is the application’s own conflict', async () => {
  await uniqueWorld();
  const early = await session(world.databases.monolith);
  await early.query('begin');
  await early.query(`insert into items values (1, 'ada@a.example')`);
  const moving = world.move('service');
  await new Promise((resolve) => setTimeout(resolve, 150));
  await early.query('commit');
  await early.end();
  expect((await moving).outcomes).toMatchObject([{ end: 'moved' }]);
  await expect(
    world.databases.service.query(`insert into items values (2, 'ada@a.example')`),
  ).rejects.toMatchObject({ code: '23505' });
  expect(await world.equal()).toEqual(new Map([['1', 'ada@a.example']]));
});

test('the same values claimed by two callers, wherever they think the owner is, while it moves: one of them each', async () => {
  await uniqueWorld();
  const winners = new Map<string, string[]>();
  const conflicts: string[] = [];
  const caller = async (number: number, first: Side): Promise<void> => {
    const sessions = {
      monolith: await session(world.databases.monolith),
      service: await session(world.databases.service),
    };
    let side = first;
    for (let at = 0; at < claimed; at += 1) {
      const value = `n${at}@a.example`;
      const id = String(1_000 * number + at);
      for (let answered = false; !answered;) {
        try {
          await sessions[side].query('insert into items values ($1, $2)', [id, value]);
          winners.set(value, [...(winners.get(value) ?? []), id]);
          answered = true;
        } catch (error) {
          if (codeOf(error) === '23505') conflicts.push(value);
          else expect(codeOf(error)).toBe('BY001');
          answered = codeOf(error) === '23505';
          side = otherSide(side);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await Promise.all([sessions.monolith.end(), sessions.service.end()]);
  };
  const callers = Promise.all([caller(1, 'monolith'), caller(2, 'service')]);
  const ended = callers.then(() => true);
  for (let to: Side = 'service'; ; to = otherSide(to)) {
    await world.move(to, { checks: 'none' });
    if (await Promise.race([ended, Promise.resolve(false)])) break;
  }
  await callers;

  const rows = await world.equal();
  expect(winners.size).toBe(claimed);
  expect([...winners.values()].map(({ length }) => length)).toEqual(Array(claimed).fill(1));
  expect(conflicts).toHaveLength(claimed);
  expect(rows).toEqual(new Map([...winners].map(([value, [id = '']]) => [id, value])));
});
