import { setTimeout as delay } from 'node:timers/promises';
import { setShares, setStage } from '#flags/edit-file.ts';
import type { Status } from '#proxy/control/status.ts';
import type { Migration } from './migration.ts';
import type { RampStep } from './ramp-steps.ts';

export interface FlagMoves {
  readonly file: string;
  /** Its read flags are raised together. */
  readonly migration: Pick<Migration, 'name' | 'migrationFlag' | 'readFlags'>;
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
  const { migrationFlag, readFlags } = moves.migration;
  const before = (await moves.status())?.flags.version ?? 0;
  const moveShares = () => setShares({ file: moves.file, flags: readFlags, percent: share });
  const moveStage = () => setStage({ file: moves.file, flag: migrationFlag, stage });
  const edits =
    share === 0 ? [await moveShares(), await moveStage()] : [await moveStage(), await moveShares()];
  const changed = edits.flat().some(({ from, to }) => from !== to);
  await taken(moves, { stage, newerThan: changed ? before : -1 });
}

/** The two edits of one step can reach the proxy one by one: it has the last when its version stands still. */
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
    const inForce = now?.migrations[migration.name]?.stage;
    if (inForce === stage && version > newerThan && version === last) return;
    last = version;
    if (Date.now() > deadline) {
      const found = now === undefined ? 'it does not answer' : `stage ${inForce}, version ${version}`;
      throw new Error(`the proxy did not take the flags within ${takenWithinMs / 1_000} s: ${found}`);
    }
  }
}
