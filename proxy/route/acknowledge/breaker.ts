/** Opens after so many that were late in a row: a side that is down must not cost every write the whole bound. */
export interface AcknowledgeBreaker {
  readonly isOpen: boolean;
  /** @returns whether it opened with this one */
  late(): boolean;
  /** @returns whether it closed with this one */
  reached(): boolean;
  /** Whether it is time to find out if the other side keeps up again; true once each second while it is open. */
  mayProbe(): boolean;
}

const lateInARow = 5;
const probeEveryMs = 1_000;

/** @param now milliseconds, of a clock that only goes forward */
export function acknowledgeBreaker(now: () => number): AcknowledgeBreaker {
  let misses = 0;
  let isOpen = false;
  let probedAt = 0;
  return {
    get isOpen() {
      return isOpen;
    },
    late() {
      misses += 1;
      if (isOpen || misses < lateInARow) return false;
      isOpen = true;
      probedAt = now();
      return true;
    },
    reached() {
      const closed = isOpen;
      misses = 0;
      isOpen = false;
      return closed;
    },
    mayProbe() {
      if (!isOpen || now() - probedAt < probeEveryMs) return false;
      probedAt = now();
      return true;
    },
  };
}
