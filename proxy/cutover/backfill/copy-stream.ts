import type { Pool, PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { readAhead, type ReadAhead } from './read-ahead.ts';

export interface CopySource extends ReadAhead {
  /** Gives the connection back. One whose COPY has not ended is closed, which ends it in the database too. */
  release(): void;
}

/** Starts a COPY … TO STDOUT on a connection of its own. */
export async function openCopy(pool: Pool, copy: string, limitBytes: number): Promise<CopySource> {
  const client = await pool.connect();
  client.on('error', ignore);
  const source = client.query(copyTo(copy));
  let ended = false;
  source.once('end', () => void (ended = true));
  const ahead = readAhead(source, limitBytes);
  return {
    ...ahead,
    release() {
      client.off('error', ignore);
      client.release(!ended);
    },
  };
}

/** COPY … FROM STDIN of a whole stream. @returns the number of rows */
export async function copyInto(client: PoolClient, copy: string, rows: Readable): Promise<number> {
  const sink = client.query(copyFrom(copy));
  await pipeline(rows, sink);
  return sink.rowCount;
}

function ignore(): void {
  // The stream on it fails, and tells.
}
