import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { parseConfig } from '#proxy/config/read.ts';
import type { Config } from '#proxy/config/schema.ts';
import { ownConfig } from '#sample/own-config.ts';

const file = fileURLToPath(new URL('../../banyan.yaml', import.meta.url));
const text = readFileSync(file, 'utf8');
const read = (content: string): Config => parseConfig(content, { file, environment: {} });
const { migrations } = read(text);
const released = { migration: 'users', monolithUrl: 'http://127.0.0.1:4711' };

test('before the release it says what the given one says', () => {
  expect(read(ownConfig(text, { file, migrations }))).toEqual(read(text));
});

test('with the release the monolith is at its new address, nothing waits for the copy, and nothing else changed', () => {
  const before = read(text);
  expect(before.staying.length).toBeGreaterThan(0);
  expect(read(ownConfig(text, { file, migrations, released }))).toEqual({
    ...before,
    targets: {
      ...before.targets,
      monolith: {
        ...before.targets['monolith'],
        url: read(text.replaceAll(/MONOLITH_URL:-[^}]*/g, 'MONOLITH_URL:-http://127.0.0.1:4711')).targets[
          'monolith'
        ]?.url,
      },
    },
    staying: [],
  });
});

test('again is the same, with the address of then', () => {
  const once = ownConfig(text, { file, migrations, released });
  const again = { ...released, monolithUrl: 'http://127.0.0.1:4712' };
  expect(ownConfig(once, { file, migrations, released: again })).toBe(
    once.replace('http://127.0.0.1:4711', 'http://127.0.0.1:4712'),
  );
});

test('routes that wait for something else as well go on waiting for that', () => {
  const two = text.replace('waitsFor: [users]', 'waitsFor: [users, clients, users.tokens]');
  const both = { ...migrations, clients: migrations['users'] } as Config['migrations'];
  const own = ownConfig(two, { file, migrations: both, released });
  expect((parse(own) as { staying: unknown[] }).staying).toEqual([
    expect.objectContaining({ name: 'product-list', waitsFor: ['clients'] }),
  ]);
});

test('files that it names are still found from another folder', () => {
  const secured = text.replace(
    /monolith: \{ url: [^}]*\}' \}/,
    "monolith: { url: 'https://localhost:1', tls: { caFile: keys/ca.pem, certFile: /etc/own.pem } }",
  );
  expect(secured).not.toBe(text);
  const { targets } = parse(ownConfig(secured, { file: '/made/up/banyan.yaml', migrations })) as {
    targets: Record<string, unknown>;
  };
  expect(targets['monolith']).toMatchObject({
    tls: { caFile: '/made/up/keys/ca.pem', certFile: '/etc/own.pem' },
  });
});
