import { escapeLiteral } from 'pg';
import { exclusiveBucketLock } from '../bucket.ts';
import { isCompleteSql } from './completed.ts';
import type { StepName } from './facts.types.ts';
import { moveSteps, type Guard, type Step } from './table.ts';

export interface StepRequest {
  readonly step: StepName;
  readonly group: string;
  /** The group's number on the side that is written. */
  readonly groupId: number;
  readonly bucket: number;
  /** e of the move. */
  readonly epoch: number;
  /** How long the bucket's lock is waited for, and how long writers may queue behind that wait. Milliseconds. */
  readonly holdMs: number;
  /** Who or what wants it; into the audit. */
  readonly by: string;
  readonly reason?: string;
}

/**
 * One step as one transaction in one message to the server: the lock, the compare-and-set made from the table, the audit,
 * the marker. Its last SELECT has one row where the step was taken, none where another state was found.
 */
export function stepSql(request: StepRequest): string {
  const { step: name, group, groupId, bucket, epoch, holdMs, by, reason = '' } = request;
  const step: Step = moveSteps[name];
  const { becomes, guards } = step;
  const isLocked = guards.some(({ on }) => on === 'exclusive');
  const next = whole(epoch + becomes.epochPlus);
  const sets = [
    `state = ${escapeLiteral(becomes.state)}`,
    `epoch = ${next}`,
    ...(becomes.fences === true ? [`fenced_at = ${next}`] : []),
  ];
  const conditions = guards.flatMap((guard) => conditionOf(guard, epoch));
  return [
    ...openingSql(holdMs),
    ...(isLocked ? [`select ${exclusiveBucketLock(whole(groupId), whole(bucket))}`] : []),
    `with done as (update banyan.buckets b set ${sets.join(', ')}
       where b.group_id = ${whole(groupId)} and b.bucket = ${whole(bucket)} and ${conditions.join(' and ')}
       returning b.bucket, b.state, b.epoch),
     noted as (insert into banyan.audit (action, group_name, bucket, state, epoch, made_by, reason)
       select ${[name, group].map((text) => escapeLiteral(text)).join(', ')}, d.bucket, d.state, d.epoch,
         ${[by, reason].map((text) => escapeLiteral(text)).join(', ')} from done d)
     select d.epoch${becomes.marks === true ? `, banyan.put_marker(${escapeLiteral(group)}, d.bucket, d.epoch) as marker` : ''} from done d`,
    'commit',
  ].join(';\n');
}

/** What every transaction that changes an owner begins with. Durable on the standbys, whatever the login has set. */
export function openingSql(holdMs: number): string[] {
  return [
    'begin',
    `set local lock_timeout = ${Math.max(1, whole(Math.trunc(holdMs)))}`,
    `select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') in ('off', 'local')`,
  ];
}

function conditionOf(guard: Guard, epoch: number): string[] {
  if (guard.on === 'state')
    return [`b.state in (${guard.in.map((state) => escapeLiteral(state)).join(', ')})`];
  if (guard.on === 'epoch' || guard.on === 'drained') return [`b.${guard.on} = ${whole(epoch + guard.plus)}`];
  // Of the copies into this side. Those into the other one are looked at by the controller before.
  if (guard.on === 'backfill-closed')
    return [
      `not exists (select from banyan.backfill_runs r join banyan.datasets d using (dataset_id)
         where d.group_id = b.group_id and r.state = 'open')`,
    ];
  if (guard.on === 'not-complete')
    return [
      `not exists (select from banyan.groups g where g.group_id = b.group_id and ${isCompleteSql('g')})`,
    ];
  // The lock is a statement before it; what was seen of the other side is compared by whoever read it.
  return [];
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`no whole number: ${value}`);
  return value;
}
