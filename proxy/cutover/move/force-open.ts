import { escapeLiteral } from 'pg';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import { exclusiveBucketLock } from '../bucket.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import type { BucketFact } from './facts.types.ts';
import { groupIdsOf, openPools } from './move.ts';
import { readSide } from './read-facts.ts';
import { closeSide } from './split-watch.ts';
import { standing } from './standing.ts';
import { openingSql } from './step-sql.ts';
import { inOneMessage } from './take-step.ts';
import { closePools } from './wanted.ts';

export interface ForceOpenOptions {
  readonly plan: CutoverPlan;
  readonly group: string;
  /** The side that is opened. */
  readonly side: Side;
  readonly by: string;
}

export interface ForceOpenReport {
  readonly opened: readonly number[];
  /** Buckets that the side owned already. */
  readonly owned: number;
  /** Buckets that were closed on the other side first. */
  readonly closed: readonly number[];
  /** Why the other side was not closed; `undefined`: it was, or had not to be. */
  readonly unreachable: string | undefined;
}

/**
 * Opens a side whatever the other one says, for when that is lost. Where the other one answers after all, it is closed
 * first, bucket by bucket. Where not, whoever calls this answers for it being dead: what it alone has is lost, and what it
 * goes on writing is lost as well, until it can be reached and is closed.
 */
export async function forceOpen({ plan, group, side, by }: ForceOpenOptions): Promise<ForceOpenReport> {
  const pools = openPools(plan, 1);
  const other = otherSide(side);
  try {
    const here = await readSide(pools[side], group);
    const there = await readSide(pools[other], group).catch((error: unknown) => messageOf(error));
    const groupIds =
      typeof there === 'string' ? await oneGroupId(plan, group, side) : await groupIdsOf(pools, group);
    const opened: number[] = [];
    const closed: number[] = [];
    let owned = 0;
    for (const [bucket, fact] of here) {
      const known = typeof there === 'string' ? undefined : there.get(bucket);
      if (isOwnAlready({ side, fact, known })) {
        owned += 1;
        continue;
      }
      // Beyond whatever the other side can have come to in the move that it knows of: fenced, committed, undone.
      const epoch = Math.max(fact.epoch, known?.epoch ?? 0, fact.drained, known?.drained ?? 0) + 3;
      if (
        known !== undefined &&
        (await closeSide({ pools, group, groupIds, by }, { side: other, bucket, seen: known.epoch, epoch }))
      )
        closed.push(bucket);
      const taken = await inOneMessage(
        pools[side],
        openSql({ group, groupId: groupIds[side], bucket, seen: fact.epoch, epoch, by }),
      );
      if (taken !== 'held' && taken > 0) opened.push(bucket);
    }
    return { opened, owned, closed, unreachable: typeof there === 'string' ? there : undefined };
  } finally {
    await closePools(pools);
  }
}

function isOwnAlready({
  side,
  fact,
  known,
}: {
  readonly side: Side;
  readonly fact: BucketFact;
  readonly known: BucketFact | undefined;
}): boolean {
  if (known === undefined) return fact.state === 'owner';
  const stands = standing(
    side === 'monolith' ? { monolith: fact, service: known } : { monolith: known, service: fact },
  );
  return stands.kind === 'at-rest' && stands.owner === side;
}

async function oneGroupId(
  plan: CutoverPlan,
  group: string,
  side: Side,
): Promise<Readonly<Record<Side, number>>> {
  const pools = openPools(plan, 1);
  try {
    const { rows } = await pools[side].query<{ group_id: number }>(
      'select group_id from banyan.groups where name = $1',
      [group],
    );
    const id = rows[0]?.group_id ?? 0;
    return { monolith: id, service: id };
  } finally {
    await closePools(pools);
  }
}

function openSql(open: {
  readonly group: string;
  readonly groupId: number;
  readonly bucket: number;
  readonly seen: number;
  readonly epoch: number;
  readonly by: string;
}): string {
  const { group, groupId, bucket, seen, epoch, by } = open;
  return [
    ...openingSql(5_000),
    `select ${exclusiveBucketLock(groupId, bucket)}`,
    `with done as (update banyan.buckets b set state = 'owner', epoch = ${epoch}
       where b.group_id = ${groupId} and b.bucket = ${bucket} and b.epoch = ${seen} returning b.bucket, b.state, b.epoch),
     noted as (insert into banyan.audit (action, group_name, bucket, state, epoch, made_by, reason)
       select 'force-open', ${escapeLiteral(group)}, d.bucket, d.state, d.epoch, ${escapeLiteral(by)}, 'wanted by an operator' from done d)
     select d.epoch from done d`,
    'commit',
  ].join(';\n');
}
