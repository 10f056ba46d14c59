import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { callerOf, requireAdmin, requireCaller, type CallerCheck } from '#monolith/auth-delegation/caller.ts';
import { problem } from '#shared/errors/problem.ts';
import { problemHandler } from '#shared/http/express.ts';
import { serve, type Served } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';

let checks = 0;
const check: CallerCheck = async (token) => {
  checks++;
  if (token === 'away')
    throw problem(503, 'auth-unavailable', 'Try again.', { headers: { 'Retry-After': '1' } });
  if (token === 'admin') return { userId: 1, role: 'admin' };
  return token === 'customer' ? { userId: 2, role: 'customer' } : undefined;
};
let server: Served;

beforeAll(async () => {
  const app = express();
  app.use('/own', requireCaller(check));
  app.get('/own/both', requireAdmin(check), (_request, response) => {
    response.json(callerOf(response));
  });
  app.get(['/own', '/open'], (_request, response) => {
    response.json(callerOf(response));
  });
  app.get('/admin', requireAdmin(check), (_request, response) => {
    response.json(callerOf(response));
  });
  app.use(problemHandler(createLog({ name: 'test', level: 'silent' })));
  server = await serve(app, { name: 'the test app' });
});
afterAll(() => server.close(0));

async function get(path: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${server.url}${path}`, { headers: { ...headers, connection: 'close' } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test.each([undefined, 'unknown'])('token %s is nobody: 401 with the scheme', async (token) => {
  for (const path of ['/own', '/admin']) {
    const answer = await get(path, token);
    expect(answer).toMatchObject({ status: 401, body: { code: 'not-authenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  }
});

test('the handler learns who calls', async () => {
  expect((await get('/own', 'customer')).body).toEqual({ userId: 2, role: 'customer' });
  expect((await get('/admin', 'admin')).body).toEqual({ userId: 1, role: 'admin' });
});

test('a customer is no admin', async () => {
  expect(await get('/admin', 'customer')).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
});

test('one request is checked once, the next one anew', async () => {
  checks = 0;
  expect((await get('/own/both', 'admin')).status).toBe(200);
  expect(checks).toBe(1);
  await get('/own/both', 'admin');
  expect(checks).toBe(2);
});

test('a check that cannot tell is not "not authenticated"', async () => {
  const answer = await get('/own', 'away');
  expect(answer).toMatchObject({ status: 503, body: { code: 'auth-unavailable' } });
  expect(answer.headers.get('retry-after')).toBe('1');
});

test('a handler that asks for a caller without a guard is a fault of ours, not a caller', async () => {
  expect((await get('/open', 'admin')).status).toBe(500);
});
