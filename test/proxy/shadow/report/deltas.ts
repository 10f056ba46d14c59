import * as fc from 'fast-check';
import type { FindingDelta, FindingSample, RouteDelta, ShadowDelta } from '#proxy/shadow/delta.types.ts';

/** A round time in the past: 2026-11-25 10:00 UTC. */
export const start = Date.UTC(2026, 10, 25, 10);

export function routeDelta(more: Partial<RouteDelta> = {}): RouteDelta {
  return {
    migration: 'items',
    route: 'item-read',
    primarySide: 'monolith',
    eligible: 10,
    compared: 8,
    same: 7,
    different: 1,
    raced: 0,
    noiseSamples: 1,
    skipped: { 'queue-full': 2 },
    shadowFailures: {},
    latency: { primary: [[400, 8]], shadow: [[500, 8]] },
    ...more,
  };
}

export function findingDelta(more: Partial<FindingDelta> = {}): FindingDelta {
  return {
    migration: 'items',
    route: 'item-read',
    primarySide: 'monolith',
    place: 'body',
    path: '$.price',
    kind: 'value',
    pairs: 1,
    selfDiffered: 0,
    evidence: { shadowAlone: 0, primaryAlone: 0, allDiffer: 0 },
    expected: undefined,
    firstSeen: start,
    lastSeen: start,
    samples: [],
    ...more,
  };
}

export function sampleAt(at: number, more: Partial<FindingSample> = {}): FindingSample {
  return {
    at,
    request: { method: 'GET', target: `/items/${at - start}`, headers: [['accept', 'application/json']] },
    primary: '12',
    shadow: '"12.00"',
    ...more,
  };
}

export function delta(more: Partial<ShadowDelta> = {}): ShadowDelta {
  const { to = start + 1_000 } = more;
  return { from: to - 1_000, to, routes: [routeDelta()], findings: [findingDelta()], ...more };
}

const few = fc.integer({ min: 0, max: 5 });
const histogram = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 9 })), {
  selector: ([bucket]) => bucket,
  maxLength: 4,
});
const counts = fc.dictionary(fc.constantFrom('queue-full', 'answer-over-size', '__proto__'), few);
const where = fc.record({
  migration: fc.constantFrom('items', 'things'),
  route: fc.constantFrom('a', 'b'),
  primarySide: fc.constantFrom('monolith' as const, 'service' as const),
});
const time = fc.integer({ min: start, max: start + 20 * 60_000 });

/** Text from outside, hostile at times. */
const text = fc.oneof(fc.constantFrom('$.a', '$.b', '\0', '\ud800', '<script>'), fc.string({ maxLength: 4 }));

const anyRoute: fc.Arbitrary<RouteDelta> = fc
  .record({
    eligible: few,
    compared: few,
    same: few,
    different: few,
    raced: few,
    noiseSamples: few,
    skipped: counts,
    shadowFailures: counts,
    latency: fc.record({ primary: histogram, shadow: histogram }),
  })
  .chain((sums) => where.map((key) => ({ ...key, ...sums })));

const anyFinding: fc.Arbitrary<FindingDelta> = fc
  .record({
    place: fc.constantFrom('body' as const, 'header' as const),
    path: text,
    kind: fc.constantFrom('value' as const, 'missing' as const),
    pairs: fc.integer({ min: 1, max: 5 }),
    selfDiffered: few,
    evidence: fc.record({ shadowAlone: few, primaryAlone: few, allDiffer: few }),
    expected: fc.option(text, { nil: undefined }),
    seen: fc.tuple(time, time),
    samples: fc.array(
      time.chain((at) => text.map((primary) => sampleAt(at, { primary }))),
      { maxLength: 3 },
    ),
  })
  .chain(({ seen, ...rest }) =>
    where.map((key) => ({ ...key, ...rest, firstSeen: Math.min(...seen), lastSeen: Math.max(...seen) })),
  );

/** A delta of any size, within twenty minutes. */
export const anyDelta: fc.Arbitrary<ShadowDelta> = fc
  .record({
    to: time,
    routes: fc.array(anyRoute, { maxLength: 4 }),
    findings: fc.array(anyFinding, { maxLength: 6 }),
  })
  .map(({ to, ...rest }) => ({ from: to - 1_000, to, ...rest }));

/** One delta as several: each of its parts alone. */
export function splitUp({ from, to, routes, findings }: ShadowDelta): ShadowDelta[] {
  return [
    ...routes.map((route) => ({ from, to, routes: [route], findings: [] })),
    ...findings.map((finding) => ({ from, to, routes: [], findings: [finding] })),
  ];
}
