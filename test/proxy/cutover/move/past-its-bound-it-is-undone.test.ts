import { afterEach, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import { bothSides, otherSide } from '#proxy/cutover/plan.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
afterEach(() => world.drop());

test.each(bothSides)(
  'from the %s: the drain takes too long, the move is undone and writes go on',
  async (from: Side) => {
    world = await itemsWorld({ owner: from, rows: 2 });
    await world.equal();
    await world.unfollow();
    const to = otherSide(from);
    await world.databases[from].query(`update items set value = 'before the fence' where id = 1`);
    const report = await world.move(to, { checks: 'none', bounds: { withinMs: 100 } });

    expect(report.outcomes).toMatchObject([{ end: 'undone' }]);
    expect(await world.state(from)).toBe('owner 3');
    expect(await world.state(to)).toBe('follower 3');
    await world.databases[from].query(`update items set value = 'after the undoing' where id = 2`);
    await expect(
      world.databases[to].query(`update items set value = 'x' where id = 2`),
    ).rejects.toMatchObject({
      code: 'BY001',
    });

    await world.follow();
    expect(await world.equal()).toEqual(
      new Map([
        ['1', 'before the fence'],
        ['2', 'after the undoing'],
      ]),
    );
    expect((await world.move(to)).outcomes).toMatchObject([{ end: 'moved' }]);
    expect(await world.state(to)).toBe('owner 4');
  },
);
