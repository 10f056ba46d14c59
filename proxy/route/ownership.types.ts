import type { Side } from '#flags/stages.ts';

// What proxies know of owners, as it travels: from control (which reads it off both databases) to the proxies, and between
// the workers of one machine. Nothing here is needed for safety: a proxy that knows nothing, or what is no longer so, makes
// a detour, since the gate in the databases decides.

/** Who owns one bucket. */
export interface OwnerFact {
  readonly migration: string;
  readonly group: string;
  /** 0-255; 0 in a group of one bucket. */
  readonly bucket: number;
  /** `undefined`: nobody, it is changing hands. */
  readonly owner: Side | undefined;
  /** While nobody owns it: the side that gave it up. */
  readonly from: Side | undefined;
  /** A fact of a higher epoch replaces this one; the time of its coming means nothing. */
  readonly epoch: number;
}

export interface GroupShape {
  readonly migration: string;
  readonly group: string;
  readonly buckets: 1 | 256;
}

/**
 * How far the copy has come: this side holds all that was committed on the other before `through`, in every group of the
 * migration. Milliseconds since 1970 on the sender's clock (see `OwnershipNews.sentAt`). It only rises.
 */
export interface CopiedThrough {
  readonly migration: string;
  readonly to: Side;
  readonly through: number;
}

/**
 * Whether the way back of a migration was given up: from then on the stage `complete` counts, whatever the flag says. The last
 * word holds: it is read off the database of the side that keeps the data.
 */
export interface Completion {
  readonly migration: string;
  readonly complete: boolean;
}

/** Which bucket a key is in; a hash, so that no key leaves its process. */
export type SeenBucket = readonly [keyHash: number, bucket: number];

/**
 * A key was written on that side at that time, milliseconds since 1970 by control's clock; 0 in place of the hash where the
 * write had no key.
 */
export type WrittenKey = readonly [migration: string, on: Side, keyHash: number, at: number];

export interface OwnershipNews {
  /** Control sends at least once a second, be it nothing new: a proxy that hears from it asks no upstream in vain. */
  readonly source: 'control' | 'proxy';
  /** Control's clock when it spoke, milliseconds since 1970: by it all proxies stamp writes, however wrong their own are. */
  readonly sentAt?: number;
  readonly groups?: readonly GroupShape[];
  readonly owners?: readonly OwnerFact[];
  readonly copied?: readonly CopiedThrough[];
  readonly completions?: readonly Completion[];
  readonly buckets?: readonly SeenBucket[];
  readonly writes?: readonly WrittenKey[];
}

/** What one process knows and did, for the status. */
export interface OwnershipStatus {
  readonly migrations: Readonly<Record<string, MigrationOwnership>>;
  readonly counts: OwnershipCounts;
  /** Keys that are remembered: with their bucket, and with their last write. */
  readonly keys: { readonly buckets: number; readonly writes: number };
  /** Milliseconds since control was last heard; missing where it never was. */
  readonly controlSilentMs?: number;
}

export interface MigrationOwnership {
  readonly groups: Readonly<Record<string, GroupOwnership>>;
  /** See `CopiedThrough`; missing where nothing is known. */
  readonly copiedThrough: Readonly<Partial<Record<Side, number>>>;
  /** See `Completion`; false while nobody said. */
  readonly complete: boolean;
}

export interface GroupOwnership {
  /** Highest epoch of its buckets. */
  readonly epoch: number;
  /** Buckets by what is known of them. */
  readonly owned: Readonly<Record<Side | 'moving', number>>;
}

export interface OwnershipCounts {
  /** Requests that were sent to the other side after a 421. */
  readonly redirected: number;
  /** Requests that were held, and milliseconds of that together. */
  readonly held: number;
  readonly heldMs: number;
  /** Requests that were told 503 `no-owner`, or whose client left while they were held. */
  readonly unanswered: number;
  /** Reads that went to the owner, since their caller had written what the copy may not have. */
  readonly ownWriteReads: number;
  /** Requests that waited for the copy, and those among them that went on without it. */
  readonly waited: number;
  readonly stale: number;
}
