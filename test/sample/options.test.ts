import { expect, test } from '@jest/globals';
import { readOptions } from '#sample/options.ts';

test('without options the defaults stand', () => {
  expect(readOptions([])).toEqual({
    kind: 'run',
    options: {
      once: false,
      scale: 0.0005,
      rate: 100,
      seed: 1,
      stepSeconds: 8,
      port: 8080,
      adminPort: 8081,
      fresh: false,
      json: false,
      traffic: true,
      plantedDifferences: false,
    },
  });
});

test('each option is taken', () => {
  const args =
    '--once --scale 1e-5 --rate 2000 --seed 0 --step-seconds .5 --data d --port 0 --admin-port 1 --fresh --json --no-traffic --planted-differences';
  expect(readOptions(args.split(' '))).toEqual({
    kind: 'run',
    options: {
      once: true,
      scale: 0.00001,
      rate: 2_000,
      seed: 0,
      stepSeconds: 0.5,
      data: 'd',
      port: 0,
      adminPort: 1,
      fresh: true,
      json: true,
      traffic: false,
      plantedDifferences: true,
    },
  });
});

test.each([
  ['--scale 0', /'--scale <fraction>' argument '0' is invalid\. Allowed: a number above 0 and up to 1\./],
  ['--scale 1.01', /above 0 and up to 1/],
  ['--scale NaN', /above 0 and up to 1/],
  ['--rate 0x10', /a number from 1 to 2000/],
  ['--rate 2001', /a number from 1 to 2000/],
  ['--rate -5', /a number from 1 to 2000/],
  ['--seed 1.5', /a whole number from 0 to 2147483647/],
  ['--port 65536', /a whole number from 0 to 65535/],
  ['--step-seconds 0', /a number from 0\.2 to 3600/],
  ['--data', /'--data <folder>' argument missing/],
  ['--onec', /unknown option '--onec'[\s\S]*--once/],
  ['surplus', /too many arguments/],
])('%s is refused with what is allowed', (line, message) => {
  const answer = readOptions(line.split(' '));
  expect(answer).toMatchObject({ kind: 'say', exitCode: 2, text: expect.stringMatching(message) });
  expect(answer).toMatchObject({ text: expect.stringContaining('npm start -- --help') });
});

test('--help tells every option with its default, and examples', () => {
  const answer = readOptions(['--help']);
  expect(answer).toMatchObject({ kind: 'say', exitCode: 0 });
  if (answer.kind === 'say') {
    for (const word of ['--scale', 'default: 0.0005', '--no-traffic', 'Examples:', 'npm start -- --once'])
      expect(answer.text).toContain(word);
  }
});
