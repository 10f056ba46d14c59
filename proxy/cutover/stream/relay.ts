import type { Pool, PoolClient } from 'pg';
import type { Page, Position } from './change.types.ts';
import { kindOfError, streamFailure } from './failures.ts';
import { readHead, type Contents, type PageLimits } from './read-page.ts';
import { readOneByOne } from './read-unmapped.ts';
import { openWindow, type WindowReader } from './read-window.ts';
import { parseSnapshot } from './snapshot.ts';
import type { SourceGroup } from './source-group.ts';

/** Reads the outbox of one group in pages. */
export interface Relay {
  /** What comes next after a position; a page without entries still moves the position. */
  read(position: Position): Promise<Page>;
  close(): Promise<void>;
}

export async function openRelay(options: {
  readonly pool: Pool;
  readonly source: SourceGroup;
  readonly limits: PageLimits;
}): Promise<Relay> {
  const { pool, source, limits } = options;
  const client: PoolClient = await pool.connect();
  client.on('error', () => undefined);
  let open: { readonly reader: WindowReader; readonly at: Position } | undefined;

  return {
    async read(position) {
      try {
        return position.window === undefined
          ? await readNew(position)
          : await readOn(position, position.window);
      } catch (cause) {
        if (kindOfError(cause) !== 'row') throw cause;
        await closeWindow();
        return readSingly(position);
      }
    },
    async close() {
      // Its transaction, if one is open, ends with it.
      client.release(true);
      await Promise.resolve();
    },
  };

  async function closeWindow(): Promise<void> {
    if (open === undefined) return;
    open = undefined;
    await client.query('rollback');
  }

  async function readNew(position: Position): Promise<Page> {
    await closeWindow();
    const takenAt = Date.now();
    const head = await readHead({ client, source, limits, window: windowOf(position) });
    return pageOf(position, { ...head, takenAt });
  }

  async function readOn(position: Position, window: { to: string; lastSeq: string }): Promise<Page> {
    if (open === undefined || !samePlace(open.at, position)) {
      await closeWindow();
      const reader = await openWindow({ client, source, limits, window: windowOf(position) });
      open = { reader, at: position };
    }
    const contents = await open.reader.next();
    const more = contents.count > 0;
    const page = pageOf(position, { contents, snapshot: window.to, more, takenAt: position.takenAt });
    if (more) open = { reader: open.reader, at: page.next };
    else await closeWindow();
    return page;
  }

  async function readSingly(position: Position): Promise<Page> {
    const takenAt = position.window === undefined ? Date.now() : position.takenAt;
    const read = await readOneByOne({ client, source, window: windowOf(position) });
    return pageOf(position, { ...read, snapshot: position.window?.to ?? read.snapshot, takenAt });
  }

  function windowOf(position: Position) {
    return {
      groupId: source.groupId,
      after: position.snapshot,
      until: position.window?.to,
      lastSeq: position.window?.lastSeq ?? '0',
    };
  }

  function pageOf(
    position: Position,
    read: { contents: Contents; snapshot: string; more: boolean; takenAt: number },
  ): Page {
    const { contents, snapshot, more, takenAt } = read;
    if (parseSnapshot(snapshot).xmax < parseSnapshot(position.snapshot).xmax)
      throw streamFailure('source-went-back');
    const { changes, unmapped, markers, lastSeq } = contents;
    const next: Position =
      more && lastSeq !== undefined
        ? { snapshot: position.snapshot, window: { to: snapshot, lastSeq }, takenAt: position.takenAt }
        : { snapshot, window: undefined, takenAt };
    return { group: source.name, changes, unmapped, markers, next, youngerThan: position.takenAt };
  }
}

function samePlace(one: Position, other: Position): boolean {
  return (
    one.snapshot === other.snapshot &&
    one.window?.to === other.window?.to &&
    one.window?.lastSeq === other.window?.lastSeq
  );
}
