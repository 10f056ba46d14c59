import type { Side } from '#flags/stages.ts';
import { escapeLiteral } from 'pg';
import { exclusiveBucketLock } from '../bucket.ts';
import { otherSide } from '../plan.ts';
import type { CutoverPlan } from '../plan.types.ts';
import { describeStanding } from './describe-standing.ts';
import { groupIdsOf } from './move.ts';
import { readStandings, type BucketStanding, type SidePools } from './read-facts.ts';
import { openingSql } from './step-sql.ts';
import { inOneMessage } from './take-step.ts';

/** A bucket whose two sides contradict each other. */
export interface Alarm {
  readonly group: string;
  readonly bucket: number;
  readonly message: string;
  /** The side that was closed; `undefined`: an operator must choose. */
  readonly closed: Side | undefined;
}

/**
 * Compares both sides and closes the lower one where both say that they own a bucket: a promoted standby that lost the
 * fence, a database that was restored. What was written on it since is in its outbox and its table, and no longer in the
 * owner's; verification lists the rows.
 */
export async function closeSplits(
  { plan, pools }: { readonly plan: CutoverPlan; readonly pools: SidePools },
  by: string,
): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (const { name: group } of plan.groups) {
    const odd = (await readStandings(pools, group)).filter(
      ({ stands }) => stands.kind === 'split' || stands.kind === 'unknown',
    );
    if (odd.length === 0) continue;
    const groupIds = await groupIdsOf(pools, group);
    for (const found of odd) alarms.push(await alarmOf({ pools, group, groupIds, by }, found));
  }
  return alarms;
}

interface Closing {
  readonly pools: SidePools;
  readonly group: string;
  readonly groupIds: Readonly<Record<Side, number>>;
  readonly by: string;
}

async function alarmOf(closing: Closing, { bucket, stands, facts }: BucketStanding): Promise<Alarm> {
  const { group } = closing;
  const message = describeStanding(stands, facts);
  if (stands.kind !== 'split' || stands.lower === undefined)
    return { group, bucket, message, closed: undefined };
  const side = stands.lower;
  const closed = await closeSide(closing, {
    side,
    bucket,
    seen: facts[side].epoch,
    epoch: facts[otherSide(side)].epoch,
  });
  return { group, bucket, message, closed: closed ? side : undefined };
}

/**
 * Makes a side the follower of the other one at that one's epoch, whatever it was, if it is still at the epoch that was
 * seen. Its own copies from before are refused from here on.
 * @returns whether it did
 */
export async function closeSide(
  { pools, group, groupIds, by }: Closing,
  close: { readonly side: Side; readonly bucket: number; readonly seen: number; readonly epoch: number },
): Promise<boolean> {
  const { side, bucket, seen, epoch } = close;
  const taken = await inOneMessage(
    pools[side],
    [
      ...openingSql(2_000),
      `select ${exclusiveBucketLock(groupIds[side], bucket)}`,
      `with done as (update banyan.buckets b set state = 'follower', epoch = ${epoch}, fenced_at = ${epoch}
         where b.group_id = ${groupIds[side]} and b.bucket = ${bucket} and b.epoch = ${seen} and b.epoch < ${epoch}
         returning b.bucket, b.state, b.epoch),
       noted as (insert into banyan.audit (action, group_name, bucket, state, epoch, made_by, reason)
         select 'close', ${escapeLiteral(group)}, d.bucket, d.state, d.epoch, ${escapeLiteral(by)}, 'the other side owns it at a higher epoch' from done d)
       select d.epoch from done d`,
      'commit',
    ].join(';\n'),
  );
  return taken !== 'held' && taken > 0;
}
