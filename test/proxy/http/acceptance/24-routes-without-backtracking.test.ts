import { expect, test } from '@jest/globals';
import { parseConfig } from '#proxy/config/read.ts';
import { decider } from '#proxy/route/decide.ts';
import { routeTable } from '#proxy/route/table.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

// path-to-regexp CVE-2024-45296: a route compiled to a backtracking pattern hangs on a long path. A hang here is one of the
// whole test; how long an answer takes is not asserted.

const yaml = (match: string): string => `
version: 1
targets: { main: { url: 'http://127.0.0.1:1' }, other: { url: 'http://127.0.0.1:2' } }
defaultTarget: main
flags: { source: file, path: f.json }
migrations:
  items: { monolith: main, service: other, migrationFlag: stage, routes: [{ name: r, match: '${match}', key: { path: a } }] }
`;

const parsed = (match: string): ReturnType<typeof parseConfig> =>
  parseConfig(yaml(match), { file: 'banyan.yaml', environment: {} });

test.each(['GET /x/:a(.*)+', 'GET /x/(a+)+$', 'GET /x/:a*', 'GET /x/:a(\\\\d+)'])(
  'a pattern is no route: %s',
  (match) => {
    expect(() => parsed(match)).toThrow(/use :name for a segment/);
  },
);

const length = 15_000;
const hostile = [
  `/${'a'.repeat(length)}!`,
  `/${'a-'.repeat(length / 2)}`,
  `/x/${'%41'.repeat(length / 3)}/y`,
  `/${'a/'.repeat(length / 2)}b`,
  `/x/${'%FF'.repeat(length / 3)}`,
  `/x/${'%C3%A9'.repeat(length / 6)}%`.replace(/%$/, ''),
];

test.each(hostile.map((target) => [target.slice(0, 12), target]))(
  'a long path %s… is answered, as one request',
  async (_name, target) => {
    const table = routeTable(parsed('GET /x/:a/y'));
    const evaluation = { stage: 'off', killed: false, read: false, version: 1 } as const;
    const decide = decider({ table, flags: { evaluate: () => evaluation }, defaultTarget: 'main' });
    await withProxy({ plane: { decide }, limits: { maxHeaderBytes: 32_768 } }, async (proxy) => {
      const response = await proxy.ask(`GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
      expect(response.status).toBe(200);
      expect(proxy.upstream.requests).toHaveLength(1);
      const clean = await proxy.ask('GET /clean HTTP/1.1\r\nHost: a.example\r\n\r\n');
      expect(clean.body).toContain('/clean');
    });
  },
);
