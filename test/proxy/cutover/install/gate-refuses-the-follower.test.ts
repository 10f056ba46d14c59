import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { gatedWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await gatedWorld('second');
});
afterAll(() => world.drop());

const put = {
  monolith: `insert into cards (house, signature, touched) values ('h', 's', now()) on conflict (house, signature) do update set rev = cards.rev + 1`,
  service: `insert into documents (tenant, code, changed_at) values ('h', 's', now()) on conflict (tenant, code) do update set revision = documents.revision + 1`,
};

async function inOneTransaction(url: string, begin: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(begin);
    for (const statement of statements) await client.query(statement);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

test.each(['read uncommitted', 'read committed', 'repeatable read', 'serializable'])(
  '%s: the owner writes, the follower is refused',
  async (level) => {
    const begin = `begin isolation level ${level}`;
    await inOneTransaction(world.databases.monolith.url, begin, [put.monolith]);
    const refused = inOneTransaction(world.databases.service.url, begin, [put.service]);
    await expect(refused).rejects.toMatchObject({
      code: 'BY001',
      message: 'group documents, bucket 0: owned by monolith at epoch 1',
      detail:
        'group=documents bucket=0 state=follower owner=monolith epoch=1 side=service table=public.documents',
      hint: expect.stringContaining('421'),
    });
  },
);

test('a replica session does not slip by', async () => {
  const refused = inOneTransaction(world.databases.service.url, 'begin', [
    'set local session_replication_role = replica',
    put.service,
  ]);
  await expect(refused).rejects.toMatchObject({ code: 'BY001' });
});

test('a fenced bucket is said to be moving', async () => {
  const { url } = world.databases.service;
  const refused = inOneTransaction(url, 'begin', [
    `update banyan.buckets set state = 'fenced', epoch = 8`,
    put.service,
  ]);
  await expect(refused).rejects.toMatchObject({
    code: 'BY001',
    message: 'group documents, bucket 0: moving away from service at epoch 8',
  });
});

test.each(['repeatable read', 'serializable'])(
  '%s: a snapshot from before a fence fails to serialize instead of writing',
  async (level) => {
    const { monolith } = world.databases;
    const client = new Client({ connectionString: monolith.url });
    await client.connect();
    try {
      await client.query(`begin isolation level ${level}`);
      await client.query('select count(*) from cards');
      await monolith.query(
        `update banyan.buckets set state = 'fenced', epoch = epoch + 1 where group_id = 1`,
      );
      await expect(client.query(put.monolith)).rejects.toMatchObject({ code: '40001' });
    } finally {
      await client.end();
      await monolith.query(`update banyan.buckets set state = 'owner'`);
    }
  },
);

test('the applier alone passes, and is not captured', async () => {
  const applier = world.plan.databases.service.url;
  await inOneTransaction(applier, 'begin', [
    put.service.replaceAll(`'s'`, `'from the other side'`),
    `update documents set title = 't' where code = 'from the other side'`,
  ]);
  const rows = await world.databases.service.query('select from banyan.outbox');
  expect(rows).toHaveLength(0);
});
