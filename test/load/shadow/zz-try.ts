import { compareRun } from '/work/wt/shadow-compare/test/load/shadow/compare-run.ts';
import { clean } from '/work/wt/shadow-compare/test/load/shadow/noisy-traffic.ts';
for (const planted of [
  clean,
  { value: 0.001, missing: 0.001, inFlapping: 0.001, header: 0.001, status: 0.001 },
]) {
  const r = compareRun({ seed: 1, pairs: 300, planted, lookEvery: 100 });
  console.log(r.asked, r.sampled, r.cpuMicroseconds);
  console.table(Object.fromEntries(r.verdicts));
}
