import { expect, test } from '@jest/globals';
import { parseConfig, type ConfigError } from '#proxy/config/read.ts';

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
    routes: [{ name: read, match: GET /items }]
    data:
      monolith: { url: 'postgres://copy:hush@db/old', installUrl: 'postgres://owner:hush@db/old' }
      service: { url: 'postgres://copy:hush@db/new' }
      groups:
        all:
          datasets:
            items:
              monolith: { table: items, key: [id], partitionKey: [id] }
              service: { table: things, key: [thing_id], partitionKey: [thing_id] }
              columns:
                - { monolith: id, service: thing_id }
                - { monolith: price, service: price }
`;

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, { file: 'banyan.yaml', environment: {} });
  } catch (error) {
    return (error as ConfigError).problems.map(
      ({ path, message }) => `${path.replace('migrations.domain.data.', '')}: ${message}`,
    );
  }
  return [];
}

test('a good section is taken', () => {
  expect(problemsOf(good)).toEqual([]);
});

test('acknowledgements: both with a bound, or neither', () => {
  const withData = (lines: string): string => good.replace('    data:\n', `    data:\n${lines}`);
  const said = (lines: string): string[] => problemsOf(withData(lines));
  expect(said('      acknowledge: both\n')).toEqual([]);
  expect(said('      acknowledge: both\n      acknowledgeWithin: 250ms\n')).toEqual([]);
  expect(said('      acknowledge: all\n')).toEqual(['acknowledge: must be async or both']);
  expect(said('      acknowledge: both\n      acknowledgeWithin: 11s\n')).toEqual([
    'acknowledgeWithin: must be at most 10s: clients wait for so long',
  ]);
  expect(said('      acknowledgeWithin: 2s\n')).toEqual([
    'acknowledgeWithin: has no use with acknowledge: async; write acknowledge: both, or drop it',
  ]);
});

const cases: readonly (readonly [string, (text: string) => string, string])[] = [
  [
    'the applier has no password',
    (text) => text.replace('copy:hush@db/old', 'copy@db/old'),
    'monolith.url: must carry',
  ],
  [
    'the installer is the applier',
    (text) => text.replace('owner:hush', 'copy:hush'),
    'monolith.installUrl: has the name',
  ],
  [
    'the installer names another database',
    (text) => text.replace('owner:hush@db/old', 'owner:hush@db/odd'),
    'monolith.installUrl: is another database',
  ],
  [
    'both sides are one database',
    (text) => text.replace('@db/new', '@DB:5432/old'),
    'service.url: is the monolith’s database',
  ],
  [
    'keys of other lengths',
    (text) => text.replace('key: [thing_id]', 'key: [thing_id, price]'),
    'groups.all.datasets.items.service.key: must have as many columns',
  ],
  [
    'a key that is not mapped',
    (text) => text.replace('key: [thing_id]', 'key: [price]'),
    'groups.all.datasets.items.monolith.key.0: must stand in columns',
  ],
  [
    'a key with one expression alone',
    (text) =>
      text
        .replace('service: thing_id }', "service: thing_id, toService: 'id / 2' }")
        .replace('partitionKey: [id]', 'partitionKey: [price]')
        .replace('partitionKey: [thing_id]', 'partitionKey: [price]'),
    'monolith.key.0: must be mapped one to one',
  ],
  [
    'a partition key with expressions',
    (text) =>
      text.replace('service: thing_id }', "service: thing_id, toService: 'id', toMonolith: thing_id }"),
    'monolith.partitionKey.0: must travel as it is',
  ],
  [
    'a column that is filled twice',
    (text) => `${text}                - { monolith: cost, service: price }\n`,
    'columns.2.service: is filled by another entry',
  ],
  [
    'an expression that fills nothing',
    (text) => text.replace('service: price }', "toService: 'price', toMonolith: '1' }"),
    'columns.1.toService: fills nothing',
  ],
  [
    'a table in two datasets',
    (text) =>
      `${text}            more:\n              monolith: { table: public.items, key: [id], partitionKey: [id] }\n              service: { table: others, key: [id], partitionKey: [id] }\n              columns: [{ monolith: id, service: id }]\n`,
    'groups.all.datasets.more.monolith.table: belongs to dataset items',
  ],
  [
    'a dataset name in two groups',
    (text) =>
      `${text}        rest:\n          datasets:\n            items:\n              monolith: { table: a, key: [id], partitionKey: [id] }\n              service: { table: b, key: [id], partitionKey: [id] }\n              columns: [{ monolith: id, service: id }]\n`,
    'groups.rest.datasets.items: is the name of a dataset of group all',
  ],
  [
    'partition keys of other lengths in one group',
    (text) =>
      `${text}            more:\n              monolith: { table: a, key: [id], partitionKey: [id, no] }\n              service: { table: b, key: [id], partitionKey: [id, no] }\n              columns: [{ monolith: id, service: id }, { monolith: no, service: no }]\n`,
    'groups.all.datasets.more.monolith.partitionKey: must have as many columns',
  ],
];

test.each(cases)('%s', (_name, spoil, told) => {
  const problems = problemsOf(spoil(good));
  expect(problems).toEqual([expect.stringContaining(told)]);
});

test('a URL that names no host is refused, and what stands before its @ is hidden', () => {
  const [problem] = problemsOf(good.replace('postgres://copy:hush@db/new', 'postgres:hush@db/new'));
  expect(problem).toContain('must be a URL of PostgreSQL');
  expect(() =>
    parseConfig(good.replace('postgres://copy:hush@db/new', 'postgres:hush@db/new'), {
      file: 'banyan.yaml',
      environment: {},
    }),
  ).not.toThrow('hush@');
});

test('a password is never shown', () => {
  try {
    parseConfig(good.replace('postgres://copy:hush@db/new', 'mysql://copy:hush@db/new'), {
      file: 'banyan.yaml',
      environment: {},
    });
    throw new Error('it was taken');
  } catch (error) {
    expect((error as Error).message).toContain('[hidden]@db/new');
    expect((error as Error).message).not.toContain('hush');
  }
});
