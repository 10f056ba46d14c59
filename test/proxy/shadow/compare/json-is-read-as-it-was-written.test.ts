import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { JsonValue } from '#proxy/shadow/compare/json-value.types.ts';
import { readJson } from '#proxy/shadow/compare/read-json.ts';

const caps = { maxDepth: 256, maxValues: 200_000 };

function plain(value: JsonValue): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value.is === 'number') return Number(value.text);
  if (value.is === 'array') return value.items.map(plain);
  const object: Record<string, unknown> = {};
  for (const [name, member] of value.members) {
    Object.defineProperty(object, name, {
      value: plain(member),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('valid JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
      const written = JSON.stringify(JSON.parse(text), undefined, indent);
      const read = readJson(written, caps);
      expect('value' in read ? plain(read.value) : read).toEqual(JSON.parse(written));
    }),
    { numRuns: 500 },
  );
});

test('what JSON.parse refuses is refused, and nothing else', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '\\',
    '\\u00e9',
    '1',
    '-',
    '0',
    '01',
    '1.',
    '1e5',
    'true',
    'nul',
    'null',
    ' ',
    '\n',
    '\u0001',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      expect('value' in readJson(text, caps)).toBe(isJson(text));
    }),
    { numRuns: 5_000 },
  );
});

test('a broken byte anywhere is told, never thrown', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, where, other) => {
      const index = where % text.length;
      const broken = text.slice(0, index) + other + text.slice(index + 1);
      expect('value' in readJson(broken, caps)).toBe(isJson(broken));
    }),
    { numRuns: 2_000 },
  );
});

test.each(['[', '{"a":'])('a nesting of 100,000 by %s is too deep, not a crash', (piece) => {
  expect(readJson(piece.repeat(100_000), caps)).toMatchObject({ failure: 'too-deep' });
  expect(readJson(piece.repeat(100_000), { ...caps, maxDepth: 1_000_000 })).toMatchObject({
    failure: 'invalid-json',
  });
});

test('more values than the bound are told', () => {
  expect(readJson(`[${'1,'.repeat(200)}1]`, { ...caps, maxValues: 100 })).toMatchObject({
    failure: 'too-many-values',
  });
});

test('__proto__ is a name like any other', () => {
  const read = readJson('{"__proto__":{"polluted":true},"constructor":1}', caps);
  expect('value' in read && plain(read.value)).toEqual(
    JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
  );
  expect('polluted' in {}).toBe(false);
});
