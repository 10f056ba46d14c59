import { describe, expect, it } from '@jest/globals';
import { parseFlagFile } from '#flags/flag-file.ts';
import { fileData, readsData, stageData, wanted, type FlagJson } from './flag-files.ts';

/** The problems of the good file with `flags` and `more` in it, each as `path = value: message`. */
function problems(flags: Record<string, FlagJson>, more: Record<string, unknown> = {}): string[] {
  return ofText(JSON.stringify({ ...fileData(flags), ...more }));
}

function ofText(text: string): string[] {
  const parsed = parseFlagFile(text, wanted);
  if (!('problems' in parsed)) return [];
  return parsed.problems.map(
    ({ path, value, message }) => `${path}${value === undefined ? '' : ` = ${value}`}: ${message}`,
  );
}

function extra(flag: FlagJson): Record<string, FlagJson> {
  return { extra: { on: true, variations: [1, 2], fallthrough: { variation: 0 }, ...flag } };
}

describe('a flag file', () => {
  it('is taken when it is good, with or without a byte order mark', () => {
    expect(problems({})).toEqual([]);
    expect(ofText(`\uFEFF${JSON.stringify(fileData())}`)).toEqual([]);
  });

  it('is taken as LaunchDarkly sends it, nulls and all', () => {
    const flag = {
      key: 'extra',
      version: 12,
      deleted: false,
      prerequisites: [],
      targets: [],
      contextTargets: [{ contextKind: 'routing-key', values: [], variation: 0 }],
      rules: [
        {
          id: 'r',
          ref: null,
          clauses: [],
          variation: null,
          rollout: null,
          trackEvents: false,
          ...(readsData(3)['fallthrough'] as FlagJson),
        },
      ],
      offVariation: null,
      salt: 'abc',
      debugEventsUntilDate: null,
      clientSideAvailability: { usingMobileKey: false, usingEnvironmentId: false },
      clientSide: false,
      trackEvents: false,
      trackEventsFallthrough: false,
      samplingRatio: null,
      excludeFromSummaries: null,
      migration: { checkRatio: 1 },
    };
    expect(problems(extra(flag))).toEqual([]);
  });

  it.each([
    ['[]', '= []: must be an object'],
    ['', 'must be JSON: it is empty'],
    ['{"flags": {,}}', 'must be JSON: Expected property name'],
    ['{"flags": []}', 'flags = []: must be an object of flags by key'],
    ['{"segments": 3}', 'segments = 3: must be an object of segments by key'],
  ])('%s is refused as a whole', (text, message) => {
    expect(ofText(text).join('\n')).toContain(message);
  });

  it.each<[string, Record<string, FlagJson>, string[]]>([
    [
      'a missing field',
      { extra: { on: true, variations: [1] } },
      ['flags.extra.fallthrough: is missing: it must be { variation } or { rollout }'],
    ],
    [
      'a misspelt field',
      extra({ offVaration: 1 }),
      ['flags.extra.offVaration = 1: is no field here; correct its spelling, or remove it'],
    ],
    [
      'another key inside',
      extra({ key: 'other' }),
      ['flags.extra.key = "other": must be "extra", the name under which it stands, or be left out'],
    ],
    [
      'a deleted flag',
      extra({ deleted: true }),
      ['flags.extra.deleted = true: must be false; to delete something, remove it from the file'],
    ],
    [
      'no variation at all',
      extra({ variations: [] }),
      ['flags.extra.variations = []: must list at least one value'],
    ],
    [
      'indices that point nowhere',
      extra({ offVariation: 2, fallthrough: { variation: 3 }, targets: [{ values: [], variation: 4 }] }),
      [
        'flags.extra.offVariation = 2: must be an index into variations: 0 to 1',
        'flags.extra.fallthrough.variation = 3: must be an index into variations: 0 to 1',
        'flags.extra.targets[0].variation = 4: must be an index into variations: 0 to 1',
      ],
    ],
    [
      'an index that is none',
      extra({ offVariation: -1 }),
      ['flags.extra.offVariation = -1: must be the index of a variation: 0, 1, …'],
    ],
    [
      'an outcome that is none',
      extra({ fallthrough: {} }),
      ['flags.extra.fallthrough: must have either variation or rollout'],
    ],
    [
      'two outcomes',
      extra({ fallthrough: { variation: 0, ...(readsData(1)['fallthrough'] as FlagJson) } }),
      ['flags.extra.fallthrough: must have either variation or rollout'],
    ],
    [
      'weights that do not sum up',
      extra({ fallthrough: { rollout: { variations: [{ variation: 0, weight: 50 }] } } }),
      [
        'flags.extra.fallthrough.rollout.variations = [{"variation":0,"weight":50}]: must have weights that sum to 100000',
      ],
    ],
    [
      'a broken weight',
      extra({ fallthrough: { rollout: { variations: [{ variation: 5, weight: 100_000.5 }] } } }),
      [
        'flags.extra.fallthrough.rollout.variations[0].weight = 100000.5: must be a whole number from 0 to 100000',
      ],
    ],
    [
      'an index in a rollout that points nowhere',
      extra({ fallthrough: { rollout: { variations: [{ variation: 5, weight: 100_000 }] } } }),
      [
        'flags.extra.fallthrough.rollout.variations[0].variation = 5: must be an index into variations: 0 to 1',
      ],
    ],
    [
      'an unknown operator',
      extra({ rules: [{ variation: 0, clauses: [{ attribute: 'key', op: 'is', values: [] }] }] }),
      ['flags.extra.rules[0].clauses[0].op = "is": must be one of in, endsWith'],
    ],
    [
      'a clause without attribute',
      extra({ rules: [{ variation: 0, clauses: [{ op: 'in', values: [] }] }] }),
      ['flags.extra.rules[0].clauses[0].attribute: must name an attribute, e.g. key'],
    ],
    [
      'a segment that is none',
      extra({ rules: [{ variation: 0, clauses: [{ op: 'segmentMatch', values: ['vip'] }] }] }),
      ['flags.extra.rules[0].clauses[0].values[0] = "vip": is no segment of this file; there is none'],
    ],
    [
      'a prerequisite that is none',
      extra({ prerequisites: [{ key: 'nobody', variation: 0 }] }),
      [
        'flags.extra.prerequisites[0].key = "nobody": is no flag of this file; there are: stage, reads, extra, kill',
      ],
    ],
    [
      'a prerequisite’s index that points nowhere',
      extra({ prerequisites: [{ key: 'reads', variation: 2 }] }),
      ['flags.extra.prerequisites[0].variation = 2: must be an index into the variations of reads: 0 to 1'],
    ],
    [
      'prerequisites in a circle',
      {
        ...extra({ prerequisites: [{ key: 'other', variation: 0 }] }),
        other: { ...extra({})['extra'], prerequisites: [{ key: 'extra', variation: 0 }] },
      },
      [
        'flags.extra.prerequisites: must not lead back to the flag itself',
        'flags.other.prerequisites: must not lead back to the flag itself',
      ],
    ],
    [
      'a key that is none',
      { 'a b': extra({})['extra'] as FlagJson },
      ['flags.a b: must have a key of 1-256 letters, digits, dots, hyphens or underscores'],
    ],
    [
      'a key that JavaScript has',
      { constructor: extra({})['extra'] as FlagJson },
      ['flags.constructor: must have another key'],
    ],
    [
      'a stage that is none',
      { stage: { ...stageData('off'), variations: ['off', 'lve', 1, 'live', 'rampdown', 'complete'] } },
      [
        'flags.stage.variations[1] = "lve": must be one of off, dualwrite, shadow, live, rampdown, complete',
        'flags.stage.variations[2] = 1: must be one of off',
      ],
    ],
    [
      'a read flag of another type',
      { reads: { ...readsData(1), variations: ['true', false] } },
      ['flags.reads.variations[0] = "true": must be true or false'],
    ],
  ])('is refused for %s, with path, value and remedy', (_name, flags, expected) => {
    const found = problems(flags);
    expect(found).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
  });

  it('is refused for a key that would become a prototype', () => {
    const flag = JSON.stringify(extra({})['extra']);
    const text = JSON.stringify(fileData()).replace('{"flags":{', `{"flags":{"__proto__":${flag},`);
    expect(ofText(text)).toEqual([
      'flags.__proto__: must have another key: this one is a built-in name of JavaScript',
    ]);
  });

  it('is refused for a flag that stands in it twice', () => {
    expect(problems({}, { flagValues: { kill: false, reads: true } })).toEqual([
      'flagValues.reads = true: stands under flags as well; keep one of the two',
    ]);
  });

  it('is refused for segments that are broken, in a circle or too big for it', () => {
    const rules = (segment: string) => [{ clauses: [{ op: 'segmentMatch', values: [segment, 'c'] }] }];
    const segments = {
      a: { rules: rules('b') },
      b: { key: 'x', rules: rules('a') },
      big: { unbounded: true },
    };
    expect(problems({}, { segments })).toEqual([
      expect.stringContaining(
        'segments.big.unbounded = true: must be false: Banyan has no store for big segments',
      ),
      'segments.a.rules[0].clauses[0].values[1] = "c": is no segment of this file; there are: a, b, big',
      'segments.b.key = "x": must be "b", the name under which it stands, or be left out',
      'segments.b.rules[0].clauses[0].values[1] = "c": is no segment of this file; there are: a, b, big',
      'segments.a.rules: must not lead back to the segment itself',
      'segments.b.rules: must not lead back to the segment itself',
    ]);
  });

  it('shows no more than the beginning of a long value', () => {
    const [first = ''] = problems(extra({ offVariation: 'x'.repeat(500) }));
    expect(first).toBe(
      `flags.extra.offVariation = "${'x'.repeat(79)}…: must be the index of a variation: 0, 1, …`,
    );
  });

  it('tells each wanted flag once, however many routes name it', () => {
    const parsed = parseFlagFile('{}', [...wanted, ...wanted]);
    expect('problems' in parsed && parsed.problems.map(({ path }) => path)).toEqual([
      'flags.stage',
      'flags.reads',
      'flags.kill',
    ]);
  });
});
