import type { Page, Position } from './change.types.ts';

/**
 * Takes the pages of one group from the relay to where they are applied. What any transport must hold:
 * - sequence: changes of one bucket are applied in the order of the pages and of their place in the page;
 * - at least once: a page may come again, also after later ones (versions make that harmless);
 * - a marker only after all before it is acknowledged;
 * - the position moves when the page can't get lost any more, and never past a page that can;
 * - only one that brings nothing again behind its position may leave changes to a backfill (left-to-backfill.ts).
 */
export interface Transport {
  /**
   * Where the relay goes on. Asked once after each start or failure.
   * @param generation of the capture that is followed
   * @param start where a group begins that never stood anywhere. Default: with the outbox
   * @throws StreamFailure `capture-gap` where the position is of another one
   */
  position(generation: number, start?: string): Promise<Position>;
  /**
   * Resolves when the page can't get lost any more and its position is kept.
   * @throws CarryFailure; the relay asks for the position again and goes on from there
   */
  carry(page: Page): Promise<Carried>;
  /** Keeps a position that was reached without anything to carry. */
  keep(position: Position): Promise<void>;
  close(): Promise<void>;
}

/** What became of a page's changes, as far as the transport knows. */
export interface Carried {
  /** Newer than what the target had. */
  readonly applied: number;
  /** Already there, older, or refused by the owner's side. */
  readonly stale: number;
  /** Not applied: the backfill of their dataset is yet to begin and will bring them. */
  readonly left: number;
  readonly parked: number;
}
