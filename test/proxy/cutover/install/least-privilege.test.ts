import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { install } from '#proxy/cutover/install/install.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { oneTable, type OneTable } from '../support/one-table.ts';

let world: OneTable;
let app: Client;
let applier: Client;
beforeAll(async () => {
  world = await oneTable({
    sql: `create table items (id bigserial primary key, at_time timestamptz, n int, own_note text);
      create table others (id int)`,
    columns: ['id', 'at_time', 'n'],
    key: ['id'],
  });
  app = new Client({ connectionString: world.appUrl });
  applier = new Client({ connectionString: world.plan.databases.monolith.url });
  await app.connect();
  await applier.connect();
});
afterAll(async () => {
  await app.end();
  await applier.end();
  await world.drop();
});

test('an app without any right in the schema is captured', async () => {
  await app.query('insert into items (id, n) values (1, 1)');
  expect((await world.changes()).map(({ row }) => row)).toEqual([{ id: 1, at_time: null, n: 1 }]);
});

test.each([
  'select from banyan.outbox',
  'select from banyan.buckets',
  `insert into banyan.outbox_0 values (1, '1', 1, 1, 0, 1, 'D', '(1,,)')`,
  `update banyan.buckets set state = 'owner'`,
  `select nextval('banyan.seq')`,
  `select banyan.add_change(1::smallint, 1::smallint, 0, 1, 'D', '(1,,)')`,
  `select banyan.put_marker('things', 0, 2)`,
  `select banyan.stop_capture('things', 'me')`,
  'create trigger mine before insert on items for each row execute function banyan.write_1()',
  'alter table items disable trigger all',
])('an app can neither read nor forge: %s', async (statement) => {
  await expect(app.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test('a search path full of traps is never followed with the definer’s rights', async () => {
  const login = new URL(world.appUrl).username;
  await world.database.query(`create schema traps authorization ${login}`);
  await app.query(`create table traps.log (who text, what text);
    create function traps.trap(text, text) returns boolean language plpgsql as
      $$ begin insert into traps.log values (current_user, 'text'); return true; end $$;
    create function traps.trap(name, text) returns boolean language plpgsql as
      $$ begin insert into traps.log values (current_user, 'name'); return true; end $$;
    create function traps.trap(bigint, bigint) returns boolean language plpgsql as
      $$ begin insert into traps.log values (current_user, 'bigint'); return true; end $$;
    create function traps.trap(smallint, smallint) returns boolean language plpgsql as
      $$ begin insert into traps.log values (current_user, 'smallint'); return true; end $$;
    create function traps.trap(integer, integer) returns boolean language plpgsql as
      $$ begin insert into traps.log values (current_user, 'integer'); return true; end $$;
    create operator traps.= (leftarg = text, rightarg = text, function = traps.trap);
    create operator traps.= (leftarg = name, rightarg = text, function = traps.trap);
    create operator traps.= (leftarg = bigint, rightarg = bigint, function = traps.trap);
    create operator traps.= (leftarg = smallint, rightarg = smallint, function = traps.trap);
    create operator traps.= (leftarg = integer, rightarg = integer, function = traps.trap);
    create operator traps.<> (leftarg = text, rightarg = text, function = traps.trap);
    create operator traps.!~~ (leftarg = text, rightarg = text, function = traps.trap);
    create function traps.nextval(regclass) returns bigint language sql as 'select 1::bigint';
    create function traps.current_setting(text) returns text language sql as $$ select 'German' $$;
    create function traps.pg_advisory_xact_lock_shared(int, int) returns void language sql as '';`);
  await app.query('set search_path = traps, pg_catalog, public');
  await app.query('insert into public.items (id, n) values (2, 2)');
  await app.query(`begin isolation level repeatable read; update public.items set n = 3; commit`);
  await app.query('delete from public.items');
  await app.query('reset search_path');
  expect((await app.query('select * from traps.log')).rows).toEqual([]);
  expect((await world.changes()).at(-1)).toMatchObject({ op: 'D', row: { id: 2, n: null } });
  await world.database.query('drop schema traps cascade');
});

test('nobody can connect as the definer, and it owns nothing but the schema', async () => {
  const [definer] = await world.database.query<{ rolcanlogin: boolean; rolsuper: boolean }>(
    `select rolcanlogin, rolsuper from pg_roles where oid = (select nspowner from pg_namespace where nspname = 'banyan')`,
  );
  expect(definer).toEqual({ rolcanlogin: false, rolsuper: false });
  const open = await world.database.query(
    `select p.proname::text as name, prosecdef as definer, has_function_privilege('public', p.oid, 'execute') as public
     from pg_proc p where pronamespace = 'banyan'::regnamespace and
       (has_function_privilege('public', p.oid, 'execute') or not prosecdef) order by 1`,
  );
  expect(open).toEqual([
    // A statement that found no row asks with its own rights whether it may say so.
    { name: 'judge_unseen', definer: true, public: true },
    // An application draws its ids with its own rights on the sequence, and may know what this side owns.
    { name: 'next_id', definer: false, public: true },
    { name: 'owned_buckets', definer: true, public: true },
    { name: 'unseen_1', definer: false, public: false },
  ]);
});

test('the applier writes what the mapping fills, and no more', async () => {
  await applier.query(`insert into items (id, n) values (9, 9)`);
  await applier.query('update items set n = 10 where id = 9');
  await applier.query('delete from items where id = 9');
  await applier.query('select * from banyan.outbox');
  await applier.query(`update banyan.buckets set drained = drained`);
  for (const statement of [
    `update items set own_note = 'x'`,
    'select from others',
    'truncate items',
    `insert into banyan.outbox_0 values (1, '1', 1, 1, 0, 1, 'D', '(1,,)')`,
    `select banyan.add_change(1::smallint, 1::smallint, 0, 1, 'D', '(1,,)')`,
    `update banyan.installation set side = 'service'`,
    'create table banyan.mine ()',
  ])
    await expect(applier.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test('becoming the applier by SET ROLE does not open the gate', async () => {
  const { username } = new URL(world.plan.databases.monolith.url);
  const before = (await world.changes()).length;
  await world.session.query(
    `begin; set local role ${username}; insert into items (id, n) values (77, 1); commit`,
  );
  expect((await world.changes()).length).toBe(before + 1);
});

test('a console of a superuser is captured', async () => {
  await world.session.query('insert into items (id, n) values (78, 1)');
  expect((await world.changes()).at(-1)?.row).toMatchObject({ id: 78 });
});

test('a superuser, the installer or the owner of a table can’t be the applier', async () => {
  const { installUrl = '' } = world.plan.databases.monolith;
  const unfit: CutoverPlan = {
    ...world.plan,
    databases: { ...world.plan.databases, monolith: { url: installUrl, installUrl } },
  };
  await expect(install(unfit, 'monolith')).rejects.toMatchObject({ code: 'APPLIER_UNFIT' });
  const login = new URL(world.appUrl).username;
  await world.database.query(`alter table items owner to ${login}`);
  const owner: CutoverPlan = {
    ...world.plan,
    databases: { ...world.plan.databases, monolith: { url: world.appUrl, installUrl } },
  };
  await expect(install(owner, 'monolith')).rejects.toMatchObject({ code: 'APPLIER_UNFIT' });
  await world.database.query('alter table items owner to current_user');
});
