import { expect, test } from '@jest/globals';
import { put, withSides } from '#test/support/raw-http/with-sides.ts';

const fenced = { state: 'fenced', epoch: 2 } as const;

test('past its time a request is told 503 with Retry-After, and nothing was done', async () => {
  await withSides({ hold: { holdWithinMs: 150 } }, async (sides) => {
    sides.monolith.gate = { ...fenced };
    const answer = await sides.ask(put('a'));
    expect(answer.status).toBe(503);
    expect(answer.all('retry-after')).toEqual(['1']);
    expect(answer.all('content-type')).toEqual(['application/problem+json']);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 503, code: 'no-owner' });
    expect([...sides.monolith.effects, ...sides.service.effects]).toEqual([]);
    expect(sides.reports).toMatchObject([{ status: 503, failure: 'no-owner' }]);
    expect(sides.ownership.status().counts.unanswered).toBe(1);
    expect(sides.plane.held()).toEqual({ requests: 0, bytes: 0 });
  });
});

test('one more than may be held is told so at once, and its connection goes on', async () => {
  await withSides({ hold: { maxHeldRequests: 1 } }, async (sides) => {
    sides.monolith.gate = { ...fenced };
    (await sides.connect()).send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    const second = await sides.connect();
    second.send(put('b'));
    const answer = await second.response('PUT');
    expect([answer.status, answer.all('connection')]).toEqual([503, []]);
    sides.monolith.gate = { state: 'owner', epoch: 3 };
    second.send(put('c'));
    expect((await second.response('PUT')).body).toBe('monolith c');
  });
});

test('a body that does not fit into what may be kept streams, and is told 503 where it met the wrong side', async () => {
  await withSides({ hold: { maxHeldBytes: 100_000 } }, async (sides) => {
    const large = 'x'.repeat(300_000);
    expect((await sides.ask(put(large))).body).toBe(`monolith ${large}`);
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    sides.service.gate = { state: 'owner', epoch: 2 };
    const answer = await sides.ask(put(large));
    expect([answer.status, answer.all('retry-after')]).toEqual([503, ['1']]);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'no-owner' });
    expect(sides.service.effects).toEqual([]);
    // It taught the way, though.
    expect((await sides.ask(put(large))).body).toBe(`service ${large}`);
    expect(sides.plane.held()).toEqual({ requests: 0, bytes: 0 });
  });
});

test('two sides that each name the other are asked a bounded number of times', async () => {
  await withSides({ hold: { holdWithinMs: 300 } }, async (sides) => {
    sides.monolith.gate = { state: 'follower', epoch: 2 };
    sides.service.gate = { state: 'follower', epoch: 2 };
    expect((await sides.ask(put('a'))).status).toBe(503);
    const asked = sides.monolith.upstream.requests.length + sides.service.upstream.requests.length;
    // Waits of 5 ms and more, doubled up to 100 ms, with half of each left to chance.
    expect(asked).toBeLessThan(20);
    expect(asked).toBeGreaterThan(2);
  });
});

test('a client that leaves while it is held: counted 499, and nothing is sent later', async () => {
  await withSides({}, async (sides) => {
    sides.monolith.gate = { ...fenced };
    const client = await sides.connect();
    client.send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    client.destroy();
    await sides.until(() => sides.reports.length === 1);
    expect(sides.reports).toMatchObject([{ status: 499, failure: 'client-aborted' }]);
    expect(sides.plane.held().requests).toBe(0);
    const asked = sides.monolith.upstream.requests.length;
    sides.monolith.gate = { state: 'owner', epoch: 3 };
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sides.monolith.upstream.requests).toHaveLength(asked);
    expect([...sides.monolith.effects, ...sides.service.effects]).toEqual([]);
  });
});

test('a drain lets what is held finish, and cuts it only past its bound', async () => {
  await withSides({}, async (sides) => {
    sides.monolith.gate = { ...fenced };
    const client = await sides.connect();
    client.send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    const drained = sides.plane.drain(5_000);
    sides.service.gate = { state: 'owner', epoch: 2 };
    const answer = await client.response('PUT');
    expect([answer.body, answer.all('connection')]).toEqual(['service a', ['close']]);
    expect(await drained).toBe(0);
  });
  await withSides({}, async (sides) => {
    sides.monolith.gate = { ...fenced };
    (await sides.connect()).send(put('a'));
    await sides.until(() => sides.plane.held().requests === 1);
    expect(await sides.plane.drain(50)).toBe(1);
    expect(sides.plane.held().requests).toBe(0);
  });
});
