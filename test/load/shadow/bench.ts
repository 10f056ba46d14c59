import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
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
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'cpu-prof': { type: 'string' },
    },
  });
  const cases = [smallCase, largeCase, faultCase]
    .filter(({ name }) => values.only === undefined || name.includes(values.only))
    .map((bench) => ({
      ...bench,
      rounds: values.rounds === undefined ? bench.rounds : Number(values.rounds),
      measureMs: values.seconds === undefined ? bench.measureMs : Number(values.seconds) * 1_000,
    }));
  const wanted = new Set(cases.flatMap(({ only = [] }) => only));
  const all = shadowSubjects(await startFaults()).filter(({ name }) => wanted.has(name));
  const subjects = all.map((subject) => ({ subject, version: subject.version() }));
  tell(`${cases.length} cases; faults: ${faults.join(', ')}`);
  const results = await runCases({
    subjects: subjects.flatMap(({ subject, version }) => (version === undefined ? [] : [subject])),
    cases,
    profiles: values['cpu-prof'],
    tell,
  });
  process.stdout.write(
    textReport({
      machine: describeMachine(),
      pinned: coresFor() !== undefined,
      results,
      goals: shadowGoals(results),
      subjects: subjects.map(({ subject: { name, note, howToGet }, version }) => ({
        name,
        version,
        note,
        howToGet,
      })),
    }),
  );
} finally {
  await endAllChildren();
}
