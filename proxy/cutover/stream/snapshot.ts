/** A pg_snapshot: which transactions of a database had ended when it was taken. */
export interface Snapshot {
  /** All below had ended. */
  readonly xmin: bigint;
  /** None from here on had begun. */
  readonly xmax: bigint;
  /** Those between that were running. */
  readonly running: readonly bigint[];
}

/** From before the first transaction: nothing was visible. */
export const beforeAll = '1:1:';

/** @throws a RangeError where the text is no pg_snapshot */
export function parseSnapshot(text: string): Snapshot {
  const parts = /^(\d+):(\d+):(\d+(?:,\d+)*)?$/.exec(text);
  if (parts === null) throw new RangeError(`no snapshot: ${JSON.stringify(text)}`);
  const [, xmin = '', xmax = '', running] = parts;
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: running === undefined ? [] : running.split(',').map(BigInt),
  };
}

export function isVisible(xid: bigint, { xmin, xmax, running }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !running.includes(xid));
}

/** Whether whatever is visible in `wanted` is visible in `held` as well. */
export function covers(held: Snapshot, wanted: Snapshot): boolean {
  if (wanted.xmax > held.xmax) return false;
  return !held.running.some((xid) => isVisible(xid, wanted));
}
