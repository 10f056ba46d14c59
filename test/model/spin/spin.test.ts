import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const model = fileURLToPath(new URL('move.pml', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'banyan-spin-'));
const limitMs = 100_000;

async function isThere(program: string): Promise<boolean> {
  return run(program, [program === 'spin' ? '-V' : '--version'], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

const there = (await isThere('spin')) && (await isThere('gcc'));
if (!there)
  process.stderr.write(
    'THE MODEL OF A MOVE IS NOT CHECKED BY SPIN: spin and gcc are missing (Debian packages spin, gcc)\n',
  );

interface Verdict {
  readonly errors: number;
  readonly states: number;
  readonly said: string;
}

/** Makes the checker of the model with these definitions, and lets it go through every state, or to the first error. */
async function check(name: string, definitions: readonly string[]): Promise<Verdict> {
  const at = join(folder, name);
  await run('mkdir', ['-p', at]);
  const options = { cwd: at, timeout: limitMs, maxBuffer: 16 * 1_048_576 };
  await run('spin', ['-a', ...definitions.map((definition) => `-D${definition}`), model], options);
  await run('gcc', ['-O1', '-w', '-DSAFETY', '-DHC4', '-DMEMLIM=2000', '-o', 'pan', 'pan.c'], options);
  const { stdout } = await run('./pan', ['-m100000', '-E', '-w22'], options);
  const number = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? Number.NaN);
  return {
    errors: number(/errors: (\d+)/),
    states: number(/(\d+) states, stored/),
    said: /assertion violated.*/.exec(stdout)?.[0] ?? '',
  };
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Guards whose absence shows at once; the others want more states than fit into a test, and stand in the explorer's. */
const guards: readonly (readonly [guard: string, epochs: number])[] = [
  ['GATE_OWNER', 2],
  ['GATE_FRESH', 2],
  ['GATE_SHARED', 2],
  ['FENCE_EXCLUSIVE', 2],
  ['COMMIT_DRAINED', 2],
  ['BACKFILL_UNKNOWN', 2],
  ['FENCE_EPOCH', 3],
  ['COMMIT_EPOCH', 3],
  ['ABORT_EPOCH', 3],
  ['REOPEN_SEEN', 3],
  ['APPLY_NEWER', 3],
  ['APPLY_SINCE_FENCE', 3],
];

describe('the independent model, by spin', () => {
  (there ? test : test.skip)('has no state in which an assertion fails', async () => {
    const { errors, states } = await check('clean', ['WRITES=1', 'EPOCHS=2']);

    expect(errors).toBe(0);
    expect(states).toBeGreaterThan(1_000_000);
  });

  (there ? test : test.skip).each(guards)('fails without %s', async (guard, epochs) => {
    const { errors, said } = await check(guard, [`WITHOUT_${guard}`, 'WRITES=2', `EPOCHS=${epochs}`]);

    expect(errors).toBe(1);
    expect(said).toContain('assertion violated');
  });
});
