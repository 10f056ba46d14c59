import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Evaluation } from '#flags/evaluation.ts';
import { stages, type Stage } from '#flags/stages.ts';
import { parseConfig } from '#proxy/config/read.ts';
import { decider, explainer, type Explained, type Ignored } from '#proxy/route/decide.ts';
import { forceHeader, forceToken } from '#proxy/route/force.ts';
import { createOwnership, type Ownership } from '#proxy/route/ownership.ts';
import { stayingTable } from '#proxy/route/staying.ts';
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
      - { name: write, match: 'PUT /items/:id', key: { path: id } }
  others:
    monolith: old
    service: new
    migrationFlag: others-stage
    routes:
      - { name: other, match: 'GET /others/:id', key: { path: id } }
staying:
  - { name: stays, match: 'GET /report', waitsFor: [items], waitWithin: 5s }
`,
  { file: 'banyan.yaml', environment: {} },
);
const table = routeTable(config);
const write = { method: 'PUT', target: '/items/1' };
const forcedTo = (side: 'monolith' | 'service') => ({
  [forceHeader]: forceToken({ side, secret, ttlSeconds: 60, now }),
});

function known(complete: boolean | undefined): Ownership {
  const ownership = createOwnership({
    table,
    migrations: ['items', 'others'],
    lagMs: 1_000,
    maxKeys: 100,
    now: () => now,
  });
  if (complete !== undefined)
    ownership.learn({ source: 'control', completions: [{ migration: 'items', complete }] });
  return ownership;
}

function explained(
  said: Partial<Evaluation>,
  request: Parameters<typeof headOf>[0],
  ownership = known(true),
): Explained & { readonly heard: Ignored[] } {
  const heard: Ignored[] = [];
  const answer = explainer({
    table,
    flags: { evaluate: () => ({ stage: 'off', killed: false, read: false, version: 1, ...said }) },
    defaultTarget: 'old',
    forceSecret: secret,
    now: () => now,
    ownership,
    onIgnored: (_migration, ignored) => heard.push(ignored),
  })(headOf(request));
  if (!('decision' in answer)) throw new Error('the decision came later');
  return { ...answer, heard };
}

describe('a complete migration', () => {
  test('is answered by the service, whatever stage, kill switch, share and force say', () => {
    fc.assert(
      fc.property(
        fc.record({ stage: fc.constantFrom(...stages), killed: fc.boolean(), read: fc.boolean() }),
        fc.constantFrom({}, forcedTo('monolith'), forcedTo('service')),
        fc.constantFrom('GET', 'HEAD', 'PUT'),
        (said, headers, method) => {
          const { decision, matched } = explained(said, { method, target: '/items/1', headers });
          expect(decision.upstream).toBe('new');
          // What is compared, copied or waited for goes by this.
          expect(matched).toMatchObject({ side: 'service', evaluation: { stage: 'complete' } });
        },
      ),
    );
  });

  test('says what it ignores, and nothing where the flag agrees', () => {
    const read = { target: '/items/1' };
    const cases: readonly [Partial<Evaluation>, Parameters<typeof headOf>[0], string, Ignored[]][] = [
      [{ stage: 'complete' }, read, 'stage', []],
      [{ stage: 'off' }, read, 'complete', [{ stage: 'off' }]],
      [{ stage: 'live' }, write, 'complete', [{ stage: 'live' }]],
      [{ stage: 'complete', killed: true }, read, 'complete', [{ killSwitch: true }]],
      [{ stage: 'complete', killed: true }, write, 'stage', []],
      [{ stage: 'complete' }, { ...read, headers: forcedTo('monolith') }, 'complete', [{ force: true }]],
      [{ stage: 'complete' }, { ...read, headers: forcedTo('service') }, 'forced', []],
      [
        { stage: 'shadow', killed: true, read: false },
        { ...read, headers: forcedTo('monolith') },
        'complete',
        [{ stage: 'shadow', killSwitch: true, force: true }],
      ],
    ];
    for (const [said, request, reason, ignored] of cases) {
      const { decision, heard } = explained(said, request);
      expect([said, request, decision.reason, heard]).toEqual([said, request, reason, ignored]);
    }
  });

  test.each([undefined, false])('is one only where control says so; it said %s', (complete) => {
    const { decision, heard } = explained({ stage: 'off' }, { target: '/items/1' }, known(complete));
    expect([decision.upstream, decision.reason, heard]).toEqual(['old', 'stage', []]);
  });

  test('is no other one', () => {
    expect(explained({ stage: 'off' }, { target: '/others/1' }).decision).toMatchObject({
      upstream: 'old',
      reason: 'stage',
    });
  });

  test('made anew, it goes by its flag again', () => {
    const ownership = known(true);
    expect(ownership.status().migrations['items']?.complete).toBe(true);
    ownership.learn({ source: 'control', completions: [{ migration: 'items', complete: false }] });
    expect(explained({ stage: 'off' }, { target: '/items/1' }, ownership).decision.upstream).toBe('old');
    expect(ownership.status().migrations['items']?.complete).toBe(false);
  });

  test('keeps nobody waiting for a copy that never comes, and sends no read after a write', async () => {
    const ownership = known(true);
    const head = headOf(write);
    const route = table.match('PUT', '/items/1')?.route;
    if (route === undefined) throw new Error('no route');
    ownership.wrote({ head, route, key: route.key(head, { id: '1' }), on: 'service' });
    ownership.wrote({ head, route, key: route.key(head, { id: '1' }), on: 'monolith' });
    const stage: Stage = 'rampdown';
    const decide = decider({
      table,
      flags: { evaluate: () => ({ stage, killed: false, read: false, version: 1 }) },
      defaultTarget: 'old',
      ownership,
      staying: stayingTable(config),
    });
    expect(decide(headOf({ target: '/report' }))).toMatchObject({ upstream: 'old', reason: 'stays' });
    expect(decide(headOf({ target: '/items/1' }))).toMatchObject({ upstream: 'new', reason: 'complete' });
  });
});
