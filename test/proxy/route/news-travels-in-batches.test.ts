import { expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import { get, put, withSides } from '#test/support/raw-http/with-sides.ts';

test('what one process found out spares the others the detour, and reads there follow its writes', async () => {
  const told: OwnershipNews[] = [];
  await withSides({ ownership: { onNews: (news) => told.push(news) } }, async (one) => {
    one.monolith.gate = { state: 'follower', epoch: 2 };
    one.service.gate = { state: 'owner', epoch: 2 };
    await one.ask(put('a'));
    await one.until(() => told.some(({ writes = [] }) => writes.length > 0));
    // It goes through a channel that knows only JSON.
    const heard = JSON.parse(JSON.stringify(told)) as OwnershipNews[];
    await withSides({}, async (other) => {
      other.monolith.gate = one.monolith.gate;
      other.service.gate = one.service.gate;
      for (const news of heard) other.ownership.learn(news);
      expect((await other.ask(get())).body).toBe('service ');
      // The owner travels with its group; which route writes which group is told by a refusal or by control.
      other.ownership.learn({
        source: 'control',
        groups: [{ migration: 'items', group: 'items', buckets: 1 }],
      });
      expect((await other.ask(put('b'))).body).toBe('service b');
      expect(other.monolith.upstream.requests).toHaveLength(0);
    });
  });
});

test('nothing is told of what was heard from others', async () => {
  const told: OwnershipNews[] = [];
  await withSides({ ownership: { onNews: (news) => told.push(news) } }, async ({ ownership }) => {
    ownership.learn({
      source: 'proxy',
      owners: [
        { migration: 'items', group: 'items', bucket: 0, owner: 'service', from: undefined, epoch: 2 },
      ],
      buckets: [[17, 3]],
      writes: [['items', 'service', 5, Date.now()]],
    });
    await delay(20);
    expect(told).toEqual([]);
  });
});

test('a group of 256: the bucket of a key is remembered, and its owner looked up', async () => {
  const refused = (bucket: number): string =>
    `HTTP/1.1 421 No\r\nBanyan-Group: items\r\nBanyan-Bucket: ${bucket}\r\nBanyan-Epoch: 2\r\nBanyan-Owner: service\r\nContent-Length: 0\r\n\r\n`;
  let firstMoved = 128;
  await withSides(
    {
      script: ({ method, target }, side) => {
        const bucket = Number(target.slice('/items/'.length));
        return method === 'PUT' && side === 'monolith' && bucket >= firstMoved ? refused(bucket) : undefined;
      },
    },
    async (sides) => {
      sides.service.gate = { state: 'owner', epoch: 2 };
      const asked = async (id: number): Promise<string | undefined> => {
        expect((await sides.ask(put('a', `/items/${id}`))).status).toBe(200);
        return sides.reports.at(-1)?.decision?.upstream;
      };
      expect([await asked(200), await asked(200)]).toEqual(['old', 'new']);
      expect([await asked(5), await asked(5)]).toEqual(['old', 'old']);
      expect([await asked(201), await asked(201)]).toEqual(['old', 'new']);
      // Bucket 200 moves back: only its key follows.
      firstMoved = 201;
      sides.ownership.learn({
        source: 'control',
        owners: [
          { migration: 'items', group: 'items', bucket: 200, owner: 'monolith', from: undefined, epoch: 3 },
        ],
      });
      sides.ownership.learn({ source: 'control' });
      const before = sides.service.upstream.requests.length;
      await sides.ask(put('a', '/items/200'));
      expect(sides.reports.at(-1)?.decision?.upstream).toBe('old');
      expect(await asked(201)).toBe('new');
      expect(sides.service.upstream.requests.length).toBeGreaterThan(before);
    },
  );
});
