import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stages } from '#flags/stages.ts';
import { parseConfig } from '#proxy/config/read.ts';
import type { RequestHead } from '#proxy/http/seam.ts';
import { Copy } from '#proxy/shadow/copy/copy.ts';
import { startShadow, type DecidedRequest, type Shadow } from '#proxy/shadow/copy/shadow.ts';
import type { SeenWrite } from '#proxy/shadow/copy/recent-writes.ts';
import { createLog } from '#shared/telemetry/log.ts';

const upstream = {
  connectTimeoutMs: 1,
  headerTimeoutMs: 1,
  bodyTimeoutMs: 1,
  maxConnections: 1,
  maxWaiting: 1,
};
const head: RequestHead = {
  method: 'GET',
  target: '/items/1',
  path: '/items/1',
  header: () => undefined,
  peer: '127.0.0.1',
  trusted: false,
  id: 'id',
};
const read: DecidedRequest = {
  migration: 'items',
  route: 'item-read',
  kind: 'read',
  key: '1',
  stage: 'shadow',
  killed: false,
  side: 'monolith',
};

function start(route: string, onWrites?: (writes: readonly SeenWrite[]) => void): Shadow | undefined {
  const text = `version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  items: { monolith: old, service: new, migrationFlag: stage, routes: [${route}] }
`;
  return startShadow({
    config: parseConfig(text, { file: 'banyan.yaml', environment: {} }),
    upstreams: {
      old: { ...upstream, url: 'http://127.0.0.1:1' },
      new: { ...upstream, url: 'http://127.0.0.1:2' },
    },
    analysis: { migrations: {}, redact: { paths: [], headers: [], detectors: [] } },
    compared: () => new Set(),
    workers: 2,
    log: createLog({ name: 'test', level: 'silent' }),
    onDelta: () => {},
    onWrites,
  });
}

let shadow: Shadow | undefined;
let written: SeenWrite[];
beforeEach(() => {
  written = [];
  shadow = start("{ name: item-read, match: 'GET /items/:id', key: { path: id } }", (writes) =>
    written.push(...writes),
  );
});
afterEach(async () => shadow?.stop());

test('copies are taken at the stages that compare, and at no other', () => {
  const copied = stages.filter((stage) => shadow?.tap(head, { ...read, stage }) instanceof Copy);
  expect(copied).toEqual(['shadow', 'live']);
});

test('the kill switch spares the other side the copies as well', () => {
  expect(shadow?.tap(head, { ...read, killed: true })).toBeUndefined();
});

test('after the stop nothing is taken any more', async () => {
  await shadow?.stop();
  expect(shadow?.tap(head, read)).toBeUndefined();
});

test('a write is not copied, but the other workers hear of it, without its key', async () => {
  const tap = shadow?.tap({ ...head, method: 'PUT' }, { ...read, kind: 'write', route: 'w' });
  expect(tap).not.toBeInstanceOf(Copy);
  for (const deadline = Date.now() + 10_000; written.length === 0 && Date.now() < deadline;)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(written).toMatchObject([['items', '', expect.any(Number), expect.any(Number)]]);
});

test('where every route is off there is nothing to start', () => {
  expect(start("{ name: item-read, match: 'GET /items/:id', shadow: { off: true } }")).toBeUndefined();
});
