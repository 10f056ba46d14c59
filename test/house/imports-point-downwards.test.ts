import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Lint holds the same rules file by file; this holds them over the whole house, and sees rooms that lint was not told of.

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What each room may import besides itself. A room that is missing here fails the test. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  flags: ['shared'],
  'proxy/http': ['shared'],
  'proxy/config': ['shared'],
  'proxy/route': ['proxy/config', 'proxy/http', 'flags', 'shared'],
  'proxy/state': ['shared'],
  'proxy/shadow': ['proxy/state', 'proxy/config', 'proxy/http', 'flags', 'shared'],
  'proxy/control': ['proxy/shadow', 'proxy/route', 'proxy/config', 'proxy/http', 'flags', 'shared'],
  proxy: ['proxy/control'],
  monolith: ['shared'],
  'user-service': ['shared'],
  sample: ['proxy/control', 'proxy/shadow', 'proxy/config', 'flags', 'monolith', 'user-service', 'shared'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const files = ['shared', 'flags', 'proxy', 'monolith', 'user-service', 'sample'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'proxy' && second !== '' && !second.endsWith('.ts') ? `proxy/${second}` : first;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([#.][^']+)'/g)].flatMap(([, specifier = '']) => {
    const target = specifier.startsWith('#')
      ? specifier.slice(1)
      : relative(root, resolve(root, dirname(file), specifier));
    return target.endsWith('.json') ? [] : [{ file, from: roomOf(file), to: roomOf(target) }];
  });
}

const imports = files.flatMap(importsOf);

test('the house was read', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
});

test('every room is named in the rules', () => {
  expect([...new Set(files.map(roomOf))].filter((room) => !Object.hasOwn(allowed, room))).toEqual([]);
});

test('imports point downwards only', () => {
  const wrong = imports.filter(({ from, to }) => from !== to && !(allowed[from] ?? []).includes(to));
  expect(wrong.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
});

// Words of the sample's domain that have another meaning here. Each is taken out of a line before the line is judged.
const otherMeanings: readonly RegExp[] = [
  // A header of HTTP, and a part of a URL (RFC 3986, 3.2.1).
  /\buser-agent\b/gi,
  /\buser information\b/gi,
  // LaunchDarkly's kind of context where a flag names none.
  /"user"/g,
  // The operating system's.
  /\b(this user|the user whose process)\b/g,
  // commander's name for arguments without the program's own path.
  /\bfrom: 'user'/g,
  // A kind of difference: the same elements in another sequence.
  /'order'/g,
  // A sequence.
  /\bin (the |its |their )?order\b/gi,
  /\bthe order (of|in)\b/gi,
  // SQL's clause, and a kind of difference.
  /\border by\b/gi,
  /'order'/g,
];

test('nothing under proxy/ or flags/ knows the sample’s domain', () => {
  const words =
    /\b(users?|user_?id|user-service|profiles?|preferences?|orders?|customers?|logins?|payments?|inventory|auth_tokens)\b/i;
  const isKnowing = (line: string): boolean =>
    words.test(otherMeanings.reduce((rest, meaning) => rest.replace(meaning, ''), line));
  const knowing = files
    .filter((file) => /^(proxy|flags)\//.test(file))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => (isKnowing(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
  expect(knowing).toEqual([]);
});
