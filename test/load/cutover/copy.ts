import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeMachine, machineLine } from '#test/load/proxy/machine.ts';
import { goalCells } from './goals.ts';
import { readOptions } from './options.ts';

// What the copy costs and how fast it is, one part after the other so that none disturbs the next, with the goals beside
// the figures at the end. Exit code 0: all goals met; 1: one was missed, or a part failed.

const help = `npm run bench:copy -- [--quick]
  --quick   small sizes: about two minutes in place of six; the figures are rough
The parts alone, with options of their own: npm run bench:gate, bench:stream, bench:bulk
`;

interface Part {
  readonly name: string;
  readonly file: string;
  readonly quick: readonly string[];
  readonly full: readonly string[];
}

const parts: readonly Part[] = [
  {
    name: 'gate and capture: what a write costs more',
    file: 'gate-cost.ts',
    quick: ['--rounds', '6', '--rows', '20000'],
    full: ['--rounds', '20', '--rows', '50000'],
  },
  {
    name: 'stream: changes a second, and lag at half that',
    file: 'stream.ts',
    quick: ['--changes', '30000', '--seconds', '5'],
    full: ['--changes', '90000', '--seconds', '15'],
  },
  {
    name: 'bulk: backfill beside COPY, verification beside backfill',
    file: 'bulk.ts',
    quick: ['--rows', '100000', '--rounds', '1'],
    full: ['--rows', '400000', '--rounds', '3'],
  },
];

const values = readOptions(help, { quick: { type: 'boolean', default: false } });
const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** @returns the cells of its goals; one that says so where it failed */
async function runPart({ name, file, quick, full }: Part): Promise<string[][]> {
  out(`\n== ${name} (load ${loadavg()[0]?.toFixed(1)})`);
  const program = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [program, ...(values.quick ? quick : full)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const goals: string[][] = [];
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const cells = goalCells(line);
    if (cells === undefined) out(line);
    else goals.push(cells);
  }
  await ended;
  return goals.length > 0 ? goals : [[name, 'nothing', 'to run through', 'FAILED']];
}

async function bench(): Promise<void> {
  out(machineLine(describeMachine()));
  const rows: string[][] = [];
  for (const part of parts) rows.push(...(await runPart(part)));
  out(`\n| what | had | goal | |\n| --- | ---: | --- | --- |`);
  for (const cells of rows) out(`| ${cells.join(' | ')} |`);
  out(`\nload now: ${loadavg()[0]?.toFixed(1)}; with other programs on the cores compare ratios only`);
  if (rows.some((cells) => cells.at(-1) !== 'met')) process.exitCode = 1;
}

await bench();
