import { expect, test } from '@jest/globals';
import { parseJsonPath } from '#proxy/config/json-path.ts';
import { parseConfig, type ConfigError } from '#proxy/config/read.ts';

const good = "{ path: '$.a[*].b', ignore: true, owner: team, reason: known, expires: 2030-01-31 }";

function textOf(rule: string): string {
  return `
version: 1
targets:
  old: { url: 'http://127.0.0.1:1' }
  new: { url: 'http://127.0.0.1:2' }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: domain-stage
    shadow:
      compareHeaders: [ETag, '*']
      rules:
        - ${rule}
    routes:
      - { name: read, match: 'GET /items/:id' }
`;
}

function problemsOf(rule: string, now?: number): string[] {
  try {
    parseConfig(textOf(rule), {
      file: 'banyan.yaml',
      environment: {},
      ...(now === undefined ? {} : { now }),
    });
  } catch (error) {
    return (error as ConfigError).problems.map(
      ({ path, message }) => `${path.replace('migrations.domain.shadow.rules.0', '')} ${message}`,
    );
  }
  return [];
}

test('a good rule is taken', () => {
  const config = parseConfig(textOf(good), { file: 'f', environment: {} });
  expect(config.migrations['domain']?.shadow).toMatchObject({
    compareHeaders: ['etag', '*'],
    rules: [{ path: '$.a[*].b', ignore: true, expires: '2030-01-31' }],
  });
});

test.each([
  ["'$.a[*].b'", 'a.b', '.path must be a path such as'],
  ["'$.a[*].b'", "'$.a[(x+x)+]'", '.path must be a path such as'],
  ['ignore: true', 'ignore: true, expect: true', ' must have one effect'],
  ['ignore: true, ', '', ' must have one effect'],
  ["path: '$.a[*].b'", 'status: true, header: etag', ' must name one place'],
  ["path: '$.a[*].b', ignore: true", 'status: true, mapId: x', '.mapId has no use on the status'],
  [
    "path: '$.a[*].b', ignore: true",
    'header: x, unordered: { key: id }',
    '.unordered must be true for a header',
  ],
  ['ignore: true', 'tolerance: {}', '.tolerance must give absolute or relative'],
  ['ignore: true', 'unordered: true, kinds: [missing]', '.kinds has a use with ignore and expect alone'],
  [
    'ignore: true',
    'ignore: true, routes: [none]',
    '.routes.0 is no route of this migration; routes are: read',
  ],
  ['owner: team', "owner: ''", '.owner '],
  ['owner: team, ', '', '.owner is missing'],
  ['reason: known, ', '', '.reason is missing'],
  [', expires: 2030-01-31', '', '.expires is missing'],
  ['2030-01-31', '2030-02-30', '.expires must be a day that exists'],
])('%s as %s is refused', (from, to, problem) => {
  expect(problemsOf(good.replace(from, to)).join('\n')).toContain(problem);
});

test('a rule that has expired fails the check, and starts nothing failing', () => {
  const lastMoment = Date.parse('2030-01-31T23:59:59.999Z');
  expect(problemsOf(good, lastMoment)).toEqual([]);
  expect(problemsOf(good, lastMoment + 1)).toEqual([
    '.expires is past: the rule of team does nothing any more; remove it, or have team extend it',
  ]);
  expect(problemsOf(good.replace('2030', '2001'))).toEqual([]);
});

test.each(['$', '$.a', '$.a.b-c', '$[0][*]', '$["a \\"b"]', '$..a', '$..*', '$.a..b[1]', '$.ä'])(
  '%s is a path',
  (text) => {
    expect(parseJsonPath(text)).toHaveProperty('segments');
  },
);

test.each([
  '',
  'a',
  '$a',
  '$.',
  '$..',
  '$...a',
  '$.a b',
  '$[a]',
  '$[-1]',
  "$['a']",
  '$.a[',
  '$.a]',
  `$${'.a'.repeat(40)}`,
  `$.${'a'.repeat(600)}`,
])('%s is none', (text) => {
  expect(parseJsonPath(text)).toHaveProperty('problem');
});
