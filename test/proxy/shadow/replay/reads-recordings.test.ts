import { afterAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readLogLine } from '#proxy/shadow/replay/access-log.ts';
import { harRecording } from '#proxy/shadow/replay/har-recording.ts';
import { logRecording } from '#proxy/shadow/replay/log-recording.ts';
import type { Recorded, Recording, Unreadable } from '#proxy/shadow/replay/recorded.types.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-recordings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all({ requests }: Recording): Promise<(Recorded | Unreadable)[]> {
  const read = [];
  for await (const one of requests) read.push(one);
  return read;
}

const time = '[25/Nov/2026:10:00:00 +0000]';

test.each([
  [`10.0.0.1 - - ${time} "GET /items/1?a=b HTTP/1.1" 200 17`, 'GET', '/items/1?a=b'],
  [`10.0.0.1 - bob ${time} "HEAD / HTTP/2.0" 304 - "https://a/?x=\\"y" "Agent \\"5\\""`, 'HEAD', '/'],
  [`shop:80 ::1 - - ${time} "POST /a HTTP/1.1" 201 5 "-" "-" 0.003 upstream`, 'POST', '/a'],
  [`- - - ${time} "GET /caf\\xC3\\xA9 HTTP/1.1" 200 -`, 'GET', '/caf%C3%A9'],
  [`1.1.1.1 - a ] "b ${time} "GET /x HTTP/1.1" 200 -`, undefined, undefined],
  [`1.1.1.1 - - ${time} "\\x16\\x03\\x01" 400 0`, undefined, undefined],
  [`1.1.1.1 - - ${time} "GET /x" 200`, 'GET', '/x'],
  [`1.1.1.1 - - ${time} "GET /x HTTP/1.1`, undefined, undefined],
  [`1.1.1.1 - - ${time} "-" 408 0`, undefined, undefined],
  [`{"request":"GET / HTTP/1.1"}`, undefined, undefined],
])('a log line: %s', (line, method, target) => {
  const found = readLogLine(line);
  if (method === undefined) expect(found).toHaveProperty('why');
  else expect(found).toEqual({ method, target });
});

test('no line, whatever it holds, is more than a request or a reason', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const found = readLogLine(`1 - - ${time} "${text}" 200 1`);
      if ('target' in found) expect(found.target).toMatch(/^[\x21-\x7e]*$/);
      else expect(found.why).toMatch(/^has no/);
    }),
  );
});

test('a log is read line by line: bad and endless ones are told by their number', async () => {
  const line = `1.1.1.1 - - ${time} "GET /x HTTP/1.1" 200 1`;
  const text = [line, 'nonsense', '', `${line} ${'x'.repeat(200_000)}`, `${line}\r`].join('\n');
  const wanted = [
    { kind: 'request', target: '/x' },
    { kind: 'unreadable', where: 'line 2' },
    { kind: 'unreadable', where: 'line 4', why: 'is longer than 65536 characters' },
    { kind: 'request', target: '/x' },
  ];
  const plain = logRecording(file('access.log', text));
  expect(await all(plain)).toMatchObject(wanted);
  expect(plain.done()).toBe(1);
  expect(await all(logRecording(file('access.log.gz', gzipSync(text))))).toMatchObject(wanted);
  await expect(all(logRecording(file('broken.gz', 'no gzip')))).rejects.toThrow('incorrect header check');
});

test('a HAR: entries without a request are told by their number', async () => {
  const entries = [
    {
      request: {
        method: 'get',
        url: 'https://shop.example/items/1?a=b#c',
        headers: [{ name: 'Accept', value: 'text/html' }],
      },
    },
    { request: { method: 'GET', url: 'data:text/plain,x' } },
    null,
    { request: { method: 'GET', url: 'http://h/', headers: 'none' } },
  ];
  const recording = harRecording(
    file('a.har', `\uFEFF${JSON.stringify({ log: { version: '1.2', entries } })}`),
  );
  expect(await all(recording)).toEqual([
    { kind: 'request', method: 'GET', target: '/items/1?a=b', headers: [['accept', 'text/html']] },
    { kind: 'unreadable', where: 'entry 2', why: 'has no right request.url' },
    { kind: 'unreadable', where: 'entry 3', why: 'has no right request' },
    { kind: 'unreadable', where: 'entry 4', why: 'has no right request.headers' },
  ]);
});

test.each([
  ['{"log":', 'is not JSON'],
  ['[]', 'is no HAR'],
  ['{"log":{"entries":{}}}', 'is no HAR'],
])('a file that is no HAR: %s', (text, why) => {
  expect(() => harRecording(file('wrong.har', text))).toThrow(why);
});
