import { expect, test } from '@jest/globals';
import { createMemoryStore } from '#proxy/shadow/report/memory-store.ts';
import { intervalJudge } from '#test/proxy/shadow/report/interval-judge.ts';
import { delta, findingDelta, start } from './deltas.ts';

test.each([
  [undefined, ''],
  ['', undefined],
])(
  'a finding that a rule with no reason expects is none of those that no rule expects (%j, %j)',
  async (...both) => {
    const store = createMemoryStore({ retention: 60_000, judge: intervalJudge, now: () => start + 1_000 });
    for (const expected of both) store.add(delta({ findings: [findingDelta({ expected })] }));
    const { routes } = await store.report();
    const found = routes.flatMap(({ findings }) => findings);
    expect(found).toHaveLength(2);
    expect(new Set(found.map(({ expected }) => expected))).toEqual(new Set(['(no reason)', undefined]));
  },
);
