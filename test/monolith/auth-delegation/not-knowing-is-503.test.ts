import { afterEach, expect, test } from '@jest/globals';
import { remoteCallerCheck } from '#monolith/auth-delegation/remote-caller-check.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { startUsers } from '#test/monolith/users/harness.ts';
import { sendJson, startStandIn, type Respond, type StandIn } from './stand-in.ts';

const introspectionKey = 'a-key-for-introspection';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function ask(url: string, options: { key?: string; timeoutMs?: number } = {}): Promise<unknown> {
  const { key = introspectionKey, timeoutMs = 5_000 } = options;
  const remote = remoteCallerCheck({ url, introspectionKey: key, timeoutMs });
  closing.push(() => remote.close());
  return remote.checkCaller('42.some-token').then(
    (caller) => ({ caller }),
    (error: unknown) => error,
  );
}

async function standIn(respond: Respond): Promise<StandIn> {
  const service = await startStandIn(respond);
  closing.push(() => service.stop());
  return service;
}

const unavailable = {
  name: 'Problem',
  status: 503,
  code: 'auth-unavailable',
  headers: { 'Retry-After': '1' },
};

test('a service that hangs costs no more than the time-out, and is not asked again', async () => {
  const service = await standIn(() => undefined);
  expect(await ask(service.url, { timeoutMs: 200 })).toMatchObject(unavailable);
  expect(service.asked).toHaveLength(1);
});

test('a service that begins its answer and hangs costs no more either', async () => {
  const service = await standIn((response) => response.writeHead(200, { 'content-length': '99' }).write('{'));
  expect(await ask(service.url, { timeoutMs: 200 })).toMatchObject(unavailable);
});

test.each([500, 503, 404, 302, 204])('an answer of %i says nothing of the caller', async (status) => {
  const service = await standIn((response) => {
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  const error = await ask(service.url);
  expect(error).toMatchObject({
    ...unavailable,
    cause: { message: `the user-service answered an introspection with ${status}` },
  });
  expect(service.asked).toHaveLength(1);
});

test('a service that resets every connection is tried twice, no more', async () => {
  const service = await standIn((_response, request) => request.socket.resetAndDestroy());
  expect(await ask(service.url)).toMatchObject(unavailable);
  expect(service.asked).toHaveLength(2);
});

test('an answer that breaks off is not taken', async () => {
  const service = await standIn((response, request) => {
    response.writeHead(200, { 'content-length': '99' });
    response.write('{"active":false}', () => request.socket.destroy());
  });
  expect(await ask(service.url)).toMatchObject(unavailable);
});

test('a service that does not listen', async () => {
  expect(await ask(`http://127.0.0.1:${await freePort()}`)).toMatchObject({
    ...unavailable,
    cause: { code: 'ECONNREFUSED' },
  });
});

test.each([
  ['no JSON', '<html>'],
  ['another shape', '{"ok":true}'],
  ['no user', '{"active":true,"role":"admin"}'],
  ['a role that is none', '{"active":true,"userId":1,"role":"root"}'],
  ['an id that is none', '{"active":true,"userId":0,"role":"admin"}'],
  ['more than it may be', `{"active":false,"x":"${'x'.repeat(100_000)}"}`],
])('an answer with %s is none', async (_name, text) => {
  const service = await standIn((response) => {
    response.end(text);
  });
  expect(await ask(service.url)).toMatchObject(unavailable);
});

test('a wrong key is our fault, not the caller: 503, and the log learns the remedy', async () => {
  const users = await startUsers();
  closing.push(() => users.stop());
  const wrong = await ask(users.url, { key: 'another-key-than-that' });
  expect(wrong).toMatchObject({
    ...unavailable,
    cause: { message: /401: INTROSPECTION_KEY must be the same/ },
  });
  expect(await ask(users.url)).toEqual({ caller: undefined });
});

test('neither the token nor the key stands in the error', async () => {
  const service = await standIn((response) => sendJson(response, {}, 500));
  const error = await ask(service.url);
  const told = JSON.stringify(error, Object.getOwnPropertyNames(error));
  expect(told).not.toContain('some-token');
  expect(told).not.toContain(introspectionKey);
});
