import { expect, test } from '@jest/globals';
import { pathFor, rightCall, tables, unknownId } from '#test/contract/table.ts';
import type { World } from '#test/contract/world.ts';

export function permissionTests(world: World): void {
  test.each(tables.aboutOneUser)(
    '%s is refused to another customer, who does not learn whether that user exists or what is wrong',
    async (_name, operation) => {
      const [one, other] = await Promise.all([world.signUp(), world.signUp()]);
      const call = {
        token: one.accessToken,
        ...(operation.requestSchema === undefined ? {} : { json: { wrong: true } }),
      };
      const existing = await world.call(operation.method, pathFor(operation, other.id), call);
      expect([existing.status, existing.json['code']]).toEqual([403, 'not-allowed']);
      const unknown = await world.call(operation.method, pathFor(operation, unknownId), call);
      expect(unknown.text).toBe(existing.text);
    },
  );

  test.each(tables.aboutOneUser)('%s tells an admin that there is no such user', async (_name, operation) => {
    const answer = await world.call(
      operation.method,
      pathFor(operation, unknownId),
      rightCall(world, operation),
    );
    expect([answer.status, answer.json['code']]).toEqual([404, 'user-not-found']);
  });

  test.each(tables.aboutOneUser)(
    '%s knows what cannot be an id, for every caller',
    async (_name, operation) => {
      const { accessToken } = await world.signUp();
      for (const id of [
        '0',
        '-1',
        '+1',
        '01',
        '1.0',
        '1e3',
        '0x1',
        'abc',
        '%201',
        '9007199254740993',
        '1'.repeat(400),
      ]) {
        for (const token of [accessToken, world.system.adminToken]) {
          const call = { ...rightCall(world, operation), token };
          const answer = await world.call(operation.method, pathFor(operation, id), call);
          expect([id, answer.status, answer.json['code']]).toEqual([id, 404, 'user-not-found']);
        }
      }
    },
  );

  test.each(tables.aboutOneUser.filter(([, { requestSchema }]) => requestSchema !== undefined))(
    '%s looks at the fields before it looks for the user',
    async (_name, operation) => {
      const { adminToken: token } = world.system;
      const call = { token, json: { wrong: true } };
      expect((await world.call(operation.method, pathFor(operation, unknownId), call)).status).toBe(422);
    },
  );
}
