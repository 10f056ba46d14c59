import { afterEach, expect, test } from '@jest/globals';
import { openAuthDelegation, type AuthDelegation } from '#monolith/auth-delegation/delegation.ts';
import { parseAuthDelegation } from '#monolith/auth-delegation/setting.ts';
import { sendJson, startStandIn, type Respond, type StandIn } from './stand-in.ts';

let service: StandIn;
let delegation: AuthDelegation;

async function open(respond: Respond): Promise<void> {
  service = await startStandIn(respond);
  delegation = openAuthDelegation(parseAuthDelegation(service.url), {
    local: () => Promise.reject(new Error('the local check must not be asked')),
    introspectionKey: 'a-key-for-introspection',
  });
}
afterEach(async () => {
  await delegation.close();
  await service.stop();
});

const active = { active: true, sub: '42', userId: 42, role: 'admin', tokenType: 'Bearer', iat: 1, exp: 2 };

test('it asks with the key, and believes the answer', async () => {
  await open((response, _request, turn) => sendJson(response, turn === 1 ? active : { active: false }));
  expect(await delegation.checkCaller('42.some-token')).toEqual({ userId: 42, role: 'admin' });
  // The same token again: logged out meanwhile.
  expect(await delegation.checkCaller('42.some-token')).toBeUndefined();
  const question = {
    path: 'POST /auth/introspect',
    authorization: 'Bearer a-key-for-introspection',
    body: { token: '42.some-token' },
  };
  expect(service.asked).toEqual([question, question]);
});

test('connections are kept between questions', async () => {
  await open((response) => sendJson(response, active));
  for (let n = 0; n < 10; n++) await delegation.checkCaller('42.some-token');
  expect(service.asked).toHaveLength(10);
  // The pool may open a second while the first is being released.
  expect(service.connections()).toBeLessThanOrEqual(2);
});

test('a field that it does not know does not disturb it', async () => {
  await open((response) => sendJson(response, { ...active, scope: 'all' }));
  expect(await delegation.checkCaller('t')).toEqual({ userId: 42, role: 'admin' });
});

test('a connection that was lost before an answer is tried once more', async () => {
  await open((response, request, turn) => {
    if (turn === 2) request.socket.destroy();
    else sendJson(response, active);
  });
  await delegation.checkCaller('first, so that a connection is kept');
  expect(await delegation.checkCaller('42.some-token')).toEqual({ userId: 42, role: 'admin' });
  expect(service.asked).toHaveLength(3);
});
