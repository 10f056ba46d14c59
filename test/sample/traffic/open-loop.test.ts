import { afterEach, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { serve, type Served } from '#shared/http/serve.ts';
import { startTraffic, type Traffic } from '#sample/traffic/traffic.ts';

const running: { traffic: Traffic; served: Served }[] = [];

async function trafficTo(listener: RequestListener, rate: number): Promise<Traffic> {
  const served = await serve(listener, { name: 'the double' });
  const population = { users: 6_000, products: 100, orders: 1 };
  const traffic = startTraffic({
    url: served.url,
    rate,
    warmUpMs: 0,
    seed: 1,
    population,
    runId: 'r',
    introspectionKey: 'k',
  });
  running.push({ traffic, served });
  return traffic;
}

afterEach(async () => {
  for (const { traffic, served } of running.splice(0)) {
    await traffic.stop(0);
    await served.close(0);
  }
});

test('a system that does not answer gets no more than the bound, and the rest is told as not sent', async () => {
  let requests = 0;
  const traffic = await trafficTo(() => (requests += 1), 200);
  while (traffic.snapshot().unsent < 20) await delay(20);
  expect(traffic.snapshot().inFlight).toBe(200);
  expect(requests).toBeLessThanOrEqual(200);
  await traffic.stop(0);
  // Nobody got an answer, and that is counted.
  expect(traffic.snapshot()).toMatchObject({ inFlight: 0, failed: 200, ok: 0 });
});

test('a user carries the proxy’s mark of an own write from then on, and no other user does', async () => {
  const marks = new Map<string, string>();
  const seen = { right: 0, wrong: 0 };
  await trafficTo((request, response) => {
    const caller = request.headers.authorization ?? '';
    const mark = request.headers['banyan-seen'];
    if (marks.has(caller)) seen[marks.get(caller) === mark ? 'right' : 'wrong'] += 1;
    if (request.url !== '/auth/login') {
      response.writeHead(404).end();
      return;
    }
    request.setEncoding('utf8').on('data', (text: string) => {
      const userId = Number(/user(\d+)@/.exec(text)?.[1] ?? 0);
      marks.set(`Bearer access-of-the-user-${userId}`, `users=mark${userId}`);
      const answer = {
        accessToken: `access-of-the-user-${userId}`,
        refreshToken: `refresh-of-the-user-${userId}`,
        tokenType: 'Bearer',
        expiresIn: 900,
        userId,
      };
      response.writeHead(200, { 'content-type': 'application/json', 'banyan-seen': `users=mark${userId}` });
      response.end(JSON.stringify(answer));
    });
  }, 100);
  while (seen.right + seen.wrong < 10) await delay(20);
  expect(seen.wrong).toBe(0);
});

test('an answer that no user would accept is a failure, kept in words', async () => {
  const traffic = await trafficTo((_request, response) => {
    response.writeHead(502, { 'content-type': 'application/problem+json' });
    response.end('{"code":"upstream-unreachable","status":502}');
  }, 100);
  while (traffic.snapshot().failed < 15) await delay(20);
  const { failures, ok } = traffic.snapshot();
  expect(ok).toBe(0);
  expect(failures).toHaveLength(10);
  expect(failures[0]).toMatch(
    /^session \d+ \(\w[\w-]*(, user \d+)?\), [\w-]+: answered 502 upstream-unreachable instead of/,
  );
});

test('requests keep coming at their rate while answers are slow', async () => {
  const traffic = await trafficTo((_request, response) => {
    setTimeout(() => response.writeHead(500).end(), 300);
  }, 50);
  // A closed loop of the first few sessions would have stopped here.
  while (traffic.snapshot().inFlight < 10) await delay(20);
  expect(traffic.snapshot().unsent).toBe(0);
  await traffic.stop(2_000);
  expect(traffic.snapshot()).toMatchObject({ inFlight: 0 });
  expect(traffic.snapshot().overall.p50).toBeGreaterThan(290);
});
