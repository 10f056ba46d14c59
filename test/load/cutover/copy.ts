import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeMachine, machineLine } from '#test/load/proxy/machine.ts';
import { goalCells } from './goals.ts';
import { readOptions, refuse } from './options.ts';

// What the copy costs and how fast it is, one part after the other so that none disturbs the next, with the goals beside
// the figures at the end. Exit code 0: all goals met; 1: one was missed, or a part failed.

const help = `npm run bench:copy -- [--quick] [--only PART]
  --quick       small sizes: about three minutes in place of nine; the figures are rough
  --only PART   gate, stream, beside, large or bulk alone
The parts alone, with options of their own: npm run bench:gate, bench:stream, bench:bulk, and
node test/load/cutover/beside-backfill.ts, node test/load/cutover/large-transaction.ts
`;

interface Part {
  readonly only: string;
  readonly name: string;
  readonly file: string;
  readonly quick: readonly string[];
  readonly full: readonly string[];
}

const parts: readonly Part[] = [
  {
    only: 'gate',
    name: 'gate and capture: what a write costs more',
    file: 'gate-cost.ts',
    quick: ['--rounds', '6', '--rows', '20000'],
    full: ['--rounds', '20', '--rows', '50000'],
  },
  {
    only: 'stream',
    name: 'stream: changes a second, and lag at half that',
    file: 'stream.ts',
    quick: ['--changes', '30000', '--seconds', '5'],
    full: ['--changes', '90000', '--seconds', '15'],
  },
  {
    only: 'beside',
    name: 'stream beside an open backfill: changes whose parents are not copied yet',
    file: 'beside-backfill.ts',
    quick: ['--rows', '30000', '--changes', '20000'],
    full: ['--rows', '200000', '--changes', '120000'],
  },
  {
    only: 'large',
    name: 'one large transaction: captured, carried, memory',
    file: 'large-transaction.ts',
    quick: ['--rows', '200000'],
    full: ['--rows', '1000000'],
  },
  {
    only: 'bulk',
    name: 'bulk: backfill beside COPY, verification beside backfill',
    file: 'bulk.ts',
    quick: ['--rows', '100000', '--rounds', '1'],
    full: ['--rows', '400000', '--rounds', '3'],
  },
];

const values = readOptions(help, {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
});
const { only } = values;
const chosen = parts.filter((part) => only === undefined || part.only === only);
if (chosen.length === 0)
  refuse(help, `--only must be one of ${parts.map((part) => part.only).join(', ')}, not ${only}`);
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
  for (const part of chosen) rows.push(...(await runPart(part)));
  out(`\n| what | had | goal | |\n| --- | ---: | --- | --- |`);
  for (const cells of rows) out(`| ${cells.join(' | ')} |`);
  out(`\nload now: ${loadavg()[0]?.toFixed(1)}; with other programs on the cores compare ratios only`);
  if (rows.some((cells) => cells.at(-1) !== 'met')) process.exitCode = 1;
}

await bench();
