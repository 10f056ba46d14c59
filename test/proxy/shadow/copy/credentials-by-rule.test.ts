import { expect, test } from '@jest/globals';
import { get, withCopies } from './copied-traffic.ts';

const sent = 'Authorization: Bearer theirs\r\nCookie: sid=1\r\n';

test.each([
  { rule: 'forward', expected: { authorization: ['Bearer theirs'], cookie: ['sid=1'] } },
  { rule: 'drop', expected: { authorization: [], cookie: [] } },
  {
    rule: '{ replace: { Authorization: Bearer ours, x-key: k } }',
    expected: { authorization: ['Bearer ours'], cookie: [], 'x-key': ['k'] },
  },
])('credentials of a copy: $rule; the noise leg has the client’s own', async ({ rule, expected }) => {
  await withCopies({ shadow: `{ noise: 100, credentials: { service: ${rule} } }` }, async (traffic) => {
    await traffic.ask(get(1, sent));
    await traffic.fresh.until(({ requests }) => requests.length === 1);
    await traffic.old.until(({ requests }) => requests.length === 2);
    const [copy] = traffic.fresh.requests;
    for (const [name, values] of Object.entries(expected)) expect(copy?.all(name)).toEqual(values);
    for (const request of traffic.old.requests) {
      expect(request.all('authorization')).toEqual(['Bearer theirs']);
      expect(request.all('cookie')).toEqual(['sid=1']);
    }
  });
});
