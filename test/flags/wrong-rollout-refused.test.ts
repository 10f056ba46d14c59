import { describe, expect, it } from '@jest/globals';
import { parseFlagFile } from '#flags/flag-file.ts';
import { fileData, readsData, stageData, wanted, type FlagJson } from './flag-files.ts';

const halves = [
  { variation: 0, weight: 50_000 },
  { variation: 1, weight: 50_000 },
];

function rolledOut(rollout: FlagJson, more: FlagJson = {}): FlagJson {
  return { ...readsData(0), fallthrough: { rollout: { variations: halves, ...rollout } }, ...more };
}

function problems(flags: Record<string, FlagJson>, segments: Record<string, FlagJson> = {}): string[] {
  const parsed = parseFlagFile(JSON.stringify({ ...fileData(flags), segments }), wanted);
  return 'problems' in parsed
    ? parsed.problems.map(({ path, value, message }) => `${path} ${value}: ${message}`)
    : [];
}

const byKey = { contextKind: 'routing-key', attribute: 'key', op: 'in' };
const inSegment = { rules: [{ variation: 0, clauses: [{ op: 'segmentMatch', values: ['some'] }] }] };

describe('a rollout that LaunchDarkly would answer with bucket 0', () => {
  it.each<[string, Record<string, FlagJson>, string]>([
    [
      'over users, by default',
      { reads: rolledOut({}) },
      'flags.reads.fallthrough.rollout.contextKind undefined: must be "routing-key": LaunchDarkly takes "user" where there is none',
    ],
    [
      'over users',
      { reads: rolledOut({ contextKind: 'user' }) },
      'flags.reads.fallthrough.rollout.contextKind "user": must be "routing-key": requests have no such context',
    ],
    [
      'by an attribute',
      { reads: rolledOut({ contextKind: 'routing-key', bucketBy: 'country' }) },
      'flags.reads.fallthrough.rollout.bucketBy "country": must be "key", or left out',
    ],
    [
      'in a rule',
      {
        reads: readsData(1, {
          rules: [{ clauses: [{ ...byKey, values: [] }], rollout: { variations: halves } }],
        }),
      },
      'flags.reads.rules[0].rollout.contextKind undefined: must be "routing-key"',
    ],
    [
      'in a prerequisite',
      { reads: readsData(1, { prerequisites: [{ key: 'other', variation: 0 }] }), other: rolledOut({}) },
      'flags.other.fallthrough.rollout.contextKind undefined: must be "routing-key"',
    ],
    [
      'over requests, for a stage, which no request decides',
      {
        stage: {
          ...stageData('off'),
          fallthrough: { rollout: { contextKind: 'routing-key', variations: halves } },
        },
      },
      'flags.stage.fallthrough.rollout.contextKind "routing-key": must be "migration"',
    ],
  ])('is refused: %s', (_name, flags, expected) => {
    expect(problems(flags)).toEqual([expect.stringContaining(expected)]);
  });

  it('is refused in a segment, also in one within another', () => {
    const part = { clauses: [], weight: 10_000 };
    const nested = { clauses: [{ op: 'segmentMatch', values: ['deep'] }] };
    const found = problems(
      { reads: readsData(1, inSegment) },
      {
        some: { rules: [{ ...part, rolloutContextKind: 'user' }, nested] },
        deep: { rules: [{ ...part, rolloutContextKind: 'routing-key', bucketBy: 'name' }] },
      },
    );
    expect(found).toEqual([
      expect.stringContaining('segments.some.rules[0].rolloutContextKind "user": must be "routing-key"'),
      expect.stringContaining('segments.deep.rules[0].bucketBy "name": must be "key"'),
    ]);
  });

  it('is taken where the key of the right kind is hashed, and in flags that nobody here asks for', () => {
    expect(problems({ reads: rolledOut({ contextKind: 'routing-key', bucketBy: 'key' }) })).toEqual([]);
    expect(problems({ reads: rolledOut({ contextKind: 'routing-key', bucketBy: '/key', seed: 7 }) })).toEqual(
      [],
    );
    expect(
      problems({ reads: rolledOut({ contextKind: 'routing-key', kind: 'experiment', bucketBy: 'ignored' }) }),
    ).toEqual([]);
    expect(
      problems({
        stage: {
          ...stageData('off'),
          fallthrough: { rollout: { contextKind: 'migration', variations: halves } },
        },
      }),
    ).toEqual([]);
    expect(problems({ unrelated: rolledOut({ bucketBy: 'country' }) })).toEqual([]);
    const some = {
      rules: [{ clauses: [], weight: 10_000, rolloutContextKind: 'routing-key' }, { clauses: [] }],
    };
    expect(problems({ reads: readsData(1, inSegment) }, { some })).toEqual([]);
  });
});
