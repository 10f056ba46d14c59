import { expect, test } from '@jest/globals';
import { parseConfig, readConfig, type ConfigError } from '#proxy/config/read.ts';

const good = `
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
    routes:
      - { name: read, match: 'GET /items/:id', key: { path: id }, readFlag: domain-reads }
`;

function problemsOf(text: string, environment: Record<string, string> = {}): string[] {
  try {
    parseConfig(text, { file: 'banyan.yaml', environment });
  } catch (error) {
    return (error as ConfigError).problems.map(({ path, line, message }) => `${line} ${path}: ${message}`);
  }
  return [];
}

test('a good file is taken whole, with every default filled in and frozen', () => {
  const config = parseConfig(good, { file: '/somewhere/banyan.yaml', environment: {} });
  expect(config.listen).toEqual({ host: '127.0.0.1', port: 8080 });
  expect(config.targets['old']).toMatchObject({ connectTimeout: 2_000, maxConnections: 256 });
  expect(config.limits.maxBodyBytes).toBe(10 * 1_048_576);
  expect(config.flags).toEqual({ source: 'file', path: '/somewhere/flags.json' });
  expect(Object.isFrozen(config.targets['old'])).toBe(true);
});

test('all problems come at once, each with its line, path and remedy', () => {
  const bad = good
    .replace('version: 1', 'version: 2')
    .replace('http://127.0.0.1:1', 'localhost:1')
    .replace('source: file, path: flags.json', 'source: redis')
    .replace('key: { path: id }', 'key: { query: id }')
    .replace('defaultTarget: old', 'defaultTarget: old\nlisten: { prot: 1 }');
  expect(problemsOf(bad)).toEqual([
    '2 version: must be 1',
    '4 targets.old.url: must be http://host:port without path, query or credentials, e.g. http://127.0.0.1:4001',
    '7 listen.prot: is not an option here; see "banyan schema" for those there are',
    '8 flags.source: must have source: file (with path) or source: launchdarkly (with sdkKey)',
    '15 migrations.domain.routes.0.key: must name one source of the key: { path: … }, { header: … }, { cookie: … } or { jwtClaim: … }',
  ]);
});

test.each([
  ['defaultTarget: old', 'defaultTarget: odl', 'defaultTarget: is no target; targets are: old, new'],
  [
    'service: new',
    'service: old',
    'migrations.domain.service: is the target of the monolith as well; there is nothing to move',
  ],
  [
    'key: { path: id }',
    'key: { path: no }',
    'migrations.domain.routes.0.key.path: is no parameter of GET /items/:id; write :no into the path',
  ],
  [', key: { path: id }', '', 'migrations.domain.routes.0.readFlag: needs a key beside it'],
  ['GET /items/:id', 'PUT /items/:id', 'migrations.domain.routes.0.readFlag: has no use on a write'],
  ['GET /items/:id', 'GET /items/(.*)', 'migrations.domain.routes.0.match: must use :name for a segment'],
  ['GET /items/:id', 'get /items/:id', 'migrations.domain.routes.0.match: must be a method in capitals'],
  ['version: 1', 'version: 1\nadmin: { host: 0.0.0.0 }', 'admin.host: opens the admin port to the network'],
  [
    'version: 1',
    'version: 1\nadmin: { token: has some blanks in it }',
    'admin.token: must be letters, digits and',
  ],
  ['version: 1', 'version: 1\nadmin: { port: 8080 }', 'admin.port: is the port of listen as well'],
  [
    'version: 1',
    'version: 1\ntrustedProxies: [10.0.0.0/33]',
    'trustedProxies.0: must be an address or a range in CIDR form',
  ],
  [
    'version: 1',
    'version: 1\nlimits: { maxBodyBytes: 10 }',
    'limits.maxBodyBytes: must be a size with its unit',
  ],
  ['version: 1', 'version: 1\ndrain: { within: 5 }', 'drain.within: must be a duration with its unit'],
  ['version: 1', 'version: 1\ndrain: { within: 48h }', 'drain.within: must lie between 1ms and 24h'],
  ['version: 1\n', '', 'version: is missing: it must be 1'],
  ['defaultTarget: old\n', '', 'defaultTarget: is missing: it must be a name'],
])('%j → %j', (from, to, expected) => {
  const problems = problemsOf(good.replace(from, to)).map((text) => text.replace(/^\d+ /, ''));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(expected);
});

test('two routes of one name, or for the same requests, are told', () => {
  const twice = `${good}      - { name: read, match: 'GET /items/:other', key: { path: other } }\n`;
  expect(problemsOf(twice)).toEqual([
    '15 migrations.domain.routes.1.name: is the name of another route of domain; names are unique',
    '15 migrations.domain.routes.1.match: takes the same requests as route read; keep one',
  ]);
});

test('a variable that is not set is named, its default is taken, and its value never shown', () => {
  const text = good
    .replace('http://127.0.0.1:1', '${OLD_URL}')
    .replace('http://127.0.0.1:2', '${NEW_URL:-http://x:2}');
  expect(problemsOf(text)).toEqual([
    '4 targets.old.url: needs the environment variable OLD_URL, which is not set; set it, or write ${OLD_URL:-default}',
  ]);
  expect(parseConfig(text, { file: 'f', environment: { OLD_URL: 'http://a:1' } }).targets).toMatchObject({
    old: { url: 'http://a:1' },
    new: { url: 'http://x:2' },
  });
  try {
    parseConfig(text, { file: 'f', environment: { OLD_URL: 'secret-thing' } });
    throw new Error('was taken');
  } catch (error) {
    expect((error as Error).message).toContain('${OLD_URL}');
    expect((error as Error).message).not.toContain('secret-thing');
  }
});

test('broken YAML: one message with its place; an unquoted variable inside braces gets the remedy', () => {
  expect(problemsOf('version: 1\n  foo: [')).toHaveLength(1);
  const [problem] = problemsOf('version: 1\nlisten: { port: ${PORT} }\n');
  expect(problem).toMatch(/^2 : is not valid YAML: .*write quotes around it/);
});

test('an empty file and a missing one', () => {
  expect(problemsOf('')).toEqual(['1 : must be a mapping of names to values']);
  expect(() => readConfig('/nowhere/banyan.yaml', {})).toThrow(
    /there is no such file; name another with --config/,
  );
});

test('prototype names are ordinary unknown options', () => {
  expect(problemsOf(`${good}\n__proto__: { polluted: true }\n`)).toHaveLength(1);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a secret that stands in the file itself is never shown', () => {
  const text = `${good}\nadmin: { token: hunter2 }\n`;
  expect(() => parseConfig(text, { file: 'f', environment: {} })).toThrow(/admin\.token = \[hidden\]/);
  expect(() => parseConfig(text, { file: 'f', environment: {} })).not.toThrow(/hunter2/);
});
