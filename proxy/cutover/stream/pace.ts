/**
 * How long a relay waits before it looks again. It asks instead of being told: a NOTIFY takes one lock of the whole
 * server at commit, so every writer of the app would queue behind every other.
 */
export interface Pace {
  /** Milliseconds. @param count entries of the page that was read */
  next(count: number): number;
}

/** A page this full is followed at once; a smaller one waits a little, so that the next is worth its statement. */
const wellFilled = 200;
const shortest = 5;
const longest = 50;

export function createPace(): Pace {
  let wait = shortest;
  return {
    next(count) {
      if (count >= wellFilled) return (wait = 0);
      wait = count > 0 ? shortest : Math.min(longest, Math.max(shortest, wait * 1.5));
      return wait;
    },
  };
}
