import { expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Deadlines, type Timed } from '#proxy/http/deadlines.ts';

const inUse = 50;
const turns = 200;
const perTurn = 100;
/** Small collections, each after so many turns. */
const collectedEvery = 10;
/** Numbers that each one holds, eight bytes each. */
const holds = 128;

// Legs that were over were kept by the dead tables of a Set until the next full collection, which then came every few
// seconds and held all clients for its time.
test('what left the sweep is not carried into the old space', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' | 'major' }) => void;
  const deadlines = new Deadlines();
  const current: Timed[] = [];
  const churn = (): void => {
    for (let many = 0; many < perTurn; many += 1) {
      const held = Array.from({ length: holds }, (_none, at) => at + many);
      const timed: Timed = { deadline: Infinity, swept: undefined, expire: () => void held.pop() };
      deadlines.add(timed);
      current.push(timed);
      const gone = current.length > inUse ? current.shift() : undefined;
      if (gone !== undefined) deadlines.remove(gone);
    }
  };
  churn();
  collect({ type: 'major' });
  const before = oldSpaceBytes();
  for (let at = 1; at <= turns; at += 1) {
    churn();
    await turn();
    if (at % collectedEvery === 0) collect({ type: 'minor' });
  }
  const grown = oldSpaceBytes() - before;
  for (const timed of current) deadlines.remove(timed);

  const all = turns * perTurn * holds * 8;
  const inUseAtCollections = (turns / collectedEvery) * inUse * holds * 8;
  expect(grown).toBeLessThan(inUseAtCollections * 2);
  expect(inUseAtCollections * 2).toBeLessThan(all / 5);
});

function oldSpaceBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => space_name === 'old_space')
    .reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}
