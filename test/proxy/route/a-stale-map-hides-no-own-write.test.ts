import { expect, test } from '@jest/globals';
import { get, put, withSides, type Sides } from '#test/support/raw-http/with-sides.ts';

const ownership = { versionSecret: 'a secret of some length' };
const reason = (sides: Sides): string | undefined => sides.reports.at(-1)?.decision?.reason;
const owner = (sides: Sides, side: 'monolith' | 'service', epoch: number): void =>
  sides.ownership.learn({
    source: 'control',
    owners: [{ migration: 'items', group: 'items', bucket: 0, owner: side, from: undefined, epoch }],
  });

test('what a caller wrote on the new owner it reads there, also by a proxy that holds the old one for the owner', async () => {
  await withSides({ ownership }, async (sides) => {
    sides.say({ stage: 'shadow' });
    owner(sides, 'service', 2);
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    const answer = await sides.ask(put('a'));
    expect(answer.body).toBe('service a');
    const [seen = ''] = answer.all('banyan-seen');
    await withSides({ ownership }, async (stale) => {
      stale.say({ stage: 'shadow' });
      owner(stale, 'monolith', 1);
      expect((await stale.ask(get('/items/1', `Banyan-Seen: ${seen}\r\n`))).body).toBe('service ');
      expect(reason(stale)).toBe('own-write');
      expect((await stale.ask(get('/items/1'))).body).toBe('monolith ');
    });
  });
});

test('who wrote on both sides waits until one is known to have the other’s', async () => {
  await withSides({ ownership }, async (sides) => {
    sides.say({ stage: 'shadow' });
    owner(sides, 'monolith', 1);
    const [first = ''] = (await sides.ask(put('a', '/items/1'))).all('banyan-seen');
    owner(sides, 'service', 2);
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    const answer = await sides.ask(
      put('b', '/items/2').replace('\r\n\r\n', `\r\nBanyan-Seen: ${first}\r\n\r\n`),
    );
    const [both = ''] = answer.all('banyan-seen');
    expect(both).toMatch(/^items=[0-9a-z]+S\.[\w-]{22}, items=[0-9a-z]+M\.[\w-]{22}$/);

    const client = await sides.connect();
    client.send(get('/items/9', `Banyan-Seen: ${both}\r\n`));
    await sides.until(() => sides.ownership.status().counts.waited === 1);
    sides.ownership.learn({
      source: 'control',
      copied: [{ migration: 'items', to: 'service', through: Date.now() + 1 }],
    });
    expect((await client.response('GET')).body).toBe('service ');
    expect(sides.ownership.status().counts).toMatchObject({ waited: 1, stale: 0 });
  });
});

test('two cookies, one of each side, so that two answers at once leave both', async () => {
  await withSides({ ownership }, async (sides) => {
    sides.say({ stage: 'shadow' });
    owner(sides, 'monolith', 1);
    const [onMonolith = ''] = (await sides.ask(put('a', '/items/1'))).all('set-cookie');
    owner(sides, 'service', 2);
    sides.service.gate = { state: 'owner', epoch: 2 };
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    const [onService = ''] = (await sides.ask(put('b', '/items/2'))).all('set-cookie');
    expect([onMonolith, onService].map((line) => line.slice(0, line.indexOf('=')))).toEqual([
      'banyan-seen-items-monolith',
      'banyan-seen-items-service',
    ]);
  });
});
