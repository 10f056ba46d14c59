import { mkdirSync, writeFileSync } from 'node:fs';
import { endAllChildren } from './children.ts';
import { coresFor } from './cores.ts';
import { goalsOf } from './goals.ts';
import { installPeers } from './install-peers.ts';
import { describeMachine } from './machine.ts';
import { help, readOptions, type Options } from './options.ts';
import { markdownReport } from './report/markdown.ts';
import { notesOf, type Report } from './report/report.ts';
import { textReport } from './report/text.ts';
import { runCases } from './run.ts';
import { allSubjects } from './subjects/all.ts';
import { peersFolder } from './subjects/node-subjects.ts';

const out = (text: string): void => void process.stdout.write(text);
/** What goes on, for a person who waits; the report alone goes to standard output. */
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(130);
    stopping = true;
    tell('ending all proxies');
    void endAllChildren().finally(() => process.exit(130));
  });
}

async function bench(options: Options): Promise<void> {
  const machine = describeMachine();
  if (process.platform !== 'linux') tell('CPU and memory of the proxies can be read on Linux alone');
  const trouble = options.install ? installPeers(peersFolder) : undefined;
  if (trouble !== undefined) tell(trouble);
  if (options.profiles !== undefined) mkdirSync(options.profiles, { recursive: true });

  const unknown = options.only.filter((name) => !allSubjects.some((subject) => subject.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no proxy is called ${unknown.join(', ')}; there are: ${allSubjects.map(({ name }) => name).join(', ')}`,
    );
  const wanted = allSubjects.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const subjects = wanted.map((subject) => ({ subject, version: subject.version() }));
  const results = await runCases({
    subjects: subjects.flatMap(({ subject, version }) => (version === undefined ? [] : [subject])),
    cases: options.cases,
    profiles: options.profiles,
    tell,
  });
  const report: Report = {
    machine,
    pinned: coresFor() !== undefined,
    results,
    goals: goalsOf(results),
    subjects: subjects.map(({ subject: { name, note, howToGet }, version }) => ({
      name,
      version,
      note,
      howToGet,
    })),
  };
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ ...report, notes: notesOf(report) }, undefined, 2)}\n`);
  if (options.markdown === '-') out(markdownReport(report));
  else out(textReport(report));
  if (options.markdown !== undefined && options.markdown !== '-')
    writeFileSync(options.markdown, markdownReport(report));
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) out(help);
  else await bench(options);
} catch (error) {
  // Children that are ended by a signal fail what waits for them: that is told already.
  if (!stopping) {
    tell(`bench: ${Error.isError(error) ? error.message : String(error)}`);
    process.exitCode = 1;
  }
} finally {
  await endAllChildren();
}
