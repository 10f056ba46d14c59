import { expect, test } from '@jest/globals';
import { parseConfig } from '#proxy/config/read.ts';
import { waitedMigration } from '#proxy/config/waited-migration.ts';

const parse = (more: string) =>
  parseConfig(
    `
version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' }, else: { url: 'http://127.0.0.1:3' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: stage
    routes: [{ name: read, match: 'GET /items/:id', key: { path: id } }]
  others:
    monolith: else
    service: new
    migrationFlag: others-stage
    routes: [{ name: other, match: GET /others }]
${more}`,
    { file: 'banyan.yaml', environment: {} },
  );

test('defaults are filled in, times in milliseconds and sizes in bytes', () => {
  const config = parse('staying: [{ name: parcel, match: GET /parcels, waitsFor: [items] }]');
  expect(config.ownership).toEqual({
    holdWithin: 10_000,
    maxHeldBytes: 67_108_864,
    maxHeldRequests: 10_000,
    lag: 5_000,
    maxKeys: 100_000,
  });
  expect(config.staying).toMatchObject([{ name: 'parcel', waitsFor: ['items'], waitWithin: 1_000 }]);
});

test.each([
  ['waitsFor: [nothing]', 'staying.0.waitsFor.0', 'is no migration; there are items, others'],
  ['waitsFor: [others]', 'staying.0.waitsFor.0', 'has no copy on the default target old'],
  ['waitsFor: [items], key: { path: id }', 'staying.0.key.path', 'is no parameter of GET /parcels'],
  ['waitsFor: []', 'staying.0.waitsFor', 'must name at least one migration or dataset'],
])('a route that stays with %s is told', (fields, path, message) => {
  const yaml = `staying: [{ name: parcel, match: GET /parcels, ${fields} }]`;
  expect(() => parse(yaml)).toThrow(message);
  expect(() => parse(yaml)).toThrow(path);
});

const data = `    data:
      monolith: { url: postgres://a:b@127.0.0.1/old }
      service: { url: postgres://a:b@127.0.0.1/new }
      groups:
        things:
          datasets:
            items:
              monolith: { table: items, key: [id], partitionKey: [id] }
              service: { table: items, key: [id], partitionKey: [id] }
              columns: [{ monolith: id, service: id }]
`;

test('a dataset stands for its migration, whose copy is waited for', () => {
  const staying = (waitsFor: string): string =>
    `${data}staying: [{ name: parcel, match: GET /parcels, waitsFor: [${waitsFor}] }]`;
  const withData = (more: string) =>
    parseConfig(
      `
version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  goods:
    monolith: old
    service: new
    migrationFlag: stage
    routes: [{ name: read, match: 'GET /items/:id', key: { path: id } }]
${more}`,
      { file: 'banyan.yaml', environment: {} },
    );
  const { migrations } = withData(staying('things.items'));
  expect(waitedMigration('things.items', migrations)).toBe('goods');
  expect(waitedMigration('goods', migrations)).toBe('goods');
  expect(waitedMigration('things.constructor', migrations)).toBeUndefined();
  for (const unknown of ['things.others', 'others.items'])
    expect(() => withData(staying(unknown))).toThrow('is no dataset of any migration');
});

test('a route cannot both move and stay, nor can two share a name', () => {
  expect(() => parse(`staying: [{ name: x, match: 'GET /items/:key', waitsFor: [items] }]`)).toThrow(
    'takes the same requests as route read',
  );
  expect(() => parse('staying: [{ name: read, match: GET /x, waitsFor: [items] }]')).toThrow(
    'is the name of another route of items',
  );
});

test('a short secret, and a hold without a unit, are refused', () => {
  expect(() => parse('ownership: { versionSecret: short }')).toThrow('at least 16 characters');
  expect(() => parse('ownership: { holdWithin: 10 }')).toThrow('with its unit');
});
