import { expect, test } from '@jest/globals';
import { summarise } from '#shared/telemetry/latency-histogram.ts';
import { mergeTraffic, traffic } from '#proxy/control/traffic.ts';
import type { ExchangeReport } from '#proxy/http/seam.ts';
import { headOf } from '#test/support/request-head.ts';

const report = (more: Partial<ExchangeReport>): ExchangeReport => ({
  head: headOf({}),
  decision: { upstream: 'new', route: 'read', reason: 'share' },
  status: 200,
  failure: undefined,
  durationMs: 3,
  requestBytes: 0,
  responseBytes: 0,
  ...more,
});

test('exchanges are counted by route, target, status, reason and failure', () => {
  const counts = traffic();
  counts.record(report({}));
  counts.record(report({ status: 502, failure: 'upstream-closed' }));
  counts.record(report({ decision: { upstream: 'old', route: 'read', reason: 'no-key' }, status: 404 }));
  counts.record(report({ decision: undefined, status: 400, failure: 'client-malformed' }));
  const snapshot = counts.snapshot();
  expect(snapshot.requests).toBe(4);
  expect(snapshot.undecided).toEqual({ 'client-malformed': 1 });
  expect(snapshot.ways).toMatchObject([
    {
      route: 'read',
      target: 'new',
      requests: 2,
      statuses: [0, 0, 1, 0, 0, 1],
      failures: { 'upstream-closed': 1 },
      reasons: { share: 2 },
    },
    {
      route: 'read',
      target: 'old',
      requests: 1,
      statuses: [0, 0, 0, 0, 1, 0],
      failures: {},
      reasons: { 'no-key': 1 },
    },
  ]);
  expect(summarise(snapshot.ways[0]?.latency ?? []).count).toBe(2);
});

test('a snapshot does not change afterwards', () => {
  const counts = traffic();
  counts.record(report({}));
  const before = counts.snapshot();
  counts.record(report({}));
  expect(before.ways[0]?.requests).toBe(1);
});

test('the counts of several processes are added up', () => {
  const [one, other] = [traffic(), traffic()];
  one.record(report({}));
  other.record(report({ status: 502, failure: 'upstream-closed' }));
  other.record(report({ decision: undefined, status: 400, failure: 'client-malformed' }));
  expect(mergeTraffic([one.snapshot(), other.snapshot()])).toMatchObject({
    requests: 3,
    undecided: { 'client-malformed': 1 },
    ways: [
      {
        route: 'read',
        target: 'new',
        requests: 2,
        statuses: [0, 0, 1, 0, 0, 1],
        failures: { 'upstream-closed': 1 },
        reasons: { share: 2 },
      },
    ],
  });
});
