import type { Pool } from 'pg';
import type { Chunk } from './chunk.types.ts';
import { keyAfter, type KeyValues, type Walk } from './keyset.ts';
import type { Run } from './run.types.ts';

export interface Planner {
  /** The next chunk that nobody here has, or `undefined` when all are given out. May be called by many at once. */
  next(): Promise<Chunk | undefined>;
  /** Chunks are made for so many rows from now on. */
  resize(rows: number): void;
  /** Rows that the chunks planned by now stand for, and whether these are all. */
  planned(): { readonly rows: number; readonly complete: boolean };
}

export interface PlannerOptions {
  readonly source: Pool;
  readonly target: Pool;
  readonly walk: Walk;
  readonly run: Run;
  readonly rows: number;
}

/** Walks along the key and notes each chunk's bounds before its rows are read, so that a later process goes on exactly there. */
export async function createPlanner({ source, target, walk, run, rows }: PlannerOptions): Promise<Planner> {
  const { left, last, done } = await readNoted(target, run);
  let size = rows;
  let at: KeyValues | undefined = last?.upper;
  let number = last?.number ?? 0;
  let complete = last !== undefined && last.upper === undefined;
  let plannedRows = done + left.length * rows;
  let turn: Promise<unknown> = Promise.resolve();

  async function plan(): Promise<Chunk | undefined> {
    const noted = left.shift();
    if (noted !== undefined || complete) return noted;
    const upper = await keyAfter(source, walk, { lower: at, rows: size });
    const chunk = { number: number + 1, lower: at, upper };
    await target.query(
      `insert into banyan.backfill_chunks (run_id, chunk, lower_key, upper_key, state)
       values ($1, $2, $3, $4, 'planned')`,
      [run.runId, chunk.number, at ?? null, upper ?? null],
    );
    number = chunk.number;
    at = upper;
    complete = upper === undefined;
    // Of the last chunk only that it is smaller is known.
    plannedRows += complete ? 0 : size;
    return chunk;
  }

  return {
    next() {
      const mine = turn.then(plan);
      turn = mine.catch(() => undefined);
      return mine;
    },
    resize(rows) {
      size = rows;
    },
    planned: () => ({ rows: plannedRows, complete }),
  };
}

interface NotedRow {
  readonly chunk: string;
  readonly lower_key: string[] | null;
  readonly upper_key: string[] | null;
  readonly state: 'planned' | 'done';
  readonly rows_read: string | null;
}

async function readNoted(target: Pool, { runId }: Run) {
  const { rows } = await target.query<NotedRow>(
    `select chunk, lower_key, upper_key, state, rows_read from banyan.backfill_chunks
     where run_id = $1 order by chunk`,
    [runId],
  );
  const chunks = rows.map(({ chunk, lower_key, upper_key, state, rows_read }) => ({
    number: Number(chunk),
    lower: lower_key ?? undefined,
    upper: upper_key ?? undefined,
    state,
    read: Number(rows_read ?? 0),
  }));
  return {
    left: chunks.filter(({ state }) => state === 'planned'),
    last: chunks.at(-1),
    done: chunks.reduce((sum, { read }) => sum + read, 0),
  };
}
