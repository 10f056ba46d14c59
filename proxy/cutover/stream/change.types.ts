/** One version of a row as it travels: names and texts only, so that any transport can carry it. */
export interface Change {
  /** bigint as text. Of two versions of one row the one with the larger (epoch, seq) is later. */
  readonly seq: string;
  readonly epoch: string;
  readonly bucket: number;
  readonly dataset: string;
  readonly deleted: boolean;
  /** The mapped key, PostgreSQL's text form of text[]. */
  readonly key: string;
  /** The mapped values in the order of the mapping, text form of text[]; of a deleted row the key's columns only. */
  readonly values: string;
}

/** A captured row that the mapping can't be computed for. */
export interface UnmappedChange extends Omit<Change, 'values'> {
  /** The captured row, text form of the image type. */
  readonly image: string;
  readonly sqlstate: string;
  readonly reason: string;
}

/** All changes of the bucket from before `epoch` have gone before it. */
export interface Marker {
  readonly seq: string;
  readonly epoch: string;
  readonly bucket: number;
}

/**
 * How far one group is. Everything that was visible at `snapshot` is done; with a `window`, also everything of the window
 * from there to `to` whose seq is at most `lastSeq`.
 */
export interface Position {
  /** pg_snapshot as text. */
  readonly snapshot: string;
  readonly window: { readonly to: string; readonly lastSeq: string } | undefined;
  /** When `snapshot` was taken; milliseconds since 1970, our clock. */
  readonly takenAt: number;
}

/** A part of the stream of one group, in the order of seq. */
export interface Page {
  readonly group: string;
  readonly changes: readonly Change[];
  readonly unmapped: readonly UnmappedChange[];
  readonly markers: readonly Marker[];
  /** Where the stream stands when this page is done. */
  readonly next: Position;
  /** What came after the page was not visible at this time yet: no change in it is older. Milliseconds since 1970. */
  readonly youngerThan: number;
}
