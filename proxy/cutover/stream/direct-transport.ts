import type { Pool, PoolClient } from 'pg';
import { applyChanges } from './apply.ts';
import type { Change, Page, Position } from './change.types.ts';
import { streamFailure } from './failures.ts';
import { notLeftToBackfill } from './left-to-backfill.ts';
import { lockForApply, takeTheLead } from './locks.ts';
import { noteMarkers } from './markers.ts';
import { park } from './park.ts';
import { holdPosition, movePosition, readPosition } from './positions.ts';
import { retryParked } from './retry-parked.ts';
import { beforeAll } from './snapshot.ts';
import type { TargetGroup } from './target-group.ts';
import type { Carried, Transport } from './transport.types.ts';

/**
 * The transport inside one process: a page's rows and its position are committed together, so nothing comes twice after a
 * failure. Only a page that is shared out by bucket may come in part again: its lanes commit before the position does.
 * @param lanes connections that apply at the same time; more than one only for a group of 256 buckets
 * @throws StreamFailure `superseded` where another process carries this group
 */
export async function openDirectTransport(options: {
  readonly pool: Pool;
  readonly target: TargetGroup;
  readonly lanes: number;
}): Promise<Transport> {
  const { pool, target } = options;
  const lanes = target.buckets === 1 ? 1 : options.lanes;
  const client = await connect(pool);
  try {
    if (!(await takeTheLead(client, target.groupId))) throw streamFailure('superseded');
  } catch (cause) {
    client.release(true);
    throw cause;
  }
  let held: Position | undefined;
  let closed = false;

  const keep = async (position: Position): Promise<void> => {
    await movePosition(client, { group: target.name, from: held, to: position });
  };

  return {
    async position(generation, start = beforeAll) {
      held = await readPosition(client, target.name, { generation, start });
      return held;
    },
    async carry(page) {
      const carried =
        lanes === 1 || page.changes.length < lanes
          ? await inTransaction(client, async () => {
              const applied = await applyPart(client, target, { page, changes: page.changes, rest: page });
              await keep(page.next);
              return applied;
            })
          : await carryInLanes(page);
      held = page.next;
      const { parked, left } = carried;
      const healed = parked === 0 ? 0 : (await retryParked(client, target, 'due')).done;
      return {
        applied: carried.applied + healed,
        parked: Math.max(0, parked - healed),
        stale: Math.max(0, page.changes.length - carried.applied - parked - left),
        left,
      } satisfies Carried;
    },
    async keep(position) {
      await keep(position);
      held = position;
    },
    async close() {
      if (closed) return;
      closed = true;
      // With its connection the lead is given up.
      client.release(true);
      await Promise.resolve();
    },
  };

  async function carryInLanes(page: Page): Promise<Part> {
    const shares: Change[][] = Array.from({ length: lanes }, () => []);
    for (const change of page.changes) shares[change.bucket % lanes]?.push(change);
    const results = await Promise.allSettled(
      shares.filter((share) => share.length > 0).map((share) => inLane(page, share)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const last = await inTransaction(client, async () => {
      const applied = await applyPart(client, target, { page, changes: [], rest: page });
      await keep(page.next);
      return applied;
    });
    return [...done, last].reduce((sum, part) => ({
      applied: sum.applied + part.applied,
      parked: sum.parked + part.parked,
      left: sum.left + part.left,
    }));
  }

  async function inLane(page: Page, share: readonly Change[]): Promise<Part> {
    const lane = await connect(pool);
    let broken = true;
    try {
      const applied = await inTransaction(lane, async () => {
        await holdPosition(lane, target.name, held);
        return applyPart(lane, target, { page, changes: share, rest: { unmapped: [], markers: [] } });
      });
      broken = false;
      return applied;
    } finally {
      lane.release(broken);
    }
  }
}

type Part = Omit<Carried, 'stale'>;

interface ToApply {
  readonly page: Page;
  /** Those of its changes that are this transaction's. */
  readonly changes: readonly Change[];
  readonly rest: Pick<Page, 'unmapped' | 'markers'>;
}

/** Changes first, then what can't be mapped, then markers. */
async function applyPart(
  client: PoolClient,
  target: TargetGroup,
  { page, changes, rest }: ToApply,
): Promise<Part> {
  const named = [...changes, ...rest.unmapped];
  await lockForApply(client, target, {
    datasets: new Set(named.map(({ dataset }) => dataset)),
    buckets: new Set([...named, ...rest.markers].map(({ bucket }) => bucket)),
  });
  const kept = await notLeftToBackfill(client, target, { changes, unmapped: page.unmapped });
  const applied = await applyChanges(client, target, kept);
  const parked = await park(client, target, rest.unmapped);
  await noteMarkers(client, target, rest.markers);
  return { applied: applied.applied, parked: applied.parked + parked, left: changes.length - kept.length };
}

async function inTransaction<Result>(client: PoolClient, work: () => Promise<Result>): Promise<Result> {
  await client.query('begin');
  try {
    const result = await work();
    await client.query('commit');
    return result;
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw cause;
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  // A connection that breaks while it is lent out is told to whoever uses it next. One listener, however often it is lent.
  client.off('error', ignore).on('error', ignore);
  return client;
}

function ignore(): void {
  // Whoever uses it next sees it fail.
}
