import { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { codeOf } from '#shared/errors/code.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { TestDatabase } from '#test/support/database.ts';

export interface Writers {
  /** Last acknowledged value of each id; `undefined`: deleted. */
  readonly acknowledged: ReadonlyMap<string, string | undefined>;
  /** Writes that took effect, and those that a gate refused (and that went to the other side then). */
  counts(): { readonly written: number; readonly refused: number; readonly longestMs: number };
  stop(): Promise<void>;
}

/**
 * Applications that write without pause, each to ids of its own: updates, deletes, inserts, on whatever side they think
 * owns; where the gate refuses, they turn to the other one. Every statement is its own transaction.
 */
export async function startWriters(options: {
  readonly databases: Readonly<Record<Side, Pick<TestDatabase, 'url'>>>;
  /** One list for each writer. */
  readonly ids: readonly (readonly string[])[];
  /** Milliseconds from the begin of one write to that of the next, of one writer: what was late is caught up. */
  readonly everyMs?: number;
}): Promise<Writers> {
  const acknowledged = new Map<string, string | undefined>();
  const stopping = new AbortController();
  let written = 0;
  let refused = 0;
  let longestMs = 0;

  const write = async (ids: readonly string[], number: number): Promise<void> => {
    const clients = { monolith: await connect('monolith'), service: await connect('service') };
    let side: Side = 'monolith';
    let due = performance.now();
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const id = ids[turn % ids.length] ?? '';
      const value = turn % 5 === 4 ? undefined : `w${number}-${turn}`;
      const began = performance.now();
      for (let done = false; !done;) {
        try {
          await (value === undefined
            ? clients[side].query('delete from items where id = $1', [id])
            : clients[side].query(
                'insert into items values ($1, $2) on conflict (id) do update set value = excluded.value',
                [id, value],
              ));
          done = true;
        } catch (error) {
          if (codeOf(error) !== 'BY001') throw error;
          refused += 1;
          side = otherSide(side);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }
      longestMs = Math.max(longestMs, performance.now() - began);
      written += 1;
      acknowledged.set(id, value);
      if (options.everyMs === undefined) continue;
      due += options.everyMs;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    }
    await Promise.all([clients.monolith.end(), clients.service.end()]);
  };
  async function connect(side: Side): Promise<Client> {
    const client = new Client({ connectionString: options.databases[side].url });
    await client.connect();
    return client;
  }
  const running = Promise.all(options.ids.map((ids, number) => write(ids, number)));
  await Promise.resolve();
  return {
    acknowledged,
    counts: () => ({ written, refused, longestMs }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The acknowledged writes as rows. */
export function rowsOf({ acknowledged }: Pick<Writers, 'acknowledged'>): Map<string, string> {
  return new Map(
    [...acknowledged].flatMap(([id, value]) => (value === undefined ? [] : [[id, value] as const])),
  );
}
