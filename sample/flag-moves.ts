import { setTimeout as delay } from 'node:timers/promises';
import { setShare, setStage } from '#flags/edit-file.ts';
import type { Status } from '#proxy/control/status.ts';
import type { RampStep } from './ramp.ts';

export interface FlagMoves {
  readonly file: string;
  readonly migration: string;
  readonly migrationFlag: string;
  /** All that are raised together. */
  readonly readFlags: readonly string[];
  /** What the proxy says now. */
  readonly status: () => Promise<Status | undefined>;
}

const takenWithinMs = 5_000;
const pollMs = 40;

/**
 * Writes a step into the flag file and waits until the proxy has taken it. Down, the shares move first; up, the stage: so
 * that at no moment more reads go to the service than one of the two steps says.
 * @throws an Error when the file cannot be edited, or the proxy does not take it within 5 s
 */
export async function applyStep(moves: FlagMoves, { stage, share }: RampStep): Promise<void> {
  const { file, migrationFlag, readFlags } = moves;
  const before = (await moves.status())?.flags.version ?? 0;
  let changes = 0;
  const setShares = async (): Promise<void> => {
    for (const flag of readFlags) {
      const { from, to } = await setShare({ file, flag, percent: share });
      if (from !== to) changes += 1;
    }
  };
  if (share === 0) await setShares();
  const { from, to } = await setStage({ file, flag: migrationFlag, stage });
  if (from !== to) changes += 1;
  if (share > 0) await setShares();
  await taken(moves, { stage, newerThan: changes > 0 ? before : -1 });
}

/** The edits of one step can reach the proxy one by one: it has the last when its version stands still. */
async function taken(
  { migration, status }: FlagMoves,
  { stage, newerThan }: { readonly stage: string; readonly newerThan: number },
): Promise<void> {
  let last = -1;
  for (const deadline = Date.now() + takenWithinMs; ; await delay(pollMs)) {
    const now = await status();
    if (now !== undefined && now.flags.state !== 'current')
      throw new Error(`the proxy cannot use the flags: ${now.flags.lastError ?? 'the file is gone'}`);
    const version = now?.flags.version ?? 0;
    const inForce = now?.migrations[migration]?.stage;
    if (inForce === stage && version > newerThan && version === last) return;
    last = version;
    if (Date.now() > deadline) {
      const found = now === undefined ? 'it does not answer' : `stage ${inForce}, version ${version}`;
      throw new Error(`the proxy did not take the flags within ${takenWithinMs / 1_000} s: ${found}`);
    }
  }
}
