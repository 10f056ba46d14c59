import { expect, test } from '@jest/globals';
import { put, withSides, type Sides } from '#test/support/raw-http/with-sides.ts';

function fence({ monolith }: Sides): void {
  monolith.gate = { state: 'fenced', epoch: 2 };
}

test('it is held while nobody owns it, and taken once the new owner opens', async () => {
  await withSides({}, async (sides) => {
    fence(sides);
    const client = await sides.connect();
    client.send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    sides.service.gate = { state: 'owner', epoch: 2 };
    expect((await client.response('PUT')).body).toBe('service a');
    expect([sides.monolith.effects, sides.service.effects]).toEqual([[], ['a']]);
    expect(sides.plane.held()).toEqual({ requests: 0, bytes: 0 });
    // The old owner says nobody for ever; what was taken says more.
    expect((await sides.ask(put('b'))).body).toBe('service b');
    expect(sides.reports[1]?.decision?.upstream).toBe('new');
  });
});

test('an aborted move opens where it was', async () => {
  await withSides({}, async (sides) => {
    fence(sides);
    const client = await sides.connect();
    client.send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    sides.service.gate = { state: 'follower', epoch: 3 };
    sides.monolith.gate = { state: 'owner', epoch: 3 };
    expect((await client.response('PUT')).body).toBe('monolith a');
  });
});

test('what control says is moving is held without asking anyone, and goes at its next word', async () => {
  await withSides({}, async (sides) => {
    fence(sides);
    const place = { migration: 'items', group: 'items', bucket: 0 } as const;
    sides.ownership.learn({
      source: 'control',
      groups: [{ migration: 'items', group: 'items', buckets: 1 }],
      owners: [{ ...place, owner: undefined, from: 'monolith', epoch: 2 }],
    });
    const clients = await Promise.all([1, 2, 3].map(() => sides.connect()));
    for (const [at, client] of clients.entries()) client.send(put(`a${at}`));
    await sides.until(() => sides.plane.held().requests === 3);
    expect(sides.monolith.upstream.requests.length + sides.service.upstream.requests.length).toBe(0);
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.ownership.learn({
      source: 'control',
      owners: [{ ...place, owner: 'service', from: undefined, epoch: 2 }],
    });
    for (const [at, client] of clients.entries())
      expect((await client.response('PUT')).body).toBe(`service a${at}`);
    expect(sides.monolith.upstream.requests).toHaveLength(0);
    expect(sides.service.effects.toSorted()).toEqual(['a0', 'a1', 'a2']);
    expect(sides.ownership.status().counts).toMatchObject({ held: 3, unanswered: 0 });
  });
});

test('a control that died in the middle of a move keeps nobody waiting once the owner opened', async () => {
  await withSides({}, async (sides) => {
    sides.ownership.learn({
      source: 'proxy',
      groups: [{ migration: 'items', group: 'items', buckets: 1 }],
      owners: [
        { migration: 'items', group: 'items', bucket: 0, owner: undefined, from: 'monolith', epoch: 2 },
      ],
    });
    sides.monolith.gate = { state: 'fenced', epoch: 2 };
    sides.service.gate = { state: 'owner', epoch: 2 };
    expect((await sides.ask(put('a'))).body).toBe('service a');
  });
});

test('more than the upstream has room for is held on, not refused, when all goes at once', async () => {
  const options = { upstreamOptions: { maxConnections: 1, maxWaiting: 1 } };
  await withSides(options, async (sides) => {
    fence(sides);
    const place = { migration: 'items', group: 'items', bucket: 0, epoch: 2 } as const;
    sides.ownership.learn({
      source: 'control',
      groups: [{ migration: 'items', group: 'items', buckets: 1 }],
      owners: [{ ...place, owner: undefined, from: 'monolith' }],
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => sides.connect()));
    for (const [at, client] of clients.entries()) client.send(put(`a${at}`));
    await sides.until(() => sides.plane.held().requests === 20);
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.ownership.learn({ source: 'control', owners: [{ ...place, owner: 'service', from: undefined }] });
    for (const client of clients) expect((await client.response('PUT')).status).toBe(200);
    expect(new Set(sides.service.effects).size).toBe(20);
    expect(sides.service.effects).toHaveLength(20);
  });
});
