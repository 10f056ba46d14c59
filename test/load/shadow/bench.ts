import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readOptions, refuse } from '../cutover/options.ts';
import { endAllChildren, startChild } from '../proxy/children.ts';
import { coresFor } from '../proxy/cores.ts';
import { describeMachine } from '../proxy/machine.ts';
import { textReport } from '../proxy/report/text.ts';
import { runCases } from '../proxy/run.ts';
import { faults, type Fault } from './faulty-target.ts';
import { faultCase, largeCase, shadowGoals, smallCase } from './goals.ts';
import { shadowSubjects } from './subjects.ts';

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void endAllChildren().finally(() => process.exit(130)));
}

const all = [smallCase, largeCase, faultCase];
const help = `npm run bench:shadow -- [options]

CPU and latency of Banyan with every read copied and compared, beside nginx and Envoy that only mirror, and beside itself
without copies while the target of the copies fails. Exit code 1 when a goal is missed.

Options:
  --only TEXT       only the cases with this in their name: ${all.map(({ name }) => `"${name}"`).join(', ')}
  --rounds N        rounds of each case
  --seconds S       seconds of each round that count
  --cpu-prof DIR    writes a CPU profile of each proxy that runs on Node
  --help
`;

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined || Number(text) > 0) return text === undefined ? undefined : Number(text);
  return refuse(help, `--${name} must be a number above 0, not ${text}`);
}

async function startFaults(): Promise<Readonly<Record<Fault, number>>> {
  const program = fileURLToPath(new URL('./faulty-process.ts', import.meta.url));
  const core = coresFor()?.load;
  const onCore = core === undefined ? undefined : ['-c', core, process.execPath, program];
  const [file, args] = onCore === undefined ? [process.execPath, [program]] : ['taskset', onCore];
  const child = startChild(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [ports] = (await once(child, 'message')) as [Readonly<Record<Fault, number>>];
  return ports;
}

try {
  const values = readOptions(help, {
    only: { type: 'string', default: '' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'cpu-prof': { type: 'string' },
  });
  const cases = all
    .filter(({ name }) => name.includes(values.only))
    .map(({ rounds, measureMs, ...bench }) => ({
      ...bench,
      rounds: positive('rounds', values.rounds) ?? rounds,
      measureMs: (positive('seconds', values.seconds) ?? measureMs / 1_000) * 1_000,
    }));
  if (cases.length === 0) refuse(help, `no case has "${values.only}" in its name`);
  const wanted = new Set(cases.flatMap(({ only = [] }) => only));
  const subjects = shadowSubjects(await startFaults()).filter(({ name }) => wanted.has(name));
  const found = subjects.map((subject) => ({ subject, version: subject.version() }));
  tell(`${cases.length} cases; faults: ${faults.join(', ')}`);
  const results = await runCases({
    subjects: found.flatMap(({ subject, version }) => (version === undefined ? [] : [subject])),
    cases,
    profiles: values['cpu-prof'],
    tell,
  });
  const goals = shadowGoals(results);
  process.stdout.write(
    textReport({
      machine: describeMachine(),
      pinned: coresFor() !== undefined,
      results,
      goals,
      subjects: found.map(({ subject: { name, note, howToGet }, version }) => ({
        name,
        version,
        note,
        howToGet,
      })),
    }),
  );
  if (goals.some(({ met }) => met === false)) process.exitCode = 1;
} finally {
  await endAllChildren();
}
