/**
 * The time of control's clock, as far as its words tell: writes are stamped and copies told by one clock, since those of
 * machines may be off by any amount. Between its words the monotonic clock goes on, which nobody sets.
 */
export interface ControlClock {
  /**
   * A word of control came. @param sentAt when it was sent, by its own clock
   * @returns whether that clock has gone back by more than a delay explains (another mover leads): what it told before means
   * nothing any more
   */
  heard(sentAt: number): boolean;
  /** Milliseconds since 1970, never behind control's clock by more than its fastest word took. */
  now(): number;
}

/** The quickest word of this long counts: one that waited, here or on its way, makes control's clock look slow. */
const windowMs = 10_000;
/** More than the quickest of some dozen words takes on a busy machine. Reads go to the owner for this much longer. */
const slackMs = 10;
const wentBackMs = 1_000;

/** @param ownClock milliseconds since 1970; counts until control is heard */
export function createControlClock(
  ownClock: () => number,
  monotonic: () => number = () => performance.now(),
): ControlClock {
  /** Control's clock less the monotonic one, at least; of this window and of the one before. */
  let current = { since: -Infinity, ahead: -Infinity };
  let before = -Infinity;
  const ahead = (): number => Math.max(current.ahead, before);
  return {
    heard(sentAt) {
      const at = monotonic();
      const known = ahead();
      if (at - current.since >= windowMs) {
        before = current.ahead;
        current = { since: at, ahead: -Infinity };
      }
      current.ahead = Math.max(current.ahead, sentAt - at);
      return ahead() < known - wentBackMs;
    },
    now() {
      const known = ahead();
      return known === -Infinity ? ownClock() : Math.floor(monotonic() + known) + slackMs;
    },
  };
}
