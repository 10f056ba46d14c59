import { bothSides } from '../plan.ts';
import type { SidePools } from './read-facts.ts';

/** Whether a copy of the group is open: a worker of it that sleeps through a move could write what it read before. */
export interface OpenCopies {
  /** Asked after the call, together with all who came while the question before was under way. */
  isOpen(): Promise<boolean>;
}

export function createOpenCopies(pools: SidePools, group: string): OpenCopies {
  let asking: Promise<boolean> | undefined;
  let next: Promise<boolean> | undefined;

  async function ask(): Promise<boolean> {
    const open = await Promise.all(
      bothSides.map(async (side) => {
        const { rows } = await pools[side].query<{ open: boolean }>(
          `select exists (select from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
             join banyan.groups g using (group_id) where g.name = $1 and r.state = 'open') as open`,
          [group],
        );
        return rows[0]?.open === true;
      }),
    );
    return open.includes(true);
  }

  async function askNext(): Promise<boolean> {
    await asking?.catch(() => undefined);
    next = undefined;
    asking = ask();
    return asking;
  }

  return { isOpen: () => (next ??= askNext()) };
}
