import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import { blockersOf } from './blockers.ts';
import { installError } from './failures.ts';

export interface PatientLockOptions {
  /** Quoted, with its schema. */
  readonly table: string;
  /** Milliseconds that one try waits; a busy table's writers queue behind it no longer. */
  readonly waitMs: number;
  /** Milliseconds after which it gives up. */
  readonly giveUpMs: number;
}

const lockNotAvailable = '55P03';
const deadlock = '40P01';
const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Runs statements that lock a table, in one transaction, and tries again with growing pauses while the table is busy.
 * @throws TABLE_BUSY, naming who holds the table, when `giveUpMs` are over
 */
export async function withPatientLock(
  client: ClientBase,
  statements: readonly string[],
  { table, waitMs, giveUpMs }: PatientLockOptions,
): Promise<void> {
  const end = Date.now() + giveUpMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      await client.query('begin');
      await client.query(
        `set local lock_timeout = ${Math.max(1, Math.trunc(waitMs))}; set local banyan.installing = on`,
      );
      for (const statement of statements) await client.query(statement);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      if (codeOf(error) !== lockNotAvailable && codeOf(error) !== deadlock) throw error;
      if (Date.now() + pause > end) {
        const blockers = await blockersOf(client, table);
        throw installError(
          'TABLE_BUSY',
          `${table} stayed busy for ${giveUpMs} ms; nothing of it was changed. ` +
            (blockers.length === 0 ? 'It is free by now: try again.' : `Held by ${blockers.join('; ')}.`),
        );
      }
      await delay(pause);
    }
  }
}
