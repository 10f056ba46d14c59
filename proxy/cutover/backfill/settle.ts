import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { messageOf } from '#shared/errors/message.ts';
import { codeOf } from '#shared/errors/code.ts';
import { isRowFault } from './failures.ts';
import { guardCopy } from './guard.ts';
import type { Passage, PassagePools } from './passage.ts';
import type { Run } from './run.types.ts';
import { insertStaged } from './staging.ts';
import { inTransaction } from './transaction.ts';

// A row may be parked only because the copy is spread over time: its parent came into being after the parents' chunks, or the
// unique value it has was another row's when that one was copied. Then the row itself was changed since the capture began,
// and the stream brings it or has brought it. So parked rows are tried again when all chunks are done.

export interface SettleOptions {
  readonly pools: PassagePools;
  readonly passage: Passage;
  readonly run: Run;
  readonly signal: AbortSignal;
  readonly rounds: number;
  readonly pauseMs: number;
}

const batch = 200;

/** Tries the rows that this copy parked again, in a few rounds. @returns how many are left */
export async function settleParked(options: SettleOptions): Promise<number> {
  for (let round = 1; ; round += 1) {
    const left = await settleOnce(options);
    if (left === 0 || round >= options.rounds) return left;
    await delay(options.pauseMs, undefined, { signal: options.signal });
  }
}

async function settleOnce({ pools, passage, run, signal }: SettleOptions): Promise<number> {
  let after = '0';
  let left = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await pools.target.query<{ parked_id: string }>(
      `select parked_id from banyan.parked
       where dataset_id = $1 and epoch = 0 and seq = 0 and parked_id > $2 order by parked_id limit ${batch}`,
      [run.datasetId, after],
    );
    const last = rows.at(-1);
    if (last === undefined) return left;
    after = last.parked_id;
    left += await inTransaction(pools.target, async (client) => {
      const { owned } = await guardCopy(client, run);
      let failed = 0;
      for (const { parked_id } of rows) {
        if (!(await tryAgain(client, { passage, run, owned, id: parked_id }))) failed += 1;
      }
      return failed;
    });
  }
}

interface Again {
  readonly passage: Passage;
  readonly run: Run;
  readonly owned: readonly number[];
  readonly id: string;
}

/** Under the same guards as in its chunk: a row that `applied` knows by now is not written, and no longer parked. */
async function tryAgain(client: PoolClient, { passage, run, owned, id }: Again): Promise<boolean> {
  const values = passage.columns.map((_, index) => `p.row_values[${index + 1}] as c${index + 1}`).join(', ');
  const relation = `(select p.parked_id as n, ${values} from banyan.parked p) as parked`;
  await client.query('savepoint again');
  try {
    await client.query(insertStaged(passage, { run, staged: { relation }, owned }), [id, id]);
    await client.query('delete from banyan.parked where parked_id = $1', [id]);
    await client.query('release savepoint again');
    return true;
  } catch (cause) {
    if (!isRowFault(cause)) throw cause;
    await client.query('rollback to savepoint again');
    await client.query(
      `update banyan.parked set attempts = attempts + 1, sqlstate = $2, reason = $3 where parked_id = $1`,
      [id, codeOf(cause), messageOf(cause).slice(0, 500)],
    );
    return false;
  }
}
