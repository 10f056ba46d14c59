import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import {
  copiedThrough,
  ownerFacts,
  watchOwnership,
  type StandingsReader,
} from '#proxy/control/mover/ownership-news.ts';
import type { MovesStatus } from '#proxy/control/mover/moving.ts';
import type { BucketFact, BothFacts } from '#proxy/cutover/move/facts.types.ts';
import type { BucketStanding } from '#proxy/cutover/move/read-facts.ts';
import { standing } from '#proxy/cutover/move/standing.ts';
import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import { secondPlan } from '../../cutover/support/second-plan.ts';

const fact = (state: BucketFact['state'], epoch: number, drained = 0): BucketFact => ({
  state,
  epoch,
  fencedAt: 0,
  drained,
});

function stands(bucket: number, facts: BothFacts): BucketStanding {
  return { bucket, facts, stands: standing(facts) };
}

test('an owner is told with its epoch, a bucket on its way with that of its fence, a contradiction not at all', () => {
  const standings = [
    stands(0, { monolith: fact('owner', 4), service: fact('follower', 4) }),
    stands(1, { monolith: fact('fenced', 5), service: fact('owner', 5, 5) }),
    stands(2, { monolith: fact('fenced', 5), service: fact('follower', 4) }),
    stands(3, { monolith: fact('fenced', 5), service: fact('follower', 6) }),
    stands(4, { monolith: fact('owner', 5), service: fact('owner', 4) }),
    stands(5, { monolith: fact('follower', 9), service: fact('follower', 4) }),
  ];
  const place = { migration: 'm', group: 'g' };
  expect(ownerFacts({ ...place, standings })).toEqual([
    { ...place, bucket: 0, owner: 'monolith', from: undefined, epoch: 4 },
    { ...place, bucket: 1, owner: 'service', from: undefined, epoch: 5 },
    { ...place, bucket: 2, owner: undefined, from: 'monolith', epoch: 5 },
    { ...place, bucket: 3, owner: undefined, from: 'monolith', epoch: 5 },
  ]);
});

test('a copy is told as far as it is known; nothing where it never was, or a change is parked', () => {
  expect(
    copiedThrough(
      'm',
      [
        { from: 'monolith', lagMs: 40.5, parked: 0 },
        { from: 'service', lagMs: undefined, parked: 0 },
        { from: 'service', lagMs: 10, parked: 1 },
      ],
      1_000,
    ),
  ).toEqual([{ migration: 'm', to: 'service', through: 959 }]);
});

const plan = secondPlan({ monolith: 'postgres://127.0.0.1/a', service: 'postgres://127.0.0.1/b' });

/** What is told until there is enough. */
async function toldBy(
  reader: StandingsReader,
  isEnough: (told: OwnershipNews[]) => boolean,
  world: {
    readonly moves?: () => MovesStatus;
    readonly complete?: () => boolean | undefined;
    readonly restMs?: number;
  } = {},
) {
  const told: OwnershipNews[] = [];
  const watch = watchOwnership({
    plan,
    status: () => ({ streams: [], moves: world.moves?.(), complete: world.complete?.() }),
    tell: (news) => told.push(news),
    reader,
    times: { restMs: world.restMs ?? 5, movingMs: 2, tellMs: 1, allMs: 20 },
  });
  while (!isEnough(told)) await delay(1);
  await watch.stop();
  return told;
}

const shapes = plan.groups.map(({ name: group, buckets }) => ({
  migration: plan.migration,
  group,
  buckets,
}));

test('while nothing can be read only the groups are told, again and again; then the owners', async () => {
  let reads = 0;
  let isClosed = false;
  const reader: StandingsReader = {
    async read() {
      reads += 1;
      if (reads <= 20) throw new Error('away');
      return [stands(0, { monolith: fact('owner', 1), service: fact('follower', 1) })];
    },
    close: async () => void (isClosed = true),
  };
  const told = await toldBy(reader, (news) => news.some(({ owners }) => owners !== undefined));
  expect(told[0]).toEqual({ source: 'control', sentAt: expect.any(Number), groups: shapes });
  expect(told.at(-1)?.owners).toContainEqual({
    migration: plan.migration,
    group: shapes[0]?.group,
    bucket: 0,
    owner: 'monolith',
    from: undefined,
    epoch: 1,
  });
  expect(isClosed).toBe(true);
});

test('what is known is told again for whoever came since, and what is new at once', async () => {
  let epoch = 1;
  const reader: StandingsReader = {
    read: async () => [stands(0, { monolith: fact('owner', epoch), service: fact('follower', epoch) })],
    close: async () => undefined,
  };
  const epochs = (news: OwnershipNews[]): number[] =>
    news.flatMap(({ owners }) => (owners ?? []).map((owner) => owner.epoch));
  const told = await toldBy(reader, (news) => {
    if (epochs(news).length >= 3 * plan.groups.length) epoch = 2;
    return epochs(news).includes(2);
  });
  expect(epochs(told).filter((one) => one === 1).length).toBeGreaterThanOrEqual(3 * plan.groups.length);
});

test('a move of our own is looked at when it begins and ends, not at the next look', async () => {
  let epoch = 1;
  let moves: MovesStatus = {
    state: 'none',
    to: undefined,
    problem: undefined,
    last: undefined,
    alarms: [],
  };
  const reader: StandingsReader = {
    read: async () => [stands(0, { monolith: fact('owner', epoch), service: fact('follower', epoch) })],
    close: async () => undefined,
  };
  const told = await toldBy(
    reader,
    (news) => {
      // The first look has been: from here on an hour passes between two, unless a move is seen.
      if (news.some(({ owners }) => owners !== undefined) && epoch === 1) {
        epoch = 2;
        moves = { ...moves, state: 'held-up' };
      }
      return news.some(({ owners }) => owners?.[0]?.epoch === 2);
    },
    { moves: () => moves, restMs: 3_600_000 },
  );
  expect(told.at(-1)?.owners?.map((owner) => owner.epoch)).toEqual(plan.groups.map(() => 2));
});

test('a completion is told at once and again and again, and neither side is looked at from then on', async () => {
  let reads = 0;
  let complete: boolean | undefined;
  const reader: StandingsReader = {
    async read() {
      reads += 1;
      return [];
    },
    close: async () => undefined,
  };
  const said = (news: OwnershipNews[]): boolean[] =>
    news.flatMap(({ completions }) => (completions ?? []).map((one) => one.complete));
  let readsBefore = 0;
  const told = await toldBy(
    reader,
    (news) => {
      if (complete === undefined && news.length > 2) complete = false;
      else if (complete === false && said(news).length > 0) complete = true;
      const completed = said(news).filter((one) => one).length;
      if (completed === 1) readsBefore = reads;
      return completed >= 4;
    },
    { complete: () => complete },
  );
  expect(told[0]?.completions).toBeUndefined();
  expect(told.find(({ completions }) => completions !== undefined)?.completions).toEqual([
    { migration: plan.migration, complete: false },
  ]);
  // One look may have been under way.
  expect(reads).toBeLessThanOrEqual(readsBefore + plan.groups.length);
});
