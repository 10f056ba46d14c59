import { addToFindingSlot, addToRouteSlot } from './add-to-slot.ts';
import type { Pool } from 'pg';
import { hourOf, oldestMinute } from './slots.ts';

/** Of all proxies on one database one does it at a time. */
const housekeepingLock = 0x62_61_6e_7a;

/**
 * Makes hours of old minutes, and deletes what is older than `retention` milliseconds.
 * @returns whether it was ours to do: `false` where another process is at it
 */
export async function keepHouse(
  pool: Pool,
  { now, retention }: { readonly now: number; readonly retention: number },
): Promise<boolean> {
  const client = await pool.connect();
  let failed: Error | undefined;
  try {
    await client.query('begin');
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
      housekeepingLock,
    ]);
    const mine = rows[0]?.mine === true;
    if (mine) {
      const before = new Date(hourOf(now - retention)).toISOString();
      const minutesFrom = new Date(oldestMinute(now)).toISOString();
      for (const statement of forget) await client.query(statement, [before]);
      for (const statement of makeHours) await client.query(statement, [minutesFrom]);
    }
    await client.query('commit');
    return mine;
  } catch (error) {
    failed = Error.isError(error) ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(failed);
  }
}

const forget = [
  'delete from shadow_routes where slot < $1',
  'delete from shadow_finding_slots where slot < $1',
  // One that has no slot any more but was seen since is being added right now.
  'delete from shadow_findings where last_seen < $1',
  'delete from shadow_writers where seen_at < $1',
];

const hour = `date_trunc('hour', slot, 'UTC')`;

const makeHours = [
  `with minutes as (
     delete from shadow_routes where slot < $1 and slot <> ${hour} returning *
   ), hours as (
     select migration, route, primary_side, ${hour} as slot, sum(eligible) as eligible, sum(compared) as compared,
            sum(same) as same, sum(different) as different, sum(raced) as raced, sum(noise_samples) as noise_samples,
            sum_counts(skipped) as skipped, sum_counts(shadow_failures) as shadow_failures,
            sum_histograms(primary_latency) as primary_latency, sum_histograms(shadow_latency) as shadow_latency,
            sum(crowded_out) as crowded_out
     from minutes group by 1, 2, 3, 4
   )
   insert into shadow_routes as known
   select * from hours order by migration, route, primary_side, slot
   ${addToRouteSlot}`,
  `with minutes as (
     delete from shadow_finding_slots where slot < $1 and slot <> ${hour} returning *
   )
   insert into shadow_finding_slots as known
   select finding, ${hour}, sum(pairs), sum(self_differed), sum(shadow_alone), sum(primary_alone), sum(all_differ)
   from minutes group by 1, 2 order by 1, 2
   ${addToFindingSlot}`,
];
