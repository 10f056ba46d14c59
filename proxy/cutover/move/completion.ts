import type { Pool } from 'pg';
import { escapeLiteral } from 'pg';
import type { Side } from '#flags/stages.ts';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { openSide } from '../database.ts';
import { bothSides, otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { sideProblem } from '../copy/side-problem.ts';
import { readCompletion, type SideCompletion } from './completed.ts';
import { openingSql } from './step-sql.ts';
import { inOneMessage } from './take-step.ts';

/** The side that has the data when a migration is complete. */
export const keeper: Side = 'service';

/** Stands in the database as the reason why nothing is captured any more, since `050-completion.sql` writes it. */
export const completeReason = 'the migration is complete';

/** Both sides' word on the completion. @throws an Error whose message names the side that can't be asked */
export async function readBothCompletions(
  plan: CutoverPlan,
): Promise<Readonly<Record<Side, SideCompletion>>> {
  const [monolith, service] = await Promise.all(
    bothSides.map((side) =>
      onSide(plan, side, (pool) =>
        readCompletion(
          pool,
          plan.groups.map(({ name }) => name),
        ),
      ).catch((error: unknown) => {
        throw new Error(`${side}: ${sideProblem(error, { plan, side })}`, { cause: error });
      }),
    ),
  );
  if (monolith === undefined || service === undefined) throw new Error('a side said nothing');
  return { monolith, service };
}

export interface CompletionReport {
  /** Sides that this call completed; the others were. */
  readonly completed: readonly Side[];
  /** The way back is given up, and only the side that is left does not know yet: the same call ends it. */
  readonly unfinished: { readonly side: Side; readonly problem: string } | undefined;
}

/** Nothing was changed: the side that keeps the data is not in a state that can be kept. */
export interface CompletionRefused extends Error {
  readonly name: 'CompletionRefused';
}

export function isCompletionRefused(error: unknown): error is CompletionRefused {
  return Error.isError(error) && error.name === 'CompletionRefused';
}

/**
 * Gives the way back up: nothing is captured any more, so the copy on the other side ends where it is. Its tables stay, and
 * their gates go on refusing writes. The only step that can't be undone.
 *
 * One transaction on each side, the side that keeps the data first: that is the point from which there is no way back, and
 * whoever dies behind it leaves nothing that matters, since the side that is left owns nothing and takes what it gets. Called
 * again, it does what is missing.
 * @throws CompletionRefused; another error where the keeper's answer was lost, so that only a look at it can tell
 */
export async function complete(plan: CutoverPlan, by: string): Promise<CompletionReport> {
  const completed: Side[] = [];
  const kept = await completeSide(plan, keeper, by).catch((error: unknown) => {
    if (isRefusal(error)) throw refused(`${keeper}: ${messageOf(error)}`);
    throw new Error(
      `the ${keeper} did not answer whether it is complete (${sideProblem(error, { plan, side: keeper })}): run this again, which tells`,
      { cause: error },
    );
  });
  if (kept === 'held')
    throw refused(
      `${keeper}: transactions hold rows of its buckets for longer than ${lockMs / 1_000} s: nothing was changed; try again`,
    );
  if (kept > 0) completed.push(keeper);
  const left = otherSide(keeper);
  try {
    const found = await completeSide(plan, left, by);
    if (found === 'held')
      return { completed, unfinished: { side: left, problem: 'rows of its buckets are held' } };
    if (found > 0) completed.push(left);
    return { completed, unfinished: undefined };
  } catch (error) {
    return { completed, unfinished: { side: left, problem: sideProblem(error, { plan, side: left }) } };
  }
}

const lockMs = 5_000;

/** @returns how many groups it completed; 0: it was done before */
async function completeSide(plan: CutoverPlan, side: Side, by: string): Promise<number | 'held'> {
  const names = plan.groups.map(({ name }) => escapeLiteral(name)).join(', ');
  return onSide(plan, side, (pool) =>
    inOneMessage(
      pool,
      [
        ...openingSql(lockMs),
        // A row where it did something: that is what counts here.
        `select done from banyan.complete_groups(array[${names}]::text[], ${side === keeper}, ${escapeLiteral(by)}) done where done > 0`,
        'commit',
      ].join(';\n'),
    ),
  );
}

/** object_not_in_prerequisite_state: of `banyan.complete_groups`; undefined_function: from before it. */
function isRefusal(error: unknown): boolean {
  return ['55000', '42883'].includes(codeOf(error) ?? '');
}

function refused(message: string): CompletionRefused {
  return Object.assign(new Error(message), { name: 'CompletionRefused' as const });
}

async function onSide<Result>(
  plan: CutoverPlan,
  side: Side,
  work: (pool: Pool) => Promise<Result>,
): Promise<Result> {
  const pool = openSide(plan, side, { part: 'complete', max: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
