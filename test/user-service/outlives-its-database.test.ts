import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testServerVariable } from '#test/support/templates.ts';
import { clientOf, type Session } from './client.ts';
import { openGate, type Gate } from './gate.ts';
import { openTransaction } from './held-lock.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let gate: Gate;
let system: UserServiceUnderTest;
let client: ReturnType<typeof clientOf>;
let person: Session;

beforeAll(async () => {
  const server = new URL(process.env[testServerVariable] ?? '');
  gate = await openGate({ host: server.hostname, port: Number(server.port) });
  system = await startUserServiceUnderTest({
    reach(databaseUrl) {
      const url = new URL(databaseUrl);
      url.port = String(gate.port);
      return url.href;
    },
  });
  client = clientOf(system.url);
  person = await client.signUp('ada@example.com');
});
afterAll(async () => {
  await system.stop();
  await gate.shut();
});

const read = () => client.call('GET', `/users/${person.id}`, { token: person.accessToken });

test('without its database every request is 503 that says when to come again; with it all is as before', async () => {
  expect((await client.call('GET', '/healthz')).status).toBe(200);
  await gate.shut();
  const { id, email, accessToken: token, refreshToken } = person;
  const answers = await Promise.all([
    client.call('GET', '/healthz'),
    read(),
    client.login(email),
    client.refresh(refreshToken),
    client.call('POST', '/users', { json: { email: 'x@example.com', name: 'X', password: 'correct horse' } }),
    client.call('PUT', `/users/${id}/preferences/theme`, { token, json: { value: 'dark' } }),
    client.call('DELETE', `/users/${id}`, { token }),
  ]);
  for (const { status, json, headers } of answers) {
    expect([status, json['code']]).toEqual([503, 'database-unavailable']);
    expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(headers.get('content-type')).toContain('application/problem+json');
  }
  await gate.open();
  expect((await client.call('GET', '/healthz')).status).toBe(200);
  expect((await read()).status).toBe(200);
  // The one that was refused was not spent.
  expect((await client.refresh(refreshToken)).status).toBe(200);
});

test('a request whose connection breaks in the middle of its transaction is 503, and nothing of it is done', async () => {
  const other = await openTransaction(system.database);
  await other.query('select from accounts where user_id = $1 for update', [person.id]);
  const waiting = client.call('PUT', `/users/${person.id}/preferences/theme`, {
    token: person.accessToken,
    json: { value: 'dark' },
  });
  await other.blocks(1);
  await system.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  expect((await waiting).json['code']).toBe('database-unavailable');
  await other.end('commit');
  expect(await system.database.query('select from preferences where user_id = $1', [person.id])).toEqual([]);
});

test('idle connections that the database ends are replaced, and the service stays', async () => {
  await read();
  await system.database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'user-service'`,
  );
  const first = await read();
  // The end may be noticed before the next request or by it, but never by the one after.
  expect([200, 503]).toContain(first.status);
  expect((await read()).status).toBe(200);
});

test('a statement that the database could not do in time is told so, and may come again', async () => {
  await system.database.query(
    `do $$ begin execute format('alter database %I set lock_timeout = %L', current_database(), '50ms'); end $$`,
  );
  await gate.shut();
  await gate.open();
  const other = await openTransaction(system.database);
  await other.query('select from accounts where user_id = $1 for update', [person.id]);
  const rename = () =>
    client.call('PATCH', `/users/${person.id}`, { token: person.accessToken, json: { name: 'Ada' } });
  const refused = await rename();
  expect([refused.status, refused.json['code']]).toEqual([503, 'database-busy']);
  expect(refused.headers.get('retry-after')).toBe('1');
  await other.end('commit');
  expect((await rename()).status).toBe(200);
});
