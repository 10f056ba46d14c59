import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Logger } from '#shared/telemetry/log.ts';
import { gateDetail, refuseWrites } from '#test/support/refusing-gate.ts';
import { startUsers, type Member, type Users } from './harness.ts';

let users: Users;
let member: Member;
const told: string[] = [];
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (_fields: object, message: string) => told.push(`${level}: ${message}`),
  ]),
) as unknown as Logger;

beforeAll(async () => {
  users = await startUsers(log);
  member = await users.member();
  await users.database.query(
    `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
     values ($1, repeat('0', 64), 1, gen_random_uuid(), now(), (now() at time zone 'utc') - interval '1 minute')`,
    [member.id],
  );
});
afterAll(() => users.stop());

test.each([
  ['BY001', gateDetail('service'), 'debug'],
  ['23503', '', 'warn'],
])(
  'a sweep that ends with %s leaves the login alone and is told as it deserves',
  async (state, detail, level) => {
    const lift = await refuseWrites(users.database, { table: 'auth_tokens', state, detail });
    // The gate of a user whom this side owns lets the new tokens through.
    await users.database.query(
      `create or replace trigger refuse_write after delete on auth_tokens for each row
     execute function refuse_write('${state}', '${detail}')`,
    );
    told.length = 0;
    expect((await users.logIn(member)).status).toBe(200);
    expect(told).toEqual([`${level}: expired tokens were not swept`]);
    await lift();
  },
);
