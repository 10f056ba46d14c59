import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function bench(file: string, ...options: string[]): Promise<Ended> {
  const program = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...options], (error, out, complaints) => {
      resolve({ code: Number(error?.code ?? 0), out, error: complaints });
    });
  });
}

test.each(['copy.ts', 'gate-cost.ts', 'stream.ts', 'bulk.ts', 'move/bench.ts', '../shadow/bench.ts'])(
  '%s tells its options, and refuses others',
  async (file) => {
    const helped = await bench(file, '--help');
    expect(helped).toMatchObject({ code: 0, error: '' });
    expect(helped.out).toMatch(/^npm run bench:/);

    const { code, out, error } = await bench(file, '--bogus');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toMatch(/^error: Unknown option '--bogus'/);
    expect(error).not.toContain('    at ');
  },
);

test('a number that is none is refused by name', async () => {
  expect(await bench('move/bench.ts', '--moves', 'many')).toMatchObject({
    code: 2,
    error: expect.stringContaining('--moves must be a number above 0, not many'),
  });
});
