import { expect, test } from '@jest/globals';
import { expectForwarded, expectRefused } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const request = (target: string, method = 'GET'): string =>
  `${method} ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

test.each([
  { name: 'absolute form for another host', bytes: request('http://b.example/a') },
  { name: 'absolute form with another port', bytes: request('http://a.example:81/a') },
  { name: 'absolute form with user information', bytes: request('http://u@a.example/a') },
  { name: 'absolute form of another scheme', bytes: request('ftp://a.example/a') },
  { name: 'absolute form without a host', bytes: request('http:///a') },
  { name: 'two slashes', bytes: request('//b.example/a') },
  { name: 'asterisk with GET', bytes: request('*') },
  { name: 'asterisk with OPTIONS: no route could match it', bytes: request('*', 'OPTIONS') },
  { name: 'fragment', bytes: request('/a#b') },
  { name: 'fragment in the query', bytes: request('/a?b#c') },
  { name: 'no slash', bytes: request('a') },
  { name: 'query alone', bytes: request('?a') },
  { name: 'authority form with GET', bytes: request('a.example:80') },
  { name: 'beyond ASCII', bytes: request('/\xe4') },
])('a target that names two places, or none, is refused: $name', async (payload) => {
  await expectRefused(payload, 400);
});

test.each([
  ['http://a.example/b?c=d', '/b?c=d'],
  ['HTTP://A.EXAMPLE/b', '/b'],
  ['https://a.example', '/'],
  ['http://a.example?x=1', '/?x=1'],
])('the absolute form %s is forwarded as %s', async (target, origin) => {
  await expectForwarded({ name: target, bytes: request(target) }, { method: 'GET', target: origin });
});

test('routing sees the same target as the upstream', async () => {
  const seen: string[] = [];
  const decide = (head: { target: string; path: string }) => {
    seen.push(`${head.path} of ${head.target}`);
    return { upstream: 'main', route: 'all', reason: 'test' };
  };
  await withProxy({ plane: { decide } }, async (proxy) => {
    await proxy.ask(request('http://a.example/%75sers/1?x=/../y'));
    expect(proxy.upstream.requests[0]?.target).toBe('/users/1?x=/../y');
    expect(seen).toEqual(['/users/1 of /users/1?x=/../y']);
  });
});
