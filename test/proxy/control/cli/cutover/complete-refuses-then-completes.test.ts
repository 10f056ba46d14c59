import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stages, type Stage } from '#flags/stages.ts';
import { stopCapture } from '#proxy/cutover/copy/capture.ts';
import { bothSides } from '#proxy/cutover/plan.ts';
import { startStream, type Stream } from '#proxy/cutover/stream/start-stream.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { banyan, type CliResult } from '#test/support/cli.ts';
import { secondPair, type TestPair } from '../../../cutover/preflight/harness.ts';
import { writePairFiles, type PairFiles } from './pair-files.ts';

let pair: TestPair;
let files: PairFiles;
const streams: Stream[] = [];

beforeAll(async () => {
  pair = await secondPair();
  files = writePairFiles(pair);
  say('complete');
  await call('install');
  const log = createLog({ name: 'test', level: 'silent' });
  for (const from of bothSides) streams.push(await startStream({ plan: pair.plan, from, log }));
});
afterAll(async () => {
  await Promise.all(streams.map((stream) => stream.stop()));
  await call('uninstall', '--yes');
  files.remove();
  await pair.drop();
});

const call = (...args: string[]): Promise<CliResult> => banyan('cutover', ...args, '--config', files.config);
const surely = ['--yes', '--no-way-back'] as const;

function say(stage: Stage): void {
  const flag = {
    on: true,
    variations: stages,
    offVariation: 0,
    fallthrough: { variation: stages.indexOf(stage) },
  };
  writeFileSync(
    join(dirname(files.config), 'flags.json'),
    JSON.stringify({ flags: { 'archive-stage': flag } }),
  );
}

/** Rows of both sides, foreign keys, owners and captures: what a refusal must leave alone. */
async function everything(): Promise<unknown> {
  const state = `select (select json_agg(b order by b.group_id, b.bucket) from banyan.buckets b) as buckets,
    (select json_agg(g order by g.group_id) from (select group_id, name, capture_stopped, completed_at from banyan.groups) g) as groups,
    (select count(*) from banyan.audit) as audited`;
  return Promise.all([
    pair.monolith.query(state),
    pair.service.query(state),
    ...[
      'select * from cards order by 1, 2',
      'select * from loggers order by 1, 2',
      'select * from loans',
      `select conname from pg_constraint where contype = 'f' order by 1`,
    ].map((sql) => pair.monolith.query(sql)),
    ...['select * from documents order by 1, 2', 'select * from devices order by 1, 2'].map((sql) =>
      pair.service.query(sql),
    ),
  ]);
}

test('nothing copied yet: every reason at once, buckets in ranges, and no question asked', async () => {
  const before = await everything();
  const refused = await call('complete');
  expect(refused).toMatchObject({ code: 1, out: '' });
  for (const line of [
    "archive can't be completed, and nothing was changed:",
    '  group documents, bucket 0: the monolith owns it',
    '  group devices, bucket 0-255: the monolith owns it',
    '  group documents: the two sides were not compared since the copy was made: banyan cutover verify',
    '  public.loans refers to public.cards (loans_house_signature_fkey): its rows need the copy',
  ])
    expect(refused.error).toContain(`${line}\n`);
  expect(await everything()).toEqual(before);
});

test('moved, and not compared since; then compared, with a flag that takes the data back', async () => {
  expect(await call('backfill')).toMatchObject({ code: 0 });
  expect(await call('verify')).toMatchObject({ code: 0 });
  expect(await call('move', '--to', 'service')).toMatchObject({ code: 0 });
  expect((await call('complete')).error).toContain('were not compared since its last move');
  expect(await call('verify')).toMatchObject({ code: 0 });
  say('shadow');
  expect((await call('complete')).error).toContain(
    'the flag archive-stage is at shadow, which takes the data back: set it to complete\n',
  );
  say('complete');
});

test('a write of the service that is not captured: it is named', async () => {
  await stopCapture(pair.plan, 'service', 'the outbox grew');
  expect((await call('complete')).error).toContain(
    'group devices: writes of the service are not captured (the outbox grew), so the copy back lacks them',
  );
  await pair.service.query('select banyan.start_capture(name) from banyan.groups');
});

test('a foreign key that stays is named, and nothing else is left to do', async () => {
  const before = await everything();
  const refused = await call('complete', ...surely, '--json');
  expect(refused).toMatchObject({ code: 1, error: '' });
  expect(JSON.parse(refused.out)).toEqual({
    migration: 'archive',
    complete: false,
    obstacles: ['public.loans refers to public.cards (loans_house_signature_fkey): its rows need the copy'],
  });
  expect(await everything()).toEqual(before);
  expect((await call('status')).out).toContain(
    'The flag is at complete, and the way back is still open: it waits for "banyan cutover complete --migration archive".',
  );
});

test('without it, a pipe is told what to write, and views are told of', async () => {
  await pair.monolith.query(
    `alter table loans drop constraint loans_house_signature_fkey;
     create view public.titles as select heading from cards; create view public.titled as select * from public.titles`,
  );
  const before = await everything();
  const asked = await call('complete');
  expect(asked.code).toBe(2);
  expect(asked.error).toContain('After this no write of the service reaches the monolith any more');
  expect(asked.error).toContain(
    'Look first: view public.titled reads public.cards, and answers from the past from then on',
  );
  expect(asked.error).toContain('there is none here; write --yes --no-way-back where you mean it');
  expect((await call('complete', '--yes')).code).toBe(2);
  expect((await call('complete', '--no-way-back')).code).toBe(2);
  expect(await everything()).toEqual(before);
});

test('then it completes, rows of both sides stay, and again it says that it is', async () => {
  const rows = async (): Promise<unknown> => ((await everything()) as unknown[]).slice(2);
  const before = await rows();
  const done = await call('complete', ...surely);
  expect(done).toMatchObject({ code: 0 });
  expect(done.out).toBe(
    `archive is complete. The monolith's tables stay as they are, and refuse writes until "banyan cutover uninstall".\n`,
  );
  expect(await rows()).toEqual(before);
  const again = await call('complete');
  expect(again).toMatchObject({ code: 0, error: '' });
  expect(again.out).toMatch(/^archive is complete already, since \d{4}-.*Z \(command of .*\)\.\n$/);
  expect(JSON.parse((await call('complete', '--json')).out)).toMatchObject({ complete: true });
});

test('a move back, a copy and a repair are refused, each with the reason', async () => {
  const back = await call('move', '--to', 'monolith');
  expect(back.code).toBe(1);
  expect(back.error).toMatch(
    /^Nothing was moved:\n {2}complete: group documents is complete since .*: the service keeps it, and there is no way back\n$/,
  );
  for (const command of [['backfill'], ['repair']]) {
    const refused = await call(...command);
    expect(refused.code).toBe(1);
    expect(refused.error).toContain('nothing is copied there any more');
  }
  await pair.service.query(`update documents set title = 'later' where tenant = 'south'`);
  const compared = await call('verify');
  expect(compared.code).toBe(1);
  expect(compared.error).toContain('so whatever was written since differs');
  expect(compared.out).not.toContain('cutover repair');
  await expect(pair.monolith.query(`update cards set heading = 'no'`)).rejects.toThrow(
    'group documents, bucket 0: owned by service at epoch 2',
  );
  expect((await call('force-open', '--side', 'monolith', '--yes')).error).toContain('is complete since');
});

test('a flag that is set back is told that it counts for nothing, by whoever sets it and whoever asks', async () => {
  const flags = ['flags', 'stage', 'archive-stage'] as const;
  const back = await banyan(...flags, 'shadow', '--config', files.config);
  expect(back.code).toBe(0);
  expect(back.error).toContain('archive is complete');
  const explained = await banyan('explain', 'GET', '/items', '--config', files.config);
  expect(explained.out).toMatch(/goes to +new\nbecause +the migration is complete/);
  expect(explained.out).toMatch(/stage +shadow\n/);
  expect(explained.out).toContain("ignored: the flag's stage shadow.");
  const status = await call('status');
  expect(status.out).toContain('archive is complete since');
  expect(status.out).toContain('The flag is at shadow, which counts for nothing');
  expect((await banyan(...flags, 'complete', '--config', files.config)).error).toBe('');
});
