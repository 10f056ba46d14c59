import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { flagFileJsonSchema } from '#flags/flag-file-schema.ts';
import { configJsonSchema } from '#proxy/config/json-schema.ts';
import { forcedSide } from '#proxy/route/force.ts';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';

let files: MigrationFiles;
const secret = 'a secret of some length';

beforeAll(() => {
  files = writeMigrationFiles({ more: `force: { secret: ${secret} }\n` });
});
afterAll(() => files.remove());

const call = (...args: string[]): ReturnType<typeof banyan> => banyan(...args, '--config', files.config);

describe('check', () => {
  test('a good configuration: exit 0 and its routes', async () => {
    const { code, out } = await call('check');
    expect(code).toBe(0);
    expect(out).toContain('item-read   read   GET /items/:id  items-reads');
    expect(out).toContain('3 routes, 2 targets; all 3 flags are in the flag file');
  });

  test('as JSON', async () => {
    const { out } = await call('check', '--json');
    expect(JSON.parse(out)).toMatchObject({
      routes: [{ name: 'item-read', kind: 'read', readFlag: 'items-reads' }, {}, { kind: 'write' }],
    });
  });

  test('a flag that is missing from the flag file: exit 2 and its name', async () => {
    const broken = writeMigrationFiles();
    writeFileSync(broken.flags, readFileSync(broken.flags, 'utf8').replaceAll('items-kill', 'other'));
    const { code, error } = await banyan('check', '--config', broken.config);
    broken.remove();
    expect(code).toBe(2);
    expect(error).toContain('items-kill');
  });
});

describe('explain', () => {
  test('a read, a write and an unmatched request', async () => {
    expect(JSON.parse((await call('explain', 'get', '/items/7?x=1', '--json')).out)).toMatchObject({
      target: 'old',
      reason: 'stage',
      route: 'item-read',
      stage: 'off',
      key: '7',
    });
    expect((await call('explain', 'PUT', '/items/7')).out).toMatch(/kind +write/);
    expect(JSON.parse((await call('explain', 'GET', '/else', '--json')).out)).toMatchObject({
      target: 'old',
      reason: 'unmatched',
    });
  });

  test('a header counts; one without a colon is refused', async () => {
    const { out: line } = await call('force-token', '--side', 'service');
    expect(
      JSON.parse((await call('explain', 'GET', '/items/7', '-H', line.trim(), '--json')).out),
    ).toMatchObject({
      target: 'new',
      reason: 'forced',
    });
    expect(await call('explain', 'GET', '/items/7', '-H', 'nothing')).toMatchObject({ code: 2 });
  });

  test('at complete a kill switch that is on has no effect, and that is said', async () => {
    const late = writeMigrationFiles();
    const on = (...args: string[]): ReturnType<typeof banyan> => banyan(...args, '--config', late.config);
    await on('flags', 'stage', 'items-stage', 'complete');
    await on('flags', 'switch', 'items-kill', 'on');
    const { out } = await on('explain', 'GET', '/items/7');
    late.remove();
    expect(out).toMatch(/goes to +new/);
    expect(out).toContain('at complete the kill switch has no effect');
  });

  test('a target that the proxy would refuse is told', async () => {
    expect(await call('explain', 'GET', '/a/../b')).toMatchObject({
      code: 2,
      error: 'banyan: the proxy would refuse /a/../b with 400: The path has a dot segment.\n',
    });
  });
});

describe('force-token', () => {
  test('prints a header that the proxy believes', async () => {
    const { out } = await call('force-token', '--side', 'service', '--ttl', '60');
    const value = /^banyan-force: (\S+)\n$/.exec(out)?.[1];
    expect(forcedSide(value, secret, Date.now())).toBe('service');
  });

  test('without a secret, and with a wrong time: exit 2', async () => {
    const plain = writeMigrationFiles();
    expect(await banyan('force-token', '--side', 'service', '--config', plain.config)).toMatchObject({
      code: 2,
    });
    plain.remove();
    expect(await call('force-token', '--side', 'service', '--ttl', '0')).toMatchObject({ code: 2 });
  });
});

test.each([
  ['config', 'banyan.schema.json', configJsonSchema],
  ['flags', 'flags.schema.json', flagFileJsonSchema],
])(
  'the JSON Schema of the %s in docs/api/%s is the one that "banyan schema" prints',
  async (of, name, schema) => {
    const { out } = await banyan('schema', of);
    const published = new URL(`../../../../docs/api/${name}`, import.meta.url);
    expect(readFileSync(published, 'utf8')).toBe(out);
    expect(JSON.parse(out)).toEqual(schema());
  },
);

test('without a word "banyan schema" prints that of banyan.yaml', async () => {
  expect(JSON.parse((await banyan('schema')).out)).toEqual(configJsonSchema());
  expect(await banyan('schema', 'flag')).toMatchObject({ code: 2 });
});

test.each([
  [['chek'], "unknown command 'chek'"],
  [['check', '--nope'], "unknown option '--nope'"],
  [['explain'], 'missing required argument'],
  [['proxy', '--config', '/nowhere/x.yaml'], 'there is no such file'],
  [['run', '--config', '/nowhere/x.yaml'], 'there is no such file'],
])('a wrong call %j: exit 2', async (args, why) => {
  const { code, error } = await banyan(...args);
  expect(code).toBe(2);
  expect(error).toContain(why);
});

test('--help and --version go to standard output with exit 0', async () => {
  const help = await banyan('--help');
  expect(help).toMatchObject({ code: 0, error: '' });
  expect(help.out).toContain('Examples:');
  expect((await banyan('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
