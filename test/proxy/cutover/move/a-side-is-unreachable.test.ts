import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import type { StepName } from '#proxy/cutover/move/facts.types.ts';
import { bothSides } from '#proxy/cutover/plan.ts';
import { itemsWorld, type ItemsWorld } from './support/items.ts';

let world: ItemsWorld;
beforeEach(async () => {
  world = await itemsWorld({ rows: 3 });
});
afterEach(async () => {
  for (const side of bothSides) await reach(side, true);
  await world.drop();
});

/** Cuts every connection of ours to a side, and lets none in while it is unreachable. */
async function reach(side: Side, open: boolean): Promise<void> {
  const name = new URL(world.databases[side].url).pathname.slice(1);
  const other = side === 'monolith' ? 'service' : 'monolith';
  const elsewhere = world.databases[other];
  await elsewhere.query(`alter database ${name} with allow_connections ${open}`);
  if (open) return;
  await elsewhere.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`,
    [name],
  );
}

const steps: readonly StepName[] = ['fence', 'commit'];

describe.each(bothSides)('the %s is unreachable', (side) => {
  test.each(steps)('for a while, after the %s: the move ends by itself', async (step) => {
    let back: Promise<void> | undefined;
    const cut = async (): Promise<void> => {
      await reach(side, false);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await reach(side, true);
    };
    const report = await world.move('service', {
      onStep(taken) {
        if (taken.step === step) back = cut();
      },
    });
    await back;
    expect(report.outcomes).toMatchObject([{ end: 'moved' }]);
    expect(await world.state('service')).toBe('owner 2');
    await world.databases.service.query(`update items set value = 'moved' where id = 1`);
    expect((await world.equal()).get('1')).toBe('moved');
  });

  test('for longer than it is tried: it says so, and another controller ends it later', async () => {
    let gone: Promise<void> | undefined;
    const report = await world.move('service', {
      bounds: { giveUpMs: 300 },
      onStep(taken) {
        if (taken.step === 'fence') gone = reach(side, false);
      },
    });
    await gone;
    expect(['undecided', 'moved']).toContain(report.outcomes[0]?.end);
    await reach(side, true);
    expect((await world.move('service', { checks: 'none' })).outcomes).toMatchObject([{ end: 'moved' }]);
    expect(await world.state('service')).toBe('owner 2');
  });

  test('before it begins: nothing is changed', async () => {
    await reach(side, false);
    await expect(world.move('service')).rejects.toMatchObject({
      name: 'MoveRefused',
      obstacles: [{ code: 'unreachable' }],
    });
    await reach(side, true);
    expect(await world.state('monolith')).toBe('owner 1');
  });
});
