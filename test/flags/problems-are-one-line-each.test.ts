import { expect, it } from '@jest/globals';
import { parseFlagFile } from '#flags/flag-file.ts';
import { flagFileError, flagProblem, type FlagProblem } from '#flags/problems.ts';
import { setStage } from '#flags/edit-file.ts';
import { fileData, stageData, testFolder, wanted } from './flag-files.ts';

const wicked = 'a\nINFO all is well\u001b[2J\u2028b\u202ec';

function problemsOf(text: string): readonly FlagProblem[] {
  const parsed = parseFlagFile(text, wanted);
  return 'problems' in parsed ? parsed.problems : [];
}

it.each<[string, string]>([
  ['a torn file, whose piece stands in the message', '{\n"flags": nope\n}'],
  ['the name of a flag', JSON.stringify(fileData({ [wicked]: stageData('off') }))],
  ['the value of a field', JSON.stringify(fileData({ stage: { ...stageData('off'), on: wicked } }))],
  ['the name of a field', JSON.stringify(fileData({ stage: { ...stageData('off'), [wicked]: 1 } }))],
  [
    'the name of a prerequisite',
    JSON.stringify(
      fileData({ stage: { ...stageData('off'), prerequisites: [{ key: wicked, variation: 0 }] } }),
    ),
  ],
])('a problem is one line, whatever the file holds: %s', (_name, text) => {
  const problems = problemsOf(text);
  expect(problems).not.toEqual([]);
  const lines = flagFileError('flags.json', problems).message.split('\n');
  expect(lines).toHaveLength(problems.length + 1);
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
});

it('a problem without a value and with one', () => {
  expect(flagProblem(['flags', 'a\nb', 0], 'c\u2028d', 'is\nwrong')).toEqual({
    path: String.raw`flags.a\nb[0]`,
    value: String.raw`"c\u2028d"`,
    message: String.raw`is\nwrong`,
  });
});

it('a refused edit is told in one line', async () => {
  const files = testFolder();
  files.write(fileData({ stage: { ...stageData('off'), variations: ['off', wicked] } }));
  await expect(setStage({ file: files.path, flag: 'stage', stage: 'live' })).rejects.toMatchObject({
    message: expect.not.stringMatching(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u),
  });
  files.remove();
});
