import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createTestDatabase } from '#test/support/database.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { mayMount, smallDisk, type SmallDisk } from './support/small-disk.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

let pair: Pair;
let disk: SmallDisk;
const onDisk = mayMount() ? test : test.skip;
const space = `small_${randomBytes(6).toString('hex')}`;

beforeAll(async () => {
  pair = await createSmallPair();
  if (onDisk === test.skip) return;
  const [row] = await pair.service.query<{ folder: string }>(
    `select current_setting('data_directory') as folder`,
  );
  const made = smallDisk(row?.folder ?? '', 16);
  if (made === undefined) throw new Error('it could be mounted a moment ago');
  disk = made;
  await pair.service.query(`create tablespace ${space} location '${disk.folder}'`);
});
afterAll(async () => {
  await pair.drop();
  if (onDisk === test.skip) return;
  const other = await createTestDatabase('empty');
  await other.query(`drop tablespace ${space}`);
  await other.drop();
  disk.remove();
});

async function expectEqual(): Promise<void> {
  const { owner, follower } = await bothSides(pair, datasetOf(pair, 'owners'));
  expect(follower).toEqual(owner);
}

onDisk(
  'the target’s: the copy is held up and says why, the application writes on, and it goes on with room',
  async () => {
    await pair.service.query(`alter table owners set tablespace ${space}`);
    const stream = await pair.start({ times: { firstBackoff: 20, longestBackoff: 100 } });
    await pair.settled(stream);
    disk.fill();
    await pair.monolith.query(`insert into parents select n, 'p' || n from generate_series(1, 5000) n`);
    while (stream.status().groups[0]?.state !== 'failing') await new Promise((next) => setTimeout(next, 5));
    expect(stream.status().groups[0]?.failure).toMatchObject({
      code: 'target-unreachable',
      message: expect.stringContaining('No space left on device'),
    });
    await pair.monolith.query(`update parents set note = 'goes on' where id < 100`);
    expect(stream.status()).toMatchObject({ parked: 0 });
    disk.makeRoom();
    await pair.settled(stream);
    await expectEqual();
    await pair.stopAll();
  },
);

onDisk(
  'the source’s: a write fails whole with PostgreSQL’s own error, and what was written before is carried',
  async () => {
    for (const part of [0, 1, 2, 3])
      await pair.monolith.query(`alter table banyan.outbox_${part} set tablespace ${space}`);
    const stream = await pair.start({ times: { firstBackoff: 20, longestBackoff: 100 } });
    await pair.settled(stream);
    disk.fill();
    const many = `insert into parents select n, 'q' || n from generate_series(10001, 15000) n`;
    await expect(pair.monolith.query(many)).rejects.toMatchObject({ code: '53100' });
    expect(await pair.monolith.query('select from parents where id > 10000')).toHaveLength(0);
    await pair.settled(stream);
    expect(stream.status().groups[0]).toMatchObject({ state: 'following' });
    disk.makeRoom();
    await pair.monolith.query(many);
    await pair.settled(stream);
    await expectEqual();
  },
);
