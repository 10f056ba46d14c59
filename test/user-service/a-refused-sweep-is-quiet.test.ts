import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Logger } from '#shared/telemetry/log.ts';
import { gateDetail, refuseWrites } from '#test/support/refusing-gate.ts';
import { clientOf, type Session } from './client.ts';
import { startUserServiceUnderTest, type UserServiceUnderTest } from './system.ts';

let system: UserServiceUnderTest;
let member: Session;
const told: string[] = [];
const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (_fields: object, message: string) => told.push(`${level}: ${message}`),
  ]),
) as unknown as Logger;

beforeAll(async () => {
  system = await startUserServiceUnderTest({ log });
  member = await clientOf(system.url).signUp('swept@example.com');
  await system.database.query(
    `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
     values ($1, repeat('0', 64), 'refresh', gen_random_uuid(), now() - interval '2 days', now() - interval '1 day')`,
    [member.id],
  );
});
afterAll(() => system.stop());

test.each([
  ['BY001', gateDetail('monolith'), 'debug'],
  ['23503', '', 'warn'],
])(
  'a sweep that ends with %s leaves the login alone and is told as it deserves',
  async (state, detail, level) => {
    const lift = await refuseWrites(system.database, { table: 'tokens', state, detail });
    // The gate of an account that this side owns lets the new tokens through.
    await system.database.query(
      `create or replace trigger refuse_write after delete on tokens for each row
       execute function refuse_write('${state}', '${detail}')`,
    );
    told.length = 0;
    expect((await clientOf(system.url).login(member.email)).status).toBe(200);
    expect(told).toEqual([`${level}: expired tokens were not swept`]);
    await lift();
  },
);
