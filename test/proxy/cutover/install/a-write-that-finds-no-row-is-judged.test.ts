import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { oneTable, type OneTable } from '../support/one-table.ts';

const noRow = [
  'update items set n = 2 where id = 99',
  'delete from items where id = 99',
  'with a as (update items set n = 3 where id = 99 returning id) select * from a',
  'insert into items values (1, 1) on conflict (id) do update set n = 4 where false',
];

describe.each([
  { buckets: 1, cascade: false },
  { buckets: 1, cascade: true },
  { buckets: 256, cascade: false },
] as const)('a group of $buckets, a table outside cascades: $cascade', ({ buckets, cascade }) => {
  let world: OneTable;
  let app: Client;
  beforeAll(async () => {
    world = await oneTable({
      sql: `create table makers (id int primary key); create table items (id int primary key, n int ${cascade ? 'references makers on delete cascade' : ''});
        insert into makers select generate_series(1, 9); insert into items values (1, 1)`,
      columns: ['id', 'n'],
      key: ['id'],
      buckets,
    });
    await world.session.query('grant all on makers to public');
  });
  afterAll(() => world.drop());
  beforeEach(async () => {
    app = new Client({ connectionString: world.appUrl });
    await app.connect();
  });
  afterEach(async () => {
    await app.end();
    await become('owner');
  });
  const become = (state: string, where = 'true') =>
    world.session.query(`update banyan.buckets set state = '${state}' where ${where}`);
  const refused = (statement: string, state: string, owner: string) =>
    expect(app.query(statement)).rejects.toMatchObject({
      code: 'BY001',
      detail: `group=things bucket=0 state=${state} owner=${owner} epoch=1 side=monolith table=public.items`,
    });

  test.each(noRow)('%s: the owner says so, whoever is not refuses', async (statement) => {
    expect((await app.query(statement)).rowCount).toBe(0);
    await become('follower');
    await refused(statement, 'follower', 'service');
    await become('fenced');
    await refused(statement, 'fenced', 'none');
  });

  test('under the snapshots of each level it is judged by what the statement saw', async () => {
    const [statement = ''] = noRow;
    for (const level of ['repeatable read', 'serializable']) {
      await become('follower');
      await app.query(`begin isolation level ${level}; select count(*) from items`);
      await become('owner');
      await refused(statement, 'follower', 'service');
      await app.query(`rollback; begin isolation level ${level}; select count(*) from items`);
      await become('follower');
      expect((await app.query(statement)).rowCount).toBe(0);
      await app.query('rollback');
    }
  });

  test('a bucket that changes hands while the statement runs does not change what it saw', async () => {
    const slow = 'update items set n = 2 where id = (select 99 from pg_advisory_xact_lock(7))';
    const during = async (from: string, to: string) => {
      await become(from);
      await world.session.query('select pg_advisory_lock(7)');
      const ended = new AbortController();
      const running = app
        .query(slow)
        .catch((error: unknown) => error)
        .finally(() => ended.abort());
      const waits = `select from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
      // Before a cascade's table it is judged before it waits.
      while (!ended.signal.aborted && (await world.session.query(waits)).rowCount === 0);
      await become(to);
      await world.session.query('select pg_advisory_unlock(7)');
      return running;
    };
    expect(await during('owner', 'follower')).toMatchObject({ rowCount: 0 });
    expect(await during('follower', 'owner')).toMatchObject({ code: 'BY001' });
  });

  test('who has passed the gate holds its lock and is not asked again; after a rollback it is', async () => {
    await app.query('begin; savepoint before; update items set n = 5 where id = 1');
    expect((await app.query('update items set n = 2 where id = 99')).rowCount).toBe(0);
    await app.query('rollback to before');
    await become('fenced');
    await refused('update items set n = 2 where id = 99', 'fenced', 'none');
    await app.query('rollback');
  });

  test('the applier, a cascade and what finds rows or inserts none are not judged by it', async () => {
    await app.query(
      `with gone as (delete from items where id = 1 returning *) insert into items select id + 1, n from gone`,
    );
    await become('follower');
    expect((await app.query('delete from makers where id = 9')).rowCount).toBe(1);
    expect((await app.query('insert into items select 5, 5 where false')).rowCount).toBe(0);
    const applier = new Client({ connectionString: world.plan.databases.monolith.url });
    await applier.connect();
    expect((await applier.query('delete from items where id = 99')).rowCount).toBe(0);
    await applier.end();
  });

  test('of 256, a side that owns one can’t know whose the row would be', async () => {
    await become('follower', 'bucket > 0');
    expect((await app.query('delete from items where id = 99')).rowCount).toBe(0);
  });
});
