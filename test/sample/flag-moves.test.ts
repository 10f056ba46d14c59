import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '#proxy/control/status.ts';
import { applyStep, type FlagMoves } from '#sample/flag-moves.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-flags-'));
const file = join(folder, 'flags.json');
const readFlags = ['users-read-list', 'users-read-account', 'users-read-profile', 'users-read-preferences'];

beforeEach(() => copyFileSync(join(import.meta.dirname, '../../sample/flags.json'), file));
afterAll(() => rmSync(folder, { recursive: true }));

interface FlagFile {
  readonly flags: Readonly<
    Record<
      string,
      {
        fallthrough: {
          variation?: number;
          rollout?: { variations: { variation: number; weight: number }[] };
        };
      }
    >
  >;
}

function read(): { readonly stage: number | undefined; readonly shares: readonly (number | undefined)[] } {
  const { flags } = JSON.parse(readFileSync(file, 'utf8')) as FlagFile;
  return {
    stage: flags['users-migration']?.fallthrough.variation,
    shares: readFlags.map(
      (flag) => flags[flag]?.fallthrough.rollout?.variations.find(({ variation }) => variation === 0)?.weight,
    ),
  };
}

/** A proxy that takes what stands in the file, each time it is asked. */
function moves(
  state: 'current' | 'stale' = 'current',
): FlagMoves & { readonly history: ReturnType<typeof read>[] } {
  const history: ReturnType<typeof read>[] = [];
  let version = 0;
  return {
    file,
    migration: { name: 'users', migrationFlag: 'users-migration', readFlags },
    history,
    status: async () => {
      const now = read();
      if (JSON.stringify(history.at(-1)) !== JSON.stringify(now)) {
        history.push(now);
        version += 1;
      }
      const stage = ['off', 'dualwrite', 'shadow'][now.stage ?? 0];
      return {
        flags: { state, version, lastError: 'broken' },
        migrations: { users: { stage } },
      } as unknown as Status;
    },
  };
}

test('a step stands in the file for every read flag when it resolves', async () => {
  await applyStep(moves(), { stage: 'shadow', share: 12.5 });
  expect(read()).toEqual({ stage: 2, shares: readFlags.map(() => 12_500) });
  await applyStep(moves(), { stage: 'shadow', share: 0 });
  expect(read()).toEqual({ stage: 2, shares: readFlags.map(() => 0) });
});

test('a step that stands there already is taken as well', async () => {
  await applyStep(moves(), { stage: 'off', share: 0 });
  expect(read()).toEqual({ stage: 0, shares: readFlags.map(() => 0) });
});

test('a proxy that cannot use the file is told at once', async () => {
  await expect(applyStep(moves('stale'), { stage: 'dualwrite', share: 0 })).rejects.toThrow(
    'the proxy cannot use the flags: broken',
  );
});

test('a file that is malformed is left as it is', async () => {
  writeFileSync(file, 'garbage');
  const status = async (): Promise<undefined> => undefined;
  await expect(applyStep({ ...moves(), status }, { stage: 'dualwrite', share: 0 })).rejects.toThrow(
    /cannot be used/,
  );
  expect(readFileSync(file, 'utf8')).toBe('garbage');
});
