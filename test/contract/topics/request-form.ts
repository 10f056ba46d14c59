import { expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { pathFor, rightCall, tables } from '#test/contract/table.ts';
import { freshEmail, password, type World } from '#test/contract/world.ts';

const limitBytes = 256 * 1024;

export function requestFormTests(world: World): void {
  const fields = () => ({ email: freshEmail(), name: 'Ada', password });
  const padded = (json: unknown, bytes: number) => JSON.stringify(json).padEnd(bytes, ' ');

  test.each(tables.withBody)('%s refuses what is not JSON', async (_name, operation) => {
    const { json: _right, ...call } = rightCall(world, operation);
    for (const body of [
      '{"email": ',
      'null',
      '"text"',
      '42',
      "{'a': 1}",
      '{"a": 1,}',
      '\u0000',
      '{"a": NaN}',
    ]) {
      const refused = await world.call(operation.method, pathFor(operation, 1), { ...call, body });
      expect([body, refused.status, refused.json['code']]).toEqual([body, 400, 'malformed-json']);
    }
  });

  test.each(tables.withBody)(
    '%s refuses a body that does not say that it is JSON',
    async (_name, operation) => {
      const { json, ...call } = rightCall(world, operation);
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/jsonp',
        'json',
        '',
      ]) {
        const refused = await world.call(operation.method, pathFor(operation, 1), {
          ...call,
          body: JSON.stringify(json),
          headers: { 'content-type': type },
        });
        expect([type, refused.status, refused.json['code']]).toEqual([type, 415, 'unsupported-media-type']);
      }
    },
  );

  test.each(tables.withBody)(
    '%s refuses a body over 256 KiB, with or without its length',
    async (_name, operation) => {
      const { json, ...call } = rightCall(world, operation);
      const body = padded(json, limitBytes + 1);
      for (const chunked of [false, true]) {
        const refused = await world.call(operation.method, pathFor(operation, 1), { ...call, body, chunked });
        expect([refused.status, refused.json['code']]).toEqual([413, 'body-too-large']);
      }
    },
  );

  test.each(tables.withBody)(
    '%s refuses fields that it does not know, and a missing body',
    async (_name, operation) => {
      const { id } = await world.signUp();
      const { json, ...call } = rightCall(world, operation);
      const right = JSON.stringify(json).slice(0, -1);
      for (const more of [
        '"extra":1',
        '"__proto__":{"role":"admin"}',
        '"constructor":{"prototype":{}}',
        '"toString":1',
      ]) {
        const body = `${right},${more}}`;
        const refused = await world.call(operation.method, pathFor(operation, id), { ...call, body });
        expect([more, refused.status, refused.json['code']]).toEqual([more, 422, 'validation-failed']);
      }
      for (const body of ['[]', undefined]) {
        const sent = body === undefined ? call : { ...call, body };
        const refused = await world.call(operation.method, pathFor(operation, id), sent);
        // A profile of nothing is a profile, so there only an array is wrong.
        const taken = body === undefined && operation.operationId === 'putProfile';
        expect([body, refused.status]).toEqual([body, taken ? 200 : 422]);
      }
    },
  );

  test('a field of __proto__ gives nobody what it names', async () => {
    const { email, name } = fields();
    const body = `{"email":"${email}","name":"${name}","__proto__":{"password":"${password}"}}`;
    expect((await world.call('POST', '/users', { body })).status).toBe(422);
  });

  test('a body of 256 KiB to the byte is read, with or without its length', async () => {
    for (const chunked of [false, true]) {
      const body = padded(fields(), limitBytes);
      expect((await world.call('POST', '/users', { body, chunked })).status).toBe(201);
    }
  });

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;charset="UTF-8"'])(
    'JSON may be called so: %s',
    async (type) => {
      const call = { json: fields(), headers: { 'content-type': type } };
      expect((await world.call('POST', '/users', call)).status).toBe(201);
    },
  );

  test.each(tables.withBody)('%s refuses a body that cannot be decoded', async (_name, operation) => {
    const call = rightCall(world, operation);
    const wrong = [
      { 'content-encoding': 'zstd-of-tomorrow' },
      { 'content-encoding': 'gzip' },
      { 'content-type': 'application/json; charset=ebcdic-of-tomorrow' },
    ];
    for (const headers of wrong) {
      const refused = await world.call(operation.method, pathFor(operation, 1), { ...call, headers });
      expect([headers, refused.status, refused.json['code']]).toEqual([headers, 400, 'malformed-request']);
    }
  });

  test('deeply nested JSON is refused as any other wrong body', async () => {
    const body = `{"email":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    expect((await world.call('POST', '/users', { body })).status).toBe(422);
  });

  test.each(tables.aboutOneUser)('%s refuses an address that cannot be decoded', async (_name, operation) => {
    const call = rightCall(world, operation);
    const refused = await world.call(operation.method, pathFor(operation, '%FF'), call);
    expect([refused.status, refused.json['code']]).toEqual([400, 'malformed-request']);
  });

  test.each([
    ['GET', '/Users'],
    ['GET', '/users/'],
    ['GET', '/users/1/'],
    ['GET', '/USERS/1'],
    ['PUT', '/users'],
    ['DELETE', '/users'],
    ['POST', '/users/1'],
    ['PATCH', '/users/1/profile'],
    ['POST', '/users/1/preferences'],
    ['GET', '/users/1/preferences/theme'],
    ['GET', '/users/1/unknown'],
    ['GET', '/auth/login'],
    ['POST', '/auth/Login'],
    ['POST', '/auth/logout/'],
    ['POST', '/healthz'],
  ])('there is nothing at %s %s', async (method, path) => {
    const answer = await world.call(method, path, { token: world.system.adminToken });
    expect([answer.status, answer.json['code']]).toEqual([404, 'not-found']);
  });

  test('HEAD is answered like GET, without the body', async () => {
    const { id, accessToken: token } = await world.signUp();
    const [got, head] = await Promise.all([
      world.call('GET', `/users/${id}`, { token }),
      world.call('HEAD', `/users/${id}`, { token }),
    ]);
    expect(head.status).toBe(200);
    expect(head.text).toBe('');
    expect(head.headers['content-length']).toBe(got.headers['content-length']);
    expect((await world.call('HEAD', `/users/${id}`)).status).toBe(401);
  });

  test('OPTIONS names the methods', async () => {
    const answer = await world.call('OPTIONS', '/users/1');
    expect(answer.status).toBe(200);
    expect(String(answer.headers['allow']).split(/, */).toSorted()).toEqual([
      'DELETE',
      'GET',
      'HEAD',
      'PATCH',
    ]);
  });

  test('there are no conditional requests: what the client has already is sent again', async () => {
    const { id, accessToken: token } = await world.signUp();
    const headers = {
      'if-none-match': 'W/"1"',
      'if-modified-since': new Date(Date.now() + 60_000).toUTCString(),
    };
    expect((await world.call('GET', `/users/${id}`, { token, headers })).status).toBe(200);
  });

  test('a compressed body is measured after it is inflated', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const body = (bytes: number) => gzipSync(padded(fields(), bytes));
    expect((await world.call('POST', '/users', { body: body(limitBytes), headers })).status).toBe(201);
    expect((await world.call('POST', '/users', { body: body(limitBytes + 1), headers })).status).toBe(413);
  });
}
