import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Evaluation } from '#flags/evaluation.ts';
import { stages, type Stage } from '#flags/stages.ts';
import { parseConfig } from '#proxy/config/read.ts';
import { decider, explainer, type Reason } from '#proxy/route/decide.ts';
import { forceHeader, forceToken } from '#proxy/route/force.ts';
import { routeTable } from '#proxy/route/table.ts';
import { headOf } from '#test/support/request-head.ts';

const secret = 'a secret of some length';
const now = 1_800_000_000_000;
const config = parseConfig(
  `
version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: stage
    killSwitch: kill
    routes:
      - { name: read, match: 'GET /items/:id', key: { path: id }, readFlag: reads }
      - { name: tenant-read, match: GET /mine, key: { header: x-tenant }, readFlag: reads }
      - { name: plain-read, match: GET /items }
      - { name: write, match: 'PUT /items/:id', key: { path: id } }
`,
  { file: 'banyan.yaml', environment: {} },
);
const table = routeTable(config);

function decide(
  said: Partial<Evaluation>,
  request: Parameters<typeof headOf>[0],
): [target: string, reason: Reason] {
  const evaluation: Evaluation = { stage: 'off', killed: false, read: false, version: 1, ...said };
  const explain = explainer({
    table,
    flags: { evaluate: () => evaluation },
    defaultTarget: 'old',
    forceSecret: secret,
    now: () => now,
  });
  const explained = explain(headOf(request));
  if (!('decision' in explained)) throw new Error('the decision came later');
  return [explained.decision.upstream, explained.decision.reason];
}

const read = { target: '/items/1' };
const forced = {
  target: '/items/1',
  headers: { [forceHeader]: forceToken({ side: 'service', secret, ttlSeconds: 60, now }) },
};

test.each<[Stage, string, string]>([
  ['off', 'old', 'old'],
  ['dualwrite', 'old', 'old'],
  ['shadow', 'old', 'old'],
  ['live', 'new', 'new'],
  ['rampdown', 'new', 'new'],
  ['complete', 'new', 'new'],
])('at %s a write goes to %s, and a read outside the share to %s', (stage, writes, reads) => {
  expect(decide({ stage }, { method: 'PUT', target: '/items/1' })).toEqual([writes, 'stage']);
  expect(decide({ stage }, read)[0]).toBe(reads);
});

test('the share counts at shadow alone, and only with a flag and a key', () => {
  expect(decide({ stage: 'shadow', read: true }, read)).toEqual(['new', 'share']);
  expect(decide({ stage: 'dualwrite', read: true }, read)).toEqual(['old', 'stage']);
  expect(decide({ stage: 'shadow', read: true }, { target: '/items' })).toEqual(['old', 'no-flag']);
  expect(decide({ stage: 'shadow', read: true }, { target: '/mine' })).toEqual(['old', 'no-key']);
  expect(decide({ stage: 'shadow', read: true }, { target: '/mine', headers: { 'x-tenant': 'a' } })).toEqual([
    'new',
    'share',
  ]);
});

test('the kill switch beats share, stage and force, but for complete; it leaves writes alone', () => {
  for (const stage of stages) {
    expect(decide({ stage, killed: true, read: true }, forced)[0]).toBe(stage === 'complete' ? 'new' : 'old');
    const write = decide({ stage, killed: true }, { method: 'PUT', target: '/items/1' });
    expect(write).toEqual(decide({ stage }, { method: 'PUT', target: '/items/1' }));
  }
});

test('a signed header forces a read, never a write; a forged one nothing', () => {
  expect(decide({ stage: 'off' }, forced)).toEqual(['new', 'forced']);
  expect(decide({ stage: 'off' }, { ...forced, method: 'PUT' })).toEqual(['old', 'stage']);
  expect(decide({ stage: 'off' }, { target: '/items/1', headers: { [forceHeader]: 'service' } })).toEqual([
    'old',
    'stage',
  ]);
});

test('flags that answer later are waited for', async () => {
  const evaluation: Evaluation = { stage: 'live', killed: false, read: false, version: 1 };
  const later = decider({ table, flags: { evaluate: async () => evaluation }, defaultTarget: 'old' });
  expect(await later(headOf(read))).toMatchObject({ upstream: 'new', route: 'read', reason: 'stage' });
});

test('one request asks the flags once, and one target of the configuration is the answer', () => {
  fc.assert(
    fc.property(
      fc.record({ stage: fc.constantFrom(...stages), killed: fc.boolean(), read: fc.boolean() }),
      fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
      fc.oneof(fc.webPath(), fc.constantFrom('/items', '/items/1', '/mine')),
      (said, method, target) => {
        let asked = 0;
        const flags = {
          evaluate: () => {
            asked += 1;
            return { ...said, version: 1 };
          },
        };
        const decided = decider({ table, flags, defaultTarget: 'old' })(
          headOf({ method, target: target === '' ? '/' : target }),
        );
        expect(asked).toBeLessThanOrEqual(1);
        expect(['old', 'new']).toContain((decided as { upstream: string }).upstream);
      },
    ),
  );
});
