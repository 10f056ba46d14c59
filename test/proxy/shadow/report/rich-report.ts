import { createMemoryStore } from '#proxy/shadow/report/memory-store.ts';
import { intervalJudge } from '#test/proxy/shadow/report/interval-judge.ts';
import type { ShadowStore } from '#proxy/shadow/report/store.types.ts';
import { bucketOf, type SparseHistogram } from '#shared/telemetry/latency-histogram.ts';
import { delta, findingDelta, routeDelta, sampleAt, start } from './deltas.ts';

/** A path and a value as an attacker would choose them. */
export const hostile = `$["</style><script>alert('1')</script>"]\u202E\u001B[31m`;

function spread(middle: number): SparseHistogram {
  const counts = new Map<number, number>();
  for (let at = -20; at <= 30; at += 1) {
    const bucket = bucketOf(middle * 1.12 ** at);
    counts.set(bucket, (counts.get(bucket) ?? 0) + Math.ceil(900 * Math.exp(-(at * at) / 80)));
  }
  return [...counts].toSorted(([a], [b]) => a - b);
}

/** A store that saw a bit of everything. */
export function richStore(now: () => number = () => start + 90 * 60_000): ShadowStore {
  const store = createMemoryStore({ retention: 7 * 24 * 3_600_000, judge: intervalJudge, now });
  store.add(
    delta({
      routes: [
        routeDelta({
          eligible: 13_536,
          compared: 12_345,
          same: 12_290,
          different: 38,
          raced: 7,
          noiseSamples: 617,
          skipped: { 'answer-over-size': 812, 'queue-full': 271, 'not-sampled': 108 },
          shadowFailures: { 'upstream-header-timeout': 12 },
          latency: { primary: spread(3.1), shadow: spread(7.4) },
        }),
        routeDelta({
          route: 'item-list',
          eligible: 4_020,
          compared: 4_020,
          same: 4_020,
          different: 0,
          noiseSamples: 201,
          skipped: {},
          latency: { primary: spread(12), shadow: spread(9) },
        }),
        routeDelta({
          route: 'item-write',
          eligible: 310,
          compared: 0,
          same: 0,
          different: 0,
          noiseSamples: 0,
          skipped: { 'unsafe-method': 310 },
          latency: { primary: [], shadow: [] },
        }),
      ],
      findings: [
        findingDelta({
          path: '$.items[*].price.amount',
          kind: 'type',
          pairs: 31,
          lastSeen: start + 5_000,
          samples: [
            sampleAt(start + 5_000, {
              request: {
                method: 'GET',
                target: `/items/17?token=abcdef&view=full`,
                headers: [
                  ['accept', 'application/json'],
                  ['authorization', '[redacted]'],
                  ['x-note', `it's "so"; $(reboot)`],
                ],
              },
            }),
          ],
        }),
        findingDelta({
          path: '$.updatedAt',
          pairs: 400,
          selfDiffered: 19,
          samples: [
            sampleAt(start, { primary: '"2026-11-25T10:00:00.000Z"', shadow: '"2026-11-25T10:00:02.100Z"' }),
          ],
        }),
        findingDelta({
          place: 'header',
          path: 'cache-control',
          pairs: 5,
          samples: [sampleAt(start, { primary: 'no-store', shadow: undefined })],
        }),
        findingDelta({ path: hostile, pairs: 2, samples: [sampleAt(start, { primary: hostile })] }),
        findingDelta({
          place: 'status',
          path: 'status',
          pairs: 11,
          expected: 'team catalogue: 410 for deleted items, ADR 12',
          samples: [sampleAt(start, { primary: '404', shadow: '410' })],
        }),
      ],
    }),
  );
  return store;
}
