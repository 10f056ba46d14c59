import { coinRates } from './coin-rates.ts';
import { compareRun } from './compare-run.ts';
import { clean, plantedAt, type Planted } from './noisy-traffic.ts';

// The measured rates of docs/architecture/shadow-noise.md. Seeded, so that everyone sees the same numbers.
// Arguments: pairs of clean traffic, pairs of planted traffic.

const [cleanPairs = 1_000_000, plantedPairs = 500_000] = process.argv.slice(2).map(Number);
const one = 1 / 1_000;
const planted: Planted = { value: one, missing: one, inFlapping: one, header: one, status: one };

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;

say('The rule alone, looked at after every second answer:\n');
say(
  '| differences that are real | false-alarm chance | second answers | called a difference | noise | median to find |',
);
say('| --- | --- | --- | --- | --- | --- |');
for (const [real, alpha, answers, paths] of [
  [0, 0.1, 2_000, 4_000],
  [0, 0.01, 2_000, 4_000],
  [0, 1e-4, 2_000, 4_000],
  [1, 1e-4, 200, 2_000],
  [0.75, 1e-4, 500, 2_000],
  [0.5, 1e-4, 500, 2_000],
  [0.25, 1e-4, 2_000, 1_000],
  [0.1, 1e-4, 5_000, 500],
] as const) {
  const rates = coinRates({ seed: 5, paths, answers, real, alpha });
  const { found, noise, median } = rates;
  say(
    `| ${percent(real)} | ${alpha} | ${answers} | ${percent(found)} | ${percent(noise)} | ${median ?? '-'} |`,
  );
}

let failed = false;
for (const [title, pairs, what] of [
  ['clean', cleanPairs, clean],
  ['planted', plantedPairs, planted],
] as const) {
  const result = compareRun({ seed: 11, pairs, planted: what, lookEvery: 1_000 });
  const differences = [...result.verdicts]
    .filter(([, { foundAfter }]) => foundAfter !== undefined)
    .map(([path]) => path);
  const wanted: string[] = title === 'clean' ? [] : Object.values(plantedAt);
  const wrong = differences.filter((path) => !wanted.includes(path));
  const missed = wanted.filter((path) => !differences.includes(path));
  failed ||= wrong.length > 0 || missed.length > 0;
  say(
    `\n${title}: ${pairs} pairs, ${result.sampled} sampled twice, ${result.asked} asked again, ` +
      `${result.cpuMicroseconds.toFixed(1)} µs of CPU a pair; ${wrong.length} false findings, ${missed.length} missed\n`,
  );
  say('| path | pairs that differed | self-differences in the sample | verdict | found after pairs |');
  say('| --- | --- | --- | --- | --- |');
  for (const [path, { pairs, selfDiffered, verdict, foundAfter }] of result.verdicts) {
    say(`| ${path} | ${pairs} | ${selfDiffered} | ${verdict} | ${foundAfter ?? '-'} |`);
  }
}
process.exitCode = failed ? 1 : 0;
