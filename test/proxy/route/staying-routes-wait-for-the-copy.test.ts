import { expect, test } from '@jest/globals';
import { put, withSides, type Sides } from '#test/support/raw-http/with-sides.ts';

const staying = (more = ''): string => `
staying:
  - { name: by-key, match: 'GET /parcels/:item', waitsFor: [items], key: { path: item }, waitWithin: 100ms${more} }
  - { name: by-any, match: GET /parcels, waitsFor: [items], waitWithin: 5s }
`;
const getParcel = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

function serviceOwns(sides: Sides): void {
  sides.service.gate = { state: 'owner', epoch: 2 };
  sides.monolith.gate = { state: 'follower', epoch: 2 };
  sides.say({ stage: 'live' });
}
const reason = (sides: Sides): string | undefined => sides.reports.at(-1)?.decision?.reason;

test('a route that stays goes on at once where the copy lacks nothing, and waits where it does', async () => {
  await withSides({ more: staying() }, async (sides) => {
    serviceOwns(sides);
    expect((await sides.ask(getParcel('/parcels'))).body).toBe('monolith ');
    expect(reason(sides)).toBe('stays');
    await sides.ask(put('a'));
    const client = await sides.connect();
    client.send(getParcel('/parcels'));
    await sides.until(() => sides.ownership.status().counts.waited === 1);
    expect(sides.monolith.upstream.requests).toHaveLength(1);
    sides.ownership.learn({
      source: 'control',
      copied: [{ migration: 'items', to: 'monolith', through: Date.now() + 1 }],
    });
    expect((await client.response('GET')).body).toBe('monolith ');
    expect(reason(sides)).toBe('stays-waited');
    expect(sides.ownership.status().counts).toMatchObject({ waited: 1, stale: 0 });
  });
});

test('with a key, only writes of that key are waited for; past the bound it goes on, counted as stale', async () => {
  await withSides({ more: staying() }, async (sides) => {
    serviceOwns(sides);
    await sides.ask(put('a', '/items/1'));
    await sides.ask(getParcel('/parcels/2'));
    expect(reason(sides)).toBe('stays');
    expect((await sides.ask(getParcel('/parcels/1'))).body).toBe('monolith ');
    expect(reason(sides)).toBe('stays-stale');
    expect(sides.ownership.status().counts).toMatchObject({ waited: 1, stale: 1 });
    await sides.ask(getParcel('/parcels/1').replace('GET', 'HEAD'));
    expect(reason(sides)).toBe('stays-stale');
  });
});

test('where its own target owns the data there is no copy to wait for', async () => {
  await withSides({ more: staying() }, async (sides) => {
    sides.say({ stage: 'dualwrite' });
    await sides.ask(put('a'));
    await sides.ask(getParcel('/parcels/1'));
    expect(reason(sides)).toBe('stays');
    // Moved and back: all that the service took was drained to the monolith before it opened.
    serviceOwns(sides);
    await sides.ask(put('b'));
    sides.ownership.learn({
      source: 'control',
      owners: [
        { migration: 'items', group: 'items', bucket: 0, owner: 'monolith', from: undefined, epoch: 3 },
      ],
      copied: [{ migration: 'items', to: 'monolith', through: Date.now() + 1 }],
    });
    await sides.ask(getParcel('/parcels/1'));
    expect(reason(sides)).toBe('stays');
  });
});

test('without a word on the copy, the lag ends the wait', async () => {
  await withSides({ more: staying(), ownership: { lagMs: 50 } }, async (sides) => {
    serviceOwns(sides);
    await sides.ask(put('a'));
    await sides.ask(getParcel('/parcels'));
    expect(['stays-waited', 'stays']).toContain(reason(sides));
    expect(sides.ownership.status().counts.stale).toBe(0);
  });
});
