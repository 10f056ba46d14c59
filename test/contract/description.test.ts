import { expect, test } from '@jest/globals';
import { schemaFaults } from './conformance.ts';
import { document, follow, members, operations } from './description.ts';

type Node = Readonly<Record<string, unknown>>;

const references: string[] = [];
const examples: [at: string, schema: string, value: unknown][] = [];

collect(document, '');

function collect(node: unknown, at: string): void {
  if (typeof node !== 'object' || node === null) return;
  const { $ref, schema, examples: given } = node as Node;
  if (typeof $ref === 'string') references.push($ref.slice(1));
  if (schema !== undefined && typeof given === 'object') {
    for (const [name, example] of members(`${at}/examples`)) {
      examples.push([`${at} ${name}`, `${at}/schema`, follow(example).node['value']]);
    }
  }
  for (const [name, value] of Object.entries(node)) {
    collect(value, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

test('every reference leads somewhere, and no component is without one', () => {
  for (const pointer of references) expect(() => follow(pointer)).not.toThrow();
  const components = ['parameters', 'schemas', 'responses', 'headers', 'examples'].flatMap((kind) =>
    members(`/components/${kind}`).map(([, at]) => at),
  );
  expect(components.filter((at) => !references.includes(at))).toEqual([]);
});

test.each(examples)('the example is as its schema says: %s', (_at, schema, value) => {
  expect(schemaFaults(schema, value)).toEqual([]);
});

test('there are examples of every operation that takes a body, and of every body that is answered', () => {
  const shown = new Set(examples.map(([, schema]) => schema));
  for (const { operationId, requestSchema, responses } of operations) {
    const bodies = [...responses.values()].flatMap(({ contents }) => [...contents.values()]);
    for (const schema of [...bodies, ...(requestSchema === undefined ? [] : [requestSchema])]) {
      expect([operationId, schema, shown.has(schema)]).toEqual([operationId, schema, true]);
    }
  }
});

test('every operation declares what can always happen: 500, 503, and 401 where it asks who calls', () => {
  for (const { operationId, security, responses } of operations) {
    const expected = security === undefined ? [500, 503] : [401, 500, 503];
    expect([operationId, expected.filter((status) => !responses.has(status))]).toEqual([operationId, []]);
  }
});

test('a wrong value is found out', () => {
  const right = follow('/components/examples/User').node['value'] as Node;
  expect(schemaFaults('/components/schemas/User', right)).toEqual([]);
  for (const wrong of [
    { id: '42' },
    { createdAt: '2026-01-02T03:04:05Z' },
    { extra: 1 },
    { status: 'closed' },
  ]) {
    expect(schemaFaults('/components/schemas/User', { ...right, ...wrong })).toHaveLength(1);
  }
});
