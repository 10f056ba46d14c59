import { afterAll, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import { mappingFrom } from '#proxy/cutover/plan.ts';
import { gatedWorld, pairs, type Pair, type World } from '../support/world.ts';

const statements: Readonly<Record<Pair, Readonly<Record<Side, readonly string[]>>>> = {
  sample: {
    monolith: [
      `insert into users (id, email, full_name, password_hash) values (1, 'a@b.c', 'A', 'x')`,
      `insert into user_profiles (user_id, country, birth_date) values (1, 'DE', '1990-02-03')`,
      `insert into user_preferences (user_id, pref_key, pref_value) values (1, 'theme', '')`,
      `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
       values (1, repeat('a', 64), 1, gen_random_uuid(), now(), now())`,
      `update users set is_active = 2`,
      `delete from auth_tokens`,
    ],
    service: [
      `insert into accounts (user_id, email, name, password_hash) values (1, 'a@b.c', 'A', 'x')`,
      `insert into profiles (user_id, country, birth_date) values (1, 'DE', '1990-02-03')`,
      `insert into preferences (user_id, key, value) values (1, 'theme', '')`,
      `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
       values (1, repeat('a', 64), 'access', gen_random_uuid(), now(), now())`,
      `update accounts set status = 'closed'`,
      `delete from tokens`,
    ],
  },
  second: {
    monolith: [
      `insert into cards (house, signature, keywords, extra, insured, access, touched)
       values ('h', 's', '{a,NULL,"b c"}', '{"b":[1.10]}', 3, 'R', now())`,
      `insert into loggers (house, serial, channels, mounted, state, touched)
       values ('h', '1', '{temperature}', 1, 'in use', now()), ('h', '2', null, null, null, now())`,
      `insert into logger_readings values ('h', '1', now(), 'temperature', 1.5)`,
      `delete from logger_readings`,
    ],
    service: [
      `insert into documents (tenant, code, keywords, attributes, insured_value, access, changed_at)
       values ('h', 's', '{a,NULL,"b c"}', '{"b":[1.10]}', 3.10, 'restricted', now())`,
      `insert into devices (tenant, serial, measures, is_mounted, state, changed_at)
       values ('h', '1', '{temperature}', true, 'active', now()), ('h', '2', null, null, null, now())`,
      `insert into measurements values ('h', '1', 'temperature', now(), 1.5)`,
      `delete from measurements`,
    ],
  },
};

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.drop();
});

test.each(pairs.flatMap((pair) => (['monolith', 'service'] as const).map((side) => ({ pair, side }))))(
  '$pair, owned by the $side: the mapping over the last image of each row is the mapping over the table',
  async ({ pair, side }) => {
    const world = await gatedWorld(pair, { owner: side });
    worlds.push(world);
    const database = world.databases[side];
    for (const statement of statements[pair][side]) await database.query(statement);
    const datasets = await database.query<{ dataset_id: number; name: string }>(
      `select dataset_id, name from banyan.datasets order by dataset_id`,
    );
    for (const dataset of world.plan.groups.flatMap(({ datasets }) => datasets)) {
      const row = datasets.find(({ name }) => name === dataset.name);
      const mapped = mappingFrom(dataset, side)
        .map(({ column, expression, source }) => `(${expression ?? `"${source}"`})::text as "${column}"`)
        .join(', ');
      const keyOf = (alias: string) => dataset.tables[side].key.map((name) => `${alias}.${name}`).join(', ');
      const { schema, table } = dataset.tables[side];
      const fromTable = await database.query(`select ${mapped} from ${schema}.${table} order by 1, 2`);
      const fromOutbox = await database.query(
        `select ${mapped} from (select op, seq, (image::banyan.image_${row?.dataset_id}).* from banyan.outbox
           where dataset_id = ${row?.dataset_id}) o
         where op = 'P' and not exists (select from (select op, seq as later, (image::banyan.image_${row?.dataset_id}).* from
           banyan.outbox where dataset_id = ${row?.dataset_id}) n where later > seq
           and row(${keyOf('n')}) = row(${keyOf('o')}))
         order by 1, 2`,
      );
      expect(fromOutbox).toEqual(fromTable);
    }
    const [count] = await database.query<{ count: number }>(
      'select count(*)::int as count from banyan.outbox',
    );
    expect(count?.count).toBeGreaterThanOrEqual(statements[pair][side].length);
  },
);
