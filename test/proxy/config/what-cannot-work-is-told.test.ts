import { expect, test } from '@jest/globals';
import { parseConfig } from '#proxy/config/read.ts';
import { routeTable } from '#proxy/route/table.ts';

// Regression: `check` passed each of these, or told it in a way that nobody could act on.

function text(change: (good: string) => string = (good) => good): string {
  return change(`version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: stage
    killSwitch: kill
    routes:
      - { name: read, match: 'GET /items/:id', key: { path: id }, readFlag: reads }
`);
}
const parse = (yaml: string): ReturnType<typeof parseConfig> =>
  parseConfig(yaml, { file: 'banyan.yaml', environment: {} });
const matching = (match: string): string =>
  text((good) => good.replace(/- \{.*\}/, `- { name: read, match: '${match}' }`));

test.each([
  ['GTE /items', 'must begin with a method of HTTP, e.g. GET, POST, PUT, PATCH or DELETE, and not GTE'],
  ['CONNECT /items', 'must begin with a method of HTTP'],
  ['GET /:id/x/:id', 'must name each parameter once; :id is there twice'],
  ['GET /a::b', 'must have a parameter as a whole segment, e.g. /:id, and no other colon; "a::b" is neither'],
  ['GET /items/:id-:more', '":id-:more" is neither'],
  ['GET /items/:', '":" is neither'],
  ['GET //items', 'must have no empty segment'],
  ['GET /items//', 'must have no empty segment'],
  ['GET /items/%zz', 'must have the letters themselves and no percent-encoding'],
  ['GET /caf%C3%A9', 'must have the letters themselves and no percent-encoding'],
  ['GET /items/../x', 'must have no dot segment'],
  ['GET /.', 'must have no dot segment'],
])('the match %s: %s', (match, message) => {
  expect(() => parse(matching(match))).toThrow(message);
});

test.each([
  ['GET /', '/'],
  ['M-SEARCH /items', '/items'],
  ['GET /café/:id/', '/caf%C3%A9/7/'],
  ['GET /items/.hidden', '/items/.hidden'],
  ['GET /a.b/~c;d', '/a.b/~c;d'],
])('the match %s takes %s', (match, path) => {
  const table = routeTable(parse(matching(match)));
  expect(table.match(match.split(' ')[0] ?? '', path)?.route.name).toBe('read');
});

test.each<[string, string, string, string]>([
  [
    'one flag as kill switch and read flag',
    'killSwitch: kill',
    'killSwitch: reads',
    'migrations.domain.routes.0.readFlag = reads\n      is a kill switch as well, and cannot be a read flag; name another flag',
  ],
  [
    'one flag as stage and kill switch',
    'killSwitch: kill',
    'killSwitch: stage',
    'is a migration flag as well, and cannot be a kill switch',
  ],
  [
    'a target whose name is none',
    'new: {',
    'New_One: {',
    'targets.New_One\n      has a name that must be 1-63 characters: lower-case letters, digits and hyphens',
  ],
  [
    'a migration named __proto__',
    '  domain:',
    '  __proto__: { monolith: old }\n  domain:',
    'migrations.__proto__\n      must have another name: this one is a built-in name of JavaScript',
  ],
  [
    'an SDK key with a line end',
    'source: file, path: f.json',
    'source: launchdarkly, sdkKey: "sdk-1\\n"',
    'flags.sdkKey = [hidden]\n      must be the SDK key alone, without a blank or a line end',
  ],
])('%s', (_name, from, to, message) => {
  expect(() => parse(text((good) => good.replace(from, to)))).toThrow(message);
});

test('two migrations may go by the same flags', () => {
  const second = text().split('migrations:\n')[1]?.replace('domain:', 'other:').replace('/items', '/things');
  expect(Object.keys(parse(text() + second?.replace('name: read', 'name: other-read')).migrations)).toEqual([
    'domain',
    'other',
  ]);
});

test('aliases that unfold to billions are refused at once, with their place', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const bomb = names.map((name, at) => {
    const item = at === 0 ? 'x' : `*${names[at - 1]}`;
    return `${name}: &${name} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
  });
  expect(() => parse(`${text()}${bomb.join('\n')}\n`)).toThrow(
    /banyan\.yaml:14:\d+ {2}b\.0\n {6}has aliases that cannot be unfolded \(.*\); write out what they stand for/,
  );
});

test('an alias is taken, and one that leads back to itself is told', () => {
  const shared = text((good) =>
    good.replace("{ url: 'http://127.0.0.1:1' }", "&t { url: 'http://127.0.0.1:1' }"),
  );
  expect(parse(shared.replace("{ url: 'http://127.0.0.1:2' }", '*t')).targets['new']?.url).toBe(
    'http://127.0.0.1:1',
  );
  expect(() => parse(text((good) => good.replace('defaultTarget: old', 'defaultTarget: &d [*d]')))).toThrow(
    /cannot be used: 1 problem/,
  );
});
