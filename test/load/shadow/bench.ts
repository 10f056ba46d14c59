import { fileURLToPath } from 'node:url';
import { readOptions, refuse } from '../cutover/options.ts';
import { endAllChildren } from '../proxy/children.ts';
import { coresFor } from '../proxy/cores.ts';
import { describeMachine } from '../proxy/machine.ts';
import { textReport } from '../proxy/report/text.ts';
import { runCases } from '../proxy/run.ts';
import { freePort } from '#shared/postgres/embedded.ts';
import { faults, type FaultPorts } from './faulty-target.ts';
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

async function faultPorts(): Promise<FaultPorts> {
  const ports = await Promise.all(faults.map(async (fault) => [fault, await freePort()] as const));
  return Object.fromEntries(ports) as FaultPorts;
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
  const ports = await faultPorts();
  const subjects = shadowSubjects(ports).filter(({ name }) => wanted.has(name));
  const found = subjects.map((subject) => ({ subject, version: subject.version() }));
  tell(`${cases.length} cases; faults: ${faults.join(', ')}`);
  const results = await runCases({
    subjects: found.flatMap(({ subject, version }) => (version === undefined ? [] : [subject])),
    cases,
    profiles: values['cpu-prof'],
    load: [fileURLToPath(new URL('./load-process.ts', import.meta.url)), JSON.stringify(ports)],
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
