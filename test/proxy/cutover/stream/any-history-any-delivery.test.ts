import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { array, assert, asyncProperty, constantFrom, integer, nat, oneof, record, tuple } from 'fast-check';
import { Client } from 'pg';
import { openSide } from '#proxy/cutover/database.ts';
import type { Page, Position } from '#proxy/cutover/stream/change.types.ts';
import { openDirectTransport } from '#proxy/cutover/stream/direct-transport.ts';
import { openRelay } from '#proxy/cutover/stream/relay.ts';
import { retryParkedNow } from '#proxy/cutover/stream/parked.ts';
import { sourceGroup } from '#proxy/cutover/stream/source-group.ts';
import { targetGroup } from '#proxy/cutover/stream/target-group.ts';
import { fuzzParameters, longTimeout } from '#test/support/long-run.ts';
import { bothSides, type Pair } from './support/pair.ts';
import { createSmallPair, datasetOf } from './support/small-pair.ts';

const runs = fuzzParameters(25);
const id = integer({ min: 1, max: 5 });
const name = constantFrom(`'a'`, `'b'`, `'c'`, 'null');

/** What is refused (a name that is taken, a parent that is not there) counts as a statement that was rolled back. */
const statement = oneof(
  tuple(id, name).map(([key, text]) => `insert into parents values (${key}, ${text}, ${key})`),
  tuple(id, name).map(([key, text]) => `update parents set name = ${text} where id = ${key}`),
  tuple(id, id).map(([key, next]) => `update parents set id = ${next} where id = ${key}`),
  id.map((key) => `delete from parents where id = ${key}`),
  tuple(id, id).map(([key, parent]) => `insert into children values (${key}, ${parent}, 'w')`),
  tuple(id, id).map(([key, parent]) => `update children set parent_id = ${parent} where id = ${key}`),
  id.map((key) => `delete from children where id = ${key}`),
);
const transaction = record({
  statements: array(statement, { minLength: 1, maxLength: 6 }),
  ends: constantFrom('commit', 'commit', 'commit', 'rollback'),
});
const history = record({
  transactions: array(transaction, { minLength: 1, maxLength: 12 }),
  rowsOfPage: integer({ min: 1, max: 9 }),
  /** Places of pages that are delivered before all of them come in order: late, early, twice. */
  deliveries: array(nat({ max: 30 }), { maxLength: 12 }),
  lanes: constantFrom(1, 3),
});

describe.each([1, 256] as const)('a group of %i bucket(s)', (buckets) => {
  let pair: Pair;
  let source: ReturnType<typeof openSide>;
  let target: ReturnType<typeof openSide>;
  let writer: Client;
  let at: Position | undefined;

  beforeAll(async () => {
    pair = await createSmallPair(buckets);
    // No version of a row may ever go back.
    await pair.service.query(`create function public.forwards() returns trigger language plpgsql as $$ begin
        if (new.epoch, new.seq) <= (old.epoch, old.seq) then raise exception 'went back' using errcode = '42000'; end if;
        return new; end $$;
      create trigger forwards before update on banyan.applied for each row execute function public.forwards()`);
    source = openSide(pair.plan, 'monolith', { part: 'test' });
    target = openSide(pair.plan, 'service', { part: 'test', max: 8 });
    writer = new Client({ connectionString: pair.monolith.url });
    await writer.connect();
  });

  afterAll(async () => {
    await Promise.all([source.end(), target.end(), writer.end()]);
    await pair.drop();
  });

  async function write({ statements, ends }: { statements: string[]; ends: string }): Promise<void> {
    await writer.query('begin');
    for (const text of statements) {
      await writer.query('savepoint one');
      await writer.query(text).catch(() => writer.query('rollback to one'));
    }
    await writer.query(ends);
  }

  async function readPages(rows: number): Promise<Page[]> {
    const [group] = pair.plan.groups;
    if (group === undefined) throw new Error('no group');
    const known = await sourceGroup({ pool: source, group, from: 'monolith' });
    const relay = await openRelay({ pool: source, source: known, limits: { rows, bytes: 1 << 20 } });
    const pages: Page[] = [];
    at ??= { snapshot: '1:1:', window: undefined, takenAt: 0 };
    for (let more = true; more;) {
      const page = await relay.read(at);
      pages.push(page);
      at = page.next;
      more = at.window !== undefined;
    }
    await relay.close();
    return pages;
  }

  async function deliver(pages: readonly (Page | undefined)[], lanes: number): Promise<void> {
    const [group] = pair.plan.groups;
    if (group === undefined) throw new Error('no group');
    const known = await targetGroup({ pool: target, group, from: 'monolith' });
    const transport = await openDirectTransport({ pool: target, target: known, lanes });
    try {
      await transport.position(1);
      for (const page of pages) if (page !== undefined) await transport.carry(page);
    } finally {
      await transport.close();
    }
  }

  test(
    'ends equal however its pages are delivered, and no row goes back',
    async () => {
      await assert(
        asyncProperty(history, async ({ transactions, rowsOfPage, deliveries, lanes }) => {
          for (const one of transactions) await write(one);
          const pages = await readPages(rowsOfPage);
          await deliver(
            deliveries.map((place) => pages[place]),
            lanes,
          );
          await deliver(pages, lanes);
          await retryParkedNow({ plan: pair.plan, from: 'monolith', source, target, ids: 'all' });
          expect(await pair.service.query('select key, reason from banyan.parked')).toEqual([]);
          for (const dataset of ['owners', 'parts']) {
            const { owner, follower } = await bothSides(pair, datasetOf(pair, dataset));
            expect(follower).toEqual(owner);
          }
        }),
        runs,
      );
    },
    longTimeout(runs.numRuns),
  );
});
