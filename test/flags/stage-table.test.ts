import { describe, expect, it } from '@jest/globals';
import { isStage, readSide, stages, stageTable } from '#flags/stages.ts';

describe('the stage table', () => {
  it.each([
    ['off', 'monolith', 'no', 'monolith', false],
    ['dualwrite', 'monolith', 'to-service', 'monolith', false],
    ['shadow', 'monolith', 'to-service', 'share', true],
    ['live', 'service', 'back', 'service', true],
    ['rampdown', 'service', 'back', 'service', false],
    ['complete', 'service', 'no', 'service', false],
  ] as const)('says what %s means', (stage, writes, copied, reads, compared) => {
    expect(stageTable[stage]).toEqual({ writes, copied, reads, compared });
  });

  it('has LaunchDarkly’s stages in their order, and no more', () => {
    expect(stages).toEqual(['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete']);
    expect(Object.keys(stageTable)).toEqual([...stages]);
  });

  it('moves writes once, and reads never before their data', () => {
    const writes = stages.map((stage) => stageTable[stage].writes);
    expect(writes).toEqual([...writes].sort());
    for (const stage of stages) {
      const { copied, reads, writes } = stageTable[stage];
      if (reads !== writes) expect(copied).toBe('to-service');
    }
  });

  it('lets the share decide at shadow alone', () => {
    for (const stage of stages) {
      const sides = [readSide(stage, false), readSide(stage, true)];
      const alone = stageTable[stage].writes;
      expect(sides).toEqual(stage === 'shadow' ? ['monolith', 'service'] : [alone, alone]);
    }
  });

  it('cannot be changed', () => {
    expect(() => Object.assign(stageTable.off, { writes: 'service' })).toThrow(TypeError);
    expect(() => Object.assign(stageTable, { off: stageTable.live })).toThrow(TypeError);
  });

  it.each(['Off', '', 'toString', '__proto__', 3, undefined, true])(
    'does not take %p for a stage',
    (value) => {
      expect(isStage(value)).toBe(false);
    },
  );
});
