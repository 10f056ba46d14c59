import type { Config } from '#proxy/config/schema.ts';
import { isComplete } from '#proxy/cutover/move/completed.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import { askMover } from './ask-mover.ts';

/**
 * Whether a migration is complete, as the mover of this machine says, or else the database; for a command line. False where
 * it moves no data, or nothing is installed; `undefined` where nobody answers, which takes some seconds at most.
 */
export async function askComplete(config: Config, migration: string): Promise<boolean | undefined> {
  const plan = cutoverPlans(config).find((one) => one.migration === migration);
  if (plan === undefined) return false;
  const told = (await askMover(config, migration))?.complete;
  if (told !== undefined) return told;
  try {
    return (await isComplete(plan)) ?? false;
  } catch {
    return undefined;
  }
}
