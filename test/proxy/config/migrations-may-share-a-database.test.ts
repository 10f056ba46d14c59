import { expect, test } from '@jest/globals';
import { parseConfig, type ConfigError } from '#proxy/config/read.ts';

interface Second {
  readonly group?: string;
  readonly dataset?: string;
  readonly login?: string;
  readonly database?: string;
}

/** Two migrations between two databases; what is left out is as it should be. */
function problemsOf({
  group = 'others',
  dataset = 'others',
  login = 'copy:hush',
  database = 'db',
}: Second): string[] {
  const migration = (name: string, more: Required<Second>, table: string) => `
  ${name}:
    monolith: old
    service: new
    migrationFlag: ${name}-stage
    routes: [{ name: ${name}-read, match: GET /${name} }]
    data:
      monolith: { url: 'postgres://${more.login}@${more.database}/old' }
      service: { url: 'postgres://${more.login}@${more.database}/new' }
      groups:
        ${more.group}:
          datasets:
            ${more.dataset}:
              monolith: { table: ${table}, key: [id], partitionKey: [id] }
              service: { table: ${table}, key: [id], partitionKey: [id] }
              columns: [{ monolith: id, service: id }]`;
  const first = { group: 'all', dataset: 'items', login: 'copy:hush', database: 'db' };
  const text = `
version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:${migration('one', first, 'items')}${migration('two', { group, dataset, login, database }, 'things')}
`;
  try {
    parseConfig(text, { file: 'banyan.yaml', environment: {} });
  } catch (error) {
    return (error as ConfigError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test('with names of their own and one login they may', () => {
  expect(problemsOf({})).toEqual([]);
});

test('a group or dataset of the same name is told, once', () => {
  expect(problemsOf({ group: 'all', dataset: 'items' })).toEqual([
    'migrations.two.data.groups.all: is the name of a group of migration one, which shares a database with this one; give it another',
    'migrations.two.data.groups.all.datasets.items: is the name of a dataset of migration one, which shares a database with this one; give it another',
  ]);
});

test('in databases of their own the names may be the same', () => {
  expect(problemsOf({ group: 'all', dataset: 'items', database: 'elsewhere' })).toEqual([]);
});

test('another login is told, for either side', () => {
  expect(problemsOf({ login: 'another:hush' })).toEqual([
    expect.stringMatching(
      /^migrations\.two\.data\.monolith\.url: names another login than migration one does/,
    ),
    expect.stringMatching(
      /^migrations\.two\.data\.service\.url: names another login than migration one does/,
    ),
  ]);
  expect(problemsOf({ login: 'copy:other' })).toHaveLength(2);
});
