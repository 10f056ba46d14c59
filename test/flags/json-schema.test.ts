import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { flagFileJsonSchema } from '#flags/flag-file-schema.ts';
import { fileData, readsData } from './flag-files.ts';

describe('the JSON Schema of the flag file', () => {
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(flagFileJsonSchema());

  it('takes a good file, and one that names the schema', () => {
    expect(validate(fileData())).toBe(true);
    expect(
      validate({
        $schema: './flags.schema.json',
        flags: { reads: readsData(1, { version: 3, salt: null }) },
        segments: {},
      }),
    ).toBe(true);
  });

  it.each([
    { flags: { reads: readsData(1, { fallthru: {} }) } },
    { flags: { reads: { on: true, variations: [true] } } },
    { flags: { reads: readsData(1, { offVariation: -1 }) } },
    { more: 1 },
    [],
  ])('refuses %j', (data) => {
    expect(validate(data)).toBe(false);
  });

  it('tells editors what fields mean', () => {
    expect(JSON.stringify(flagFileJsonSchema())).toContain('Never change it while a share rises.');
  });
});
