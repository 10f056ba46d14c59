import { afterEach, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { asSuperuser, prepare, run, silent } from '../support/bulk-fixture.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { secondPlan } from '../support/second-plan.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

const databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

const pairs = {
  sample: {
    templates: ['monolith', 'user_service'] as const,
    plan: samplePlan,
    fill: {
      monolith: [
        `insert into users (id, email, full_name, is_active, is_admin, password_hash)
           select i, 'p' || i || '@example.org', 'Ä ' || i, i % 3, i % 2, 'hash' from generate_series(1, 500) i`,
        `insert into user_profiles (user_id, display_name, bio, country, birth_date)
           select i, nullif('n' || i, 'n7'), case when i % 2 = 0 then '' end, 'DE', '1970-01-01' from generate_series(1, 400) i`,
        `insert into user_preferences (user_id, pref_key, pref_value)
           select i, 'k' || j, E'a\\tb\\\\n' from generate_series(1, 300) i, generate_series(1, 3) j`,
        `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
           select i, repeat('ab', 32), 1 + i % 2, gen_random_uuid(), '2024-03-31 02:30:00.123456', 'infinity' from generate_series(1, 200) i`,
      ],
      service: [
        `insert into accounts (user_id, email, name, status, role, password_hash)
           select i, 'p' || i || '@example.org', 'n', 'closed', 'admin', 'h' from generate_series(1, 500) i`,
        `insert into profiles (user_id, country, bio) select i, 'FR', '' from generate_series(1, 300) i`,
        `insert into preferences (user_id, key, value) select i, 'a.b', '' from generate_series(1, 300) i`,
        `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
           select i, repeat('0f', 32), 'access', gen_random_uuid(), now(), now() from generate_series(1, 300) i`,
      ],
    },
    rows: { monolith: 500 + 400 + 900 + 200, service: 500 + 300 + 300 + 300 },
  },
  second: {
    templates: ['second_old', 'second_new'] as const,
    plan: secondPlan,
    fill: {
      monolith: [
        `insert into cards (house, signature, heading, keywords, extra, insured, access, touched)
           select 'h' || i % 5, 'é/' || i, nullif('t', case when i % 2 = 0 then 't' end), array['a,b', null, '"', ''], '{"b": 1.0, "a": [null]}', i * 1.5,
             (array['O', 'R', 'S', null]::card_access[])[1 + i % 4], '2024-01-01 00:00:00.123' from generate_series(1, 500) i`,
        `insert into loggers (house, serial, channels, offset_value, mounted, state, touched)
           select 'h' || i % 5, 's' || i, '{temperature,light}', 0.125, i % 2, 'in use', '2024-01-01' from generate_series(1, 400) i`,
        `insert into logger_readings select 'h' || i % 5, 's' || i, '2024-01-01'::timestamp + j * interval '1 ms', 'humidity', 'NaN'
           from generate_series(1, 400) i, generate_series(1, 3) j`,
      ],
      service: [
        `insert into documents (tenant, code, keywords, attributes, insured_value, access, changed_at)
           select 't', 'c' || i, '{}', '{"z": 1e2}', 1.50, 'sealed', now() from generate_series(1, 400) i`,
        `insert into devices (tenant, serial, measures, is_mounted, state, changed_at)
           select 't', 's' || i, '{light,humidity}', i % 2 = 0, 'lost', now() from generate_series(1, 400) i`,
        `insert into measurements select 't', 's' || i, 'light', now(), 2.5 from generate_series(1, 400) i`,
      ],
    },
    rows: { monolith: 500 + 400 + 1200, service: 400 + 400 + 400 },
  },
};

const cases = (['sample', 'second'] as const).flatMap((pair) =>
  (['monolith', 'service'] as const).map((owner): [keyof typeof pairs, Side] => [pair, owner]),
);

test.each(cases)('the %s pair, from the %s, in many chunks', async (name, owner) => {
  const pair = pairs[name];
  const monolith = await createTestDatabase(pair.templates[0]);
  databases.push(monolith);
  const service = await createTestDatabase(pair.templates[1]);
  databases.push(service);
  const plan = asSuperuser(pair.plan({ monolith: monolith.url, service: service.url }));
  await prepare(plan, owner);
  for (const statement of pair.fill[owner]) await run(plan.databases[owner].url, statement);
  const signal = new AbortController().signal;

  const copied = await startBackfill({
    plan,
    to: otherSide(owner),
    log: silent,
    signal,
    settings: { chunkRows: 70, settlePauseMs: 1 },
  });
  expect(copied.datasets.map(({ parked, leftAlone }) => parked + leftAlone)).toEqual(
    copied.datasets.map(() => 0),
  );
  expect(copied.datasets.reduce((sum, { rows }) => sum + rows, 0)).toBe(pair.rows[owner]);

  for (const mode of ['snapshot', 'live'] as const) {
    const report = await verify({ plan, owner, mode, signal });
    expect(report.differences).toEqual([]);
    expect(report.equal).toBe(true);
    expect(report.datasets.reduce((sum, { rows }) => sum + rows, 0)).toBe(pair.rows[owner]);
    expect(report.datasets.map(({ followerRows }) => followerRows)).toEqual(
      report.datasets.map(({ rows }) => rows),
    );
  }
});
