import { expect, test } from '@jest/globals';
import { repairText, reportText } from '#proxy/control/cli/cutover/report-text.ts';
import { createProgress } from '#proxy/control/cli/cutover/progress.ts';
import type { DatasetVerified, Difference, VerifyReport } from '#proxy/cutover/verify/verify.types.ts';

const dataset: DatasetVerified = {
  dataset: 'items',
  rows: 9,
  followerRows: 8,
  shards: 16,
  shardsDiffer: 0,
  shardsUnopened: 0,
  differences: 0,
  moving: 0,
  method: 'extended',
  consistent: true,
  tookMs: 5,
} as unknown as DatasetVerified;

const report = (change: Partial<VerifyReport>): VerifyReport => ({
  equal: false,
  mode: 'live',
  owner: 'service',
  startedAt: '2026-01-01T00:00:00.000Z',
  tookMs: 1_500,
  datasets: [dataset],
  differences: [],
  chanceOfMiss: 0,
  certainty: 'the chance is small',
  ...change,
});

const missing = (key: string): Difference => ({
  dataset: 'items',
  key: [key],
  followerKey: [key],
  kind: 'missing',
  columns: [],
  values: [],
});

test('no difference and yet not equal: how many shards were not opened, and why', () => {
  const text = reportText(report({ datasets: [{ ...dataset, shardsDiffer: 7, shardsUnopened: 3 }] }));
  expect(text).toContain('items: 3 of 7 shards that differ were not opened');
  expect(text).toContain('verify again');
  expect(text).toContain('NOT equal, with the service as owner');
});

test('more differences than are listed: both numbers are told, and the next call', () => {
  const differences = Array.from({ length: 25 }, (_none, at) => missing(`k${at}`));
  const text = reportText(report({ datasets: [{ ...dataset, differences: 4_025 }], differences }));
  expect(text).toContain('items (k0): missing on the monolith');
  expect(text).toContain('… and 5 more in the report');
  expect(text).toContain('… and 4,000 more that were counted and are not listed');
  expect(text).toContain('Next: banyan cutover repair --dry-run');
});

test('equal: how sure that is', () => {
  expect(reportText(report({ equal: true }))).toMatch(
    /Equal, with the service as owner, in .*\nThe chance is small\.\n/,
  );
});

test('a dry run names each row and what would be done; a repair that took not all says so', () => {
  const differs = report({
    datasets: [{ ...dataset, differences: 3 }],
    differences: [missing(''), { ...missing('b'), kind: 'extra' }],
  });
  const result = { dryRun: true, repaired: 2, deleted: 1, equalAlready: 0, failed: [] };
  const text = repairText(differs, result);
  expect(text).toContain('items (""): copy\n');
  expect(text).toContain('items (b): delete\n');
  expect(text).toContain('2 rows would be brought to what the service has (1 of them deleted)');
  expect(repairText(differs, { ...result, dryRun: false })).toContain(
    '1 row more differ than one run takes: run it again',
  );
});

test('a dataset that is done is told once', () => {
  let written = '';
  const progress = createProgress({ out: () => undefined, error: (text) => void (written += text) }, 'lines');
  for (const done of [0, 1, 1, 1]) progress.show({ what: 'items', done, rows: 9 });
  progress.end();
  expect(written.match(/items: 100 %/g)).toHaveLength(1);
});
