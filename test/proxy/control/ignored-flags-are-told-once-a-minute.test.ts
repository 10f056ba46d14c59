import { expect, test } from '@jest/globals';
import { ignoredLog } from '#proxy/control/ignored-log.ts';

test('each of the three is told once a minute, and another stage at once', () => {
  const lines: unknown[][] = [];
  let moment = 0;
  const tell = ignoredLog({ warn: (...line: unknown[]) => void lines.push(line) } as never, () => moment);
  const told = (ignored: Parameters<typeof tell>[1]): string[] => {
    lines.length = 0;
    tell('items', ignored);
    return lines.map(([, message]) => String(message).split(' is ignored')[0] ?? '');
  };

  expect(told({ stage: 'off', killSwitch: true })).toEqual(['the stage of the flag', 'the kill switch']);
  expect(lines[0]?.[0]).toEqual({ migration: 'items', stage: 'off' });
  moment = 59_999;
  expect(told({ stage: 'off', killSwitch: true })).toEqual([]);
  expect(told({ force: true })).toEqual(['the forced side']);
  expect(told({ stage: 'shadow' })).toEqual(['the stage of the flag']);
  moment = 60_001;
  expect(told({ stage: 'shadow', killSwitch: true })).toEqual(['the kill switch']);
  tell('others', { stage: 'shadow' });
  expect(lines.at(-1)?.[0]).toEqual({ migration: 'others', stage: 'shadow' });
});
