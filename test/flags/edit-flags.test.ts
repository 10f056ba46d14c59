import { describe, expect, it } from '@jest/globals';
import { withShare, withStage, withSwitch } from '#flags/edit.ts';
import type { Stage } from '#flags/stages.ts';
import { fileData, readsData, stageData, type FlagJson } from './flag-files.ts';

function text(data: unknown): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

function flagIn(text: string, key: string): FlagJson {
  return (JSON.parse(text) as { flags: Record<string, FlagJson> }).flags[key] as FlagJson;
}

const kill = { on: false, variations: [true, false], offVariation: 1, fallthrough: { variation: 0 } };
const file = text({ ...fileData({ kill }), flagValues: { simple: false, step: 'off' } });

describe('a share', () => {
  it.each([
    [0, 0],
    [0.001, 1],
    [12.345, 12_345],
    [99.999, 99_999],
    [100, 100_000],
  ])('of %d %% is %d thousandths of a percent, true first', (percent, weight) => {
    const { text, from, to } = withShare(file, 'reads', percent);
    expect({ from, to }).toEqual({ from: 50, to: percent });
    expect(flagIn(text, 'reads')).toEqual(readsData(percent));
    expect(flagIn(text, 'reads')['fallthrough']).toMatchObject({
      rollout: { variations: [{ weight }, { weight: 100_000 - weight }] },
    });
  });

  it.each([-1, 100.001, 1.0001, Number.NaN, Infinity])('of %d %% is refused', (percent) => {
    expect(() => withShare(file, 'reads', percent)).toThrow(
      `a share is a number from 0 to 100 with up to 3 decimals, and not ${percent}`,
    );
  });

  it('keeps the order of an existing rollout, which decides who is added', () => {
    const variations = [
      { variation: 1, weight: 90_000, untracked: true },
      { variation: 0, weight: 10_000 },
    ];
    const reads = readsData(0, {
      fallthrough: { rollout: { contextKind: 'routing-key', seed: 3, variations } },
    });
    const { text: edited, from } = withShare(text(fileData({ reads })), 'reads', 20);
    expect(from).toBe(10);
    expect(flagIn(edited, 'reads')['fallthrough']).toEqual({
      rollout: {
        contextKind: 'routing-key',
        seed: 3,
        variations: [
          { variation: 1, weight: 80_000, untracked: true },
          { variation: 0, weight: 20_000 },
        ],
      },
    });
  });

  it.each<[string, FlagJson, number]>([
    ['that is off', { on: false }, 0],
    ['that is off and answers true', { on: false, offVariation: 0 }, 100],
    ['that answers everyone true', { fallthrough: { variation: 0 } }, 100],
    ['that answers everyone false', { fallthrough: { variation: 1 } }, 0],
  ])('is set on a flag %s, and turns it on', (_name, more, from) => {
    const edit = withShare(text(fileData({ reads: readsData(3, more) })), 'reads', 7);
    expect(edit).toMatchObject({ from, to: 7 });
    expect(flagIn(edit.text, 'reads')).toEqual({
      ...readsData(7),
      ...(more['offVariation'] === 0 ? { offVariation: 0 } : {}),
    });
  });

  it('raises the version where there is one, and only for a change', () => {
    const versioned = text(fileData({ reads: readsData(3, { version: 8 }) }));
    expect(flagIn(withShare(versioned, 'reads', 7).text, 'reads')['version']).toBe(9);
    expect(withShare(versioned, 'reads', 3).text).toBe(versioned);
  });

  it('in shorthand is all or nothing', () => {
    expect(withShare(file, 'simple', 100)).toMatchObject({
      from: 0,
      to: 100,
      text: expect.stringContaining('"simple": true'),
    });
    expect(() => withShare(file, 'simple', 50)).toThrow(
      'flag "simple" stands under flagValues, which knows no share but 0 and 100: write it under flags',
    );
  });

  it.each<[string, FlagJson, RegExp]>([
    [
      'a rollout of several parts',
      {
        fallthrough: {
          rollout: {
            contextKind: 'routing-key',
            variations: [
              { variation: 0, weight: 1 },
              { variation: 1, weight: 99_998 },
              { variation: 0, weight: 1 },
            ],
          },
        },
      },
      /has a rollout with several parts of one value: edit it by hand/,
    ],
    [
      'one value alone',
      { variations: [true, true] },
      /must have the variations true and false, and has: true, true/,
    ],
    [
      'a rollout by an attribute',
      {
        fallthrough: {
          rollout: {
            contextKind: 'routing-key',
            bucketBy: 'name',
            variations: [{ variation: 0, weight: 100_000 }],
          },
        },
      },
      /bucketBy = "name": must be "key"/,
    ],
  ])('is refused on %s', (_name, more, message) => {
    expect(() => withShare(text(fileData({ reads: readsData(0, more) })), 'reads', 1)).toThrow(message);
  });
});

describe('a stage', () => {
  it('is set and turns the flag on', () => {
    const { text, from, to } = withStage(file, 'stage', 'live');
    expect({ from, to }).toEqual({ from: 'shadow', to: 'live' });
    expect(flagIn(text, 'stage')).toEqual(stageData('live'));
    expect(withStage(file, 'step', 'dualwrite')).toMatchObject({
      from: 'off',
      to: 'dualwrite',
      text: expect.stringContaining('"step": "dualwrite"'),
    });
  });

  it('that is none, or that the flag has not, is refused with those there are', () => {
    expect(() => withStage(file, 'stage', 'done' as Stage)).toThrow(
      'there is no stage "done"; there are: off, dualwrite, shadow, live, rampdown, complete',
    );
    const short = text(fileData({ stage: { ...stageData('off'), variations: ['off', 'shadow'] } }));
    expect(() => withStage(short, 'stage', 'live')).toThrow(
      'flag "stage" has no variation "live"; it has: off, shadow',
    );
  });

  it('on a flag that said nothing simple has no "from"', () => {
    const rollout = { contextKind: 'migration', variations: [{ variation: 0, weight: 100_000 }] };
    const rolled = text(fileData({ stage: { ...stageData('off'), fallthrough: { rollout } } }));
    expect(withStage(rolled, 'stage', 'off').from).toBeUndefined();
  });
});

describe('a kill switch', () => {
  it('is switched as LaunchDarkly does it', () => {
    const on = withSwitch(file, 'kill', true);
    expect(on).toMatchObject({ from: false, to: true });
    expect(flagIn(on.text, 'kill')).toEqual({ ...kill, on: true });
    const off = withSwitch(on.text, 'kill', false);
    expect(off).toMatchObject({ from: true, to: false });
    expect(off.text).toBe(file);
    expect(withSwitch(file, 'simple', true)).toMatchObject({
      from: false,
      to: true,
      text: expect.stringContaining('"simple": true'),
    });
  });

  it('is no read flag', () => {
    expect(() => withSwitch(file, 'reads', false)).toThrow(
      'flag "reads" has a share, so it is a read flag: set its share',
    );
  });
});

describe('every edit', () => {
  it('refuses an unknown flag and names those there are', () => {
    for (const edit of [
      () => withShare(file, 'nobody', 1),
      () => withStage(file, 'toString', 'off'),
      () => withSwitch('{}', 'kill', true),
    ]) {
      expect(edit).toThrow(/^there is no flag "\w+"; there are: (stage, reads, kill, simple, step|none)$/);
    }
  });

  it('refuses a flag of another kind', () => {
    expect(() => withShare(file, 'stage', 1)).toThrow(
      'flag "stage" must have the variations true and false, and has: off, dualwrite, shadow, live, rampdown, complete',
    );
    expect(() => withStage(file, 'reads', 'off')).toThrow(
      'flag "reads" has no variation "off"; it has: true, false',
    );
    expect(() => withSwitch(file, 'step', true)).toThrow(
      'flag "step" is not a kill switch: it is "off", and not true or false',
    );
    expect(() => withStage(file, 'simple', 'off')).toThrow(
      'flag "simple" is not a migration flag: it is false, and not one of',
    );
  });

  it('may mend a flag whose rollout the proxies refuse', () => {
    const rollout = { contextKind: 'routing-key', variations: [{ variation: 3, weight: 100_000 }] };
    const wrong = text(fileData({ stage: { ...stageData('off'), fallthrough: { rollout } } }));
    expect(flagIn(withStage(wrong, 'stage', 'live').text, 'stage')).toEqual(stageData('live'));
  });

  it('refuses to touch a broken file', () => {
    expect(() => withShare('{ "flags": ', 'reads', 1)).toThrow(/the flag file cannot be used: 1 problem/);
  });

  it('leaves all else as it is', () => {
    const before = JSON.parse(file) as { flags: Record<string, unknown> };
    const after = JSON.parse(withShare(`\uFEFF${file}`, 'reads', 3).text) as typeof before;
    expect(after).toEqual({ ...before, flags: { ...before.flags, reads: readsData(3) } });
    expect(Object.keys(after.flags)).toEqual(Object.keys(before.flags));
  });
});
