import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Side } from '#flags/stages.ts';
import { put, withSides, type SimulatedSide } from '#test/support/raw-http/with-sides.ts';

type Step = 'write' | 'fence' | 'commit' | 'abort' | 'wish-service' | 'wish-monolith' | 'control' | 'stale';

/** The bucket as the two databases have it; each step does nothing where it does not apply. */
function mover(sides: Readonly<Record<Side, SimulatedSide>>) {
  const owner = (): Side | undefined =>
    (['monolith', 'service'] as const).find((side) => sides[side].gate.state === 'owner');
  let from: Side = 'monolith';
  const to = (): Side => (from === 'monolith' ? 'service' : 'monolith');
  return {
    owner,
    epoch: () => Math.max(sides.monolith.gate.epoch, sides.service.gate.epoch),
    from: () => from,
    fence() {
      const now = owner();
      if (now === undefined) return;
      from = now;
      sides[now].gate = { state: 'fenced', epoch: sides[now].gate.epoch + 1 };
    },
    commit() {
      if (owner() === undefined) sides[to()].gate = { state: 'owner', epoch: sides[from].gate.epoch };
    },
    abort() {
      if (owner() !== undefined) return;
      const epoch = sides[from].gate.epoch + 1;
      sides[to()].gate = { state: 'follower', epoch };
      sides[from].gate = { state: 'owner', epoch };
    },
  };
}

const steps = fc.array(
  fc.constantFrom<Step>(
    'write',
    'write',
    'write',
    'fence',
    'commit',
    'abort',
    'wish-service',
    'wish-monolith',
    'control',
    'stale',
  ),
  { minLength: 3, maxLength: 25 },
);

test('however owners change, with stale, wrong or no word on it, each write takes effect once and where it may', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await withSides({}, async (sides) => {
        const move = mover(sides);
        const place = { migration: 'items', group: 'items', bucket: 0 } as const;
        const told: Parameters<typeof sides.ownership.learn>[0][] = [];
        const control = (): void => {
          const owner = move.owner();
          told.push({
            source: 'control',
            groups: [{ migration: 'items', group: 'items', buckets: 1 }],
            owners: [
              {
                ...place,
                owner,
                from: owner === undefined ? move.from() : undefined,
                epoch: owner === undefined ? sides[move.from()].gate.epoch : sides[owner].gate.epoch,
              },
            ],
          });
        };
        const answers: Promise<number>[] = [];
        for (const [at, step] of sequence.entries()) {
          if (step === 'write') answers.push(sides.ask(put(`w${at}`)).then(({ status }) => status));
          else if (step === 'wish-service') sides.say({ stage: 'live' });
          else if (step === 'wish-monolith') sides.say({ stage: 'off' });
          else if (step === 'control' || step === 'stale') {
            if (step === 'control') control();
            const word = step === 'control' ? told.at(-1) : told[0];
            if (word !== undefined) sides.ownership.learn(word);
          } else move[step]();
          await new Promise((resolve) => setTimeout(resolve, at % 3));
        }
        move.commit();
        expect(new Set(await Promise.all(answers))).toEqual(new Set(answers.length === 0 ? [] : [200]));
        const effects = [...sides.monolith.effects, ...sides.service.effects];
        const written = sequence.flatMap((step, at) => (step === 'write' ? [`w${at}`] : []));
        expect(effects.toSorted()).toEqual(written.toSorted());
        expect(sides.plane.held()).toEqual({ requests: 0, bytes: 0 });
      });
    }),
    { numRuns: 25 },
  );
});
