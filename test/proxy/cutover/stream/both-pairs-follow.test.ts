import { afterEach, expect, test } from '@jest/globals';
import { createLog } from '#shared/telemetry/log.ts';
import type { Side } from '#flags/stages.ts';
import { startStream, type Stream } from '#proxy/cutover/stream/start-stream.ts';
import { gatedWorld, type World } from '../support/world.ts';
import { bothSides } from './support/pair.ts';

let world: World;
let streams: Stream[] = [];

afterEach(async () => {
  await Promise.all(streams.map((stream) => stream.stop()));
  streams = [];
  await world.drop();
});

async function follow(from: Side): Promise<Stream> {
  const stream = await startStream({
    plan: world.plan,
    from,
    log: createLog({ name: 'test', level: 'silent' }),
  });
  streams.push(stream);
  return stream;
}

async function expectEqual(stream: Stream): Promise<void> {
  const { from } = stream;
  const [now] = await world.databases[from].query<{ s: string }>('select pg_current_snapshot()::text as s');
  expect(await stream.reached(now?.s ?? '', { withinMs: 30_000 })).toBe('reached');
  const parked = `select key, reason from banyan.parked`;
  expect(await world.databases.service.query(parked)).toEqual([]);
  expect(await world.databases.monolith.query(parked)).toEqual([]);
  for (const dataset of world.plan.groups.flatMap(({ datasets }) => datasets)) {
    const pair = { ...world.databases, plan: world.plan };
    // Seen from the monolith both ways: its columns have a fixed scale, the service's don't.
    const { owner, follower } = await bothSides(pair, dataset, 'monolith');
    expect(follower).toEqual(owner);
    expect([dataset.name, owner.length > 0]).toEqual([dataset.name, true]);
  }
}

async function handOver(): Promise<void> {
  await world.databases.monolith.query(
    `update banyan.buckets set state = 'follower', epoch = 2, fenced_at = 2`,
  );
  await world.databases.service.query(`update banyan.buckets set state = 'owner', epoch = 2`);
}

test('the sample’s tables, there and back', async () => {
  world = await gatedWorld('sample');
  const there = await follow('monolith');
  const { monolith, service } = world.databases;
  await monolith.query(`insert into users (id, email, full_name, is_active, is_admin, password_hash, created_at)
    select n, 'p' || n || '@example.org', 'Person ' || n, n % 3, n % 2, 'h', '2020-01-01 00:00:00.5'
    from generate_series(1, 30) n;
    insert into user_profiles (user_id, bio, country) select id, '', case when id % 2 = 0 then 'DE' end from users;
    insert into user_preferences (user_id, pref_key, pref_value) select id, 'theme', 'dark' from users;
    insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
      select id, encode(sha256(id::text::bytea), 'hex'), 1 + id % 2, gen_random_uuid(), now(), 'infinity' from users`);
  await monolith.query(`begin; delete from auth_tokens where user_id = 7; delete from user_preferences where user_id = 7;
    delete from user_profiles where user_id = 7; delete from users where id = 7; commit`);
  await expectEqual(there);
  const back = await follow('service');
  await handOver();
  await service.query(`update accounts set status = 'closed', email = 'closed-' || user_id || '@invalid' where user_id < 5;
    delete from tokens where user_id = 9; update preferences set value = '' where user_id = 10;
    update profiles set country = 'FR', birth_date = '1999-12-31' where user_id = 11`);
  await expectEqual(back);
});

test('the second pair: keys of several texts, jsonb, arrays, enums, nulls, one bucket beside 256', async () => {
  world = await gatedWorld('second');
  const there = await follow('monolith');
  const { monolith, service } = world.databases;
  await monolith.query(`insert into cards (house, signature, heading, keywords, extra, insured, access, rev, touched)
      select 'h' || n % 3, 'S. ' || n || ' %/ü', nullif('t' || n, 't4'), case when n % 2 = 0 then array['a,b', null, ''] end,
        case when n % 3 = 0 then '{"b": 1.50, "a": null}'::jsonb end, n / 3.0,
        (array['O', 'R', 'S', null])[1 + n % 4]::card_access, n, '2024-03-31 02:30:00.125' from generate_series(1, 40) n;
    insert into loggers (house, serial, channels, offset_value, mounted, state, touched)
      select 'h' || n % 5, 'L' || n, array['light', 'humidity'], n / 7.0, n % 2,
        (array['in use', 'parked', 'lost', null])[1 + n % 4]::logger_state, '2024-01-01' from generate_series(1, 60) n;
    insert into logger_readings select house, serial, '2024-02-29 23:59:59.999', 'light', null from loggers;
    update cards set struck_at = '2024-05-05' where rev % 5 = 0; delete from cards where rev % 7 = 0;
    delete from logger_readings where serial like '%3'; delete from loggers where serial like '%3'`);
  await expectEqual(there);
  const back = await follow('service');
  await handOver();
  await service.query(`update documents set keywords = '{}', attributes = '{}', access = null where revision < 9;
    delete from documents where revision = 11; update devices set state = 'lost', is_mounted = null where serial like 'L1%';
    insert into measurements select tenant, serial, 'humidity', '2024-06-01 00:00+02', 55.25 from devices`);
  await expectEqual(back);
});
