import { expect, test } from '@jest/globals';
import { parseConfig } from '#proxy/config/read.ts';
import { routeTable } from '#proxy/route/table.ts';

// Regression: routes that differ by case or by a slash at the end, where that does not count, passed the check, and the
// start of the proxy failed with a message of the router.

function textOf(routing: string, matches: readonly string[]): string {
  return `
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
${matches.map((match, index) => `      - { name: r${index}, match: '${match}' }`).join('\n')}
`;
}

test.each([
  ['{}', 'GET /items/:id', 'GET /items/:other'],
  ['{}', 'GET /items/:id', 'GET /items/:id/'],
  ['{ caseSensitive: false }', 'GET /Items', 'GET /items'],
  ['{ caseSensitive: false }', 'GET /Items/:Id', 'GET /items/:id/'],
])('with routing %s, %s and %s are one too many', (routing, first, second) => {
  expect(() =>
    parseConfig(textOf(routing, [first, second]), { file: 'banyan.yaml', environment: {} }),
  ).toThrow('takes the same requests as route r0; keep one');
});

test.each([
  ['{}', ['GET /Items', 'GET /items', 'GET /', 'PUT /items']],
  ['{ caseSensitive: false }', ['GET /items/:id', 'HEAD /Items/:key/']],
  ['{ ignoreTrailingSlash: false }', ['GET /items', 'GET /items/', 'GET /']],
])('with routing %s, %j are routes of their own', (routing, matches) => {
  const config = parseConfig(textOf(routing, matches), { file: 'banyan.yaml', environment: {} });
  expect(routeTable(config).routes.map((route) => route.match)).toEqual(matches);
});
