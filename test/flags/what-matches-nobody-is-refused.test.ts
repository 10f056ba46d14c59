import { expect, test } from '@jest/globals';
import { parseFlagFile } from '#flags/flag-file.ts';
import { fileData, killData, readsData, stageData, wanted, type FlagJson } from './flag-files.ts';

// Regression: targets and clauses without a context kind are over LaunchDarkly's "user", of which there is none here.
// Whoever wrote one to keep a customer on the monolith was not obeyed, and nothing said so.

function problems(flags: Record<string, FlagJson>, segments: Record<string, FlagJson> = {}): string[] {
  const parsed = parseFlagFile(JSON.stringify({ ...fileData(flags), segments }), wanted);
  return 'problems' in parsed
    ? parsed.problems.map(({ path, value, message }) => `${path} ${value}: ${message}`)
    : [];
}

const target = (more: FlagJson = {}): FlagJson => ({ values: ['7'], variation: 0, ...more });
const rule = (clause: FlagJson): FlagJson[] => [
  { variation: 0, clauses: [{ op: 'in', values: ['7'], ...clause }] },
];
const own = { contextKind: 'routing-key' };
const asks = { clauses: [{ op: 'segmentMatch', values: ['some'] }], variation: 0 };

test.each<[string, FlagJson, string]>([
  [
    'a target without a context kind',
    { targets: [target()] },
    'flags.reads.targets[0].contextKind undefined: must be "routing-key": LaunchDarkly takes "user" where there is none',
  ],
  [
    'a target of users',
    { contextTargets: [target(own), target({ contextKind: 'user' })] },
    'flags.reads.contextTargets[1].contextKind "user": must be "routing-key": no other context is asked for here',
  ],
  [
    'a target of migrations, for a read flag',
    { contextTargets: [target({ contextKind: 'migration' })] },
    'flags.reads.contextTargets[0].contextKind "migration": must be "routing-key"',
  ],
  [
    'targets beside contextTargets',
    { targets: [target(own)], contextTargets: [target(own)] },
    'flags.reads.targets undefined: match nobody beside contextTargets: move them there',
  ],
  [
    'a clause without a context kind',
    { rules: rule({ attribute: 'key' }) },
    'flags.reads.rules[0].clauses[0].contextKind undefined: must be "routing-key"',
  ],
  [
    'a clause over an attribute that no context has',
    { rules: rule({ ...own, attribute: 'country' }) },
    'flags.reads.rules[0].clauses[0].attribute "country": must be "key": a context has no other attribute here',
  ],
])('%s is refused', (_name, more, expected) => {
  expect(problems({ reads: readsData(1, more) })).toEqual([expect.stringContaining(expected)]);
});

test('in a segment as well, once for all flags that ask it', () => {
  const some = {
    included: ['7'],
    excluded: [],
    excludedContexts: [{ values: ['8'] }],
    rules: [{ clauses: [{ attribute: 'key', op: 'in', values: [] }] }],
  };
  const flags = {
    reads: readsData(1, { rules: [asks] }),
    stage: { ...stageData('shadow'), rules: [asks] },
  };
  const theirs = problems(flags, { some }).map((problem) => problem.replace(/ .*/, ''));
  expect(theirs.toSorted()).toEqual([
    'segments.some.excludedContexts[0].contextKind',
    'segments.some.included',
    'segments.some.rules[0].clauses[0].contextKind',
  ]);
});

test('what matches somebody is taken', () => {
  const shared = {
    includedContexts: [
      { contextKind: 'routing-key', values: ['7'] },
      { contextKind: 'migration', values: ['items'] },
    ],
    rules: [{ clauses: [{ attribute: 'kind', op: 'in', values: ['routing-key'] }] }],
  };
  const flags = {
    reads: readsData(1, {
      contextTargets: [target(own)],
      rules: [asks, ...rule({ ...own, attribute: 'key' })],
    }),
    stage: { ...stageData('shadow'), targets: [target({ contextKind: 'migration' })], rules: [asks] },
  };
  expect(problems(flags, { some: shared })).toEqual([]);
});

test('a flag that the configuration does not name may target whom it likes', () => {
  expect(problems({ other: { ...killData, targets: [target()] } })).toEqual([]);
});
