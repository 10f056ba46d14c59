import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { serveAdmin, type AdminOptions } from '#proxy/control/admin.ts';
import type { Served } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';

const token = 'an-admin-token-of-some-length';
let admin: Served;
let url: string;
let status: AdminOptions['status'];

beforeEach(async () => {
  status = async () => undefined;
  admin = await serveAdmin({
    host: '127.0.0.1',
    port: 0,
    token,
    notReady: () => 'starting',
    status: () => status(),
    log: createLog({ name: 'test', level: 'silent' }),
  });
  url = `http://127.0.0.1:${admin.port}`;
});
afterEach(() => admin.close(0));

const headers = { authorization: `Bearer ${token}` };

// Regression: these went out as application/json, so no program could tell them from an answer by their type.
test.each<[string, RequestInit, number, string]>([
  ['/nothing', {}, 404, 'not-found'],
  ['/status', { method: 'POST', headers }, 405, 'method-not-allowed'],
  ['/status', {}, 401, 'not-authenticated'],
  ['/status', { headers: { authorization: 'Bearer wrong' } }, 401, 'not-authenticated'],
  ['/status', { headers }, 503, 'starting'],
])('%s %j is %i %s, as a problem', async (path, init, expected, code) => {
  const response = await fetch(url + path, init);
  expect(response.status).toBe(expected);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: expected, code, detail: expect.any(String) });
});

test('readiness is an answer, also where it is no', async () => {
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ status: 'not-ready', reason: 'starting' });
});

test('a status that cannot be read drops the connection, and the port lives on', async () => {
  status = async () => {
    throw new Error('broken');
  };
  await expect(fetch(`${url}/status`, { headers })).rejects.toThrow();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
