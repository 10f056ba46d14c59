import { expect, test } from '@jest/globals';
import { parseConfig } from '#proxy/config/read.ts';
import { routeTable, type RouteTable } from '#proxy/route/table.ts';

function tableOf(routing: string, routes: readonly string[]): RouteTable {
  const rows = routes.map((match, index) => `      - { name: r${index}, match: '${match}' }`).join('\n');
  const text = `
version: 1
routing: ${routing}
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: stage
    routes:
${rows}
`;
  return routeTable(parseConfig(text, { file: 'banyan.yaml', environment: {} }));
}

test('static segments win over parameters; values are decoded; the rest goes unmatched', () => {
  const table = tableOf('{}', ['GET /items/:id', 'GET /items/new', 'POST /items']);
  expect(table.match('GET', '/items/new')?.route.name).toBe('r1');
  expect(table.match('GET', '/items/a%20b')?.parameters['id']).toBe('a b');
  expect(table.match('POST', '/items')?.route.kind).toBe('write');
  expect(table.match('GET', '/items')).toBeUndefined();
  expect(table.match('GET', '/items/1/more')).toBeUndefined();
  expect(table.match('BREW', '/items/1')).toBeUndefined();
});

test('HEAD goes with GET unless it has a route of its own', () => {
  expect(tableOf('{}', ['GET /items/:id']).match('HEAD', '/items/1')?.route).toMatchObject({
    name: 'r0',
    kind: 'read',
  });
  expect(tableOf('{}', ['GET /items/:id', 'HEAD /items/:id']).match('HEAD', '/items/1')?.route.name).toBe(
    'r1',
  );
});

test('a trailing slash and capitals count as the configuration says', () => {
  const lax = tableOf('{ caseSensitive: false }', ['GET /items/:id']);
  expect(lax.match('GET', '/Items/Ab/')?.parameters['id']).toBe('Ab');
  const strict = tableOf('{ ignoreTrailingSlash: false }', ['GET /items/:id']);
  expect(strict.match('GET', '/items/1/')).toBeUndefined();
  expect(strict.match('GET', '/Items/1')).toBeUndefined();
});

test('a key of ten thousand characters still finds its route', () => {
  const key = 'k'.repeat(10_000);
  expect(tableOf('{}', ['GET /items/:id']).match('GET', `/items/${key}`)?.parameters['id']).toBe(key);
});
