/** Something with at most one time limit at once. */
export interface Timed {
  /** Milliseconds on the clock of `Deadlines`; `Infinity` for none. */
  deadline: number;
  /** Where it stands in the sweep; for `Deadlines` alone. `undefined` outside of it. */
  swept: number | undefined;
  /** Called once the deadline has passed; it must set another one or leave the sweep. */
  expire(): void;
}

const tickMs = 50;

/**
 * All time limits of the plane by one timer. Setting a limit is one assignment, so the hot path pays nothing; a sweep
 * over all connections every 50 ms is cheap beside their traffic. Limits hold to 50-100 ms.
 */
export class Deadlines {
  /** Milliseconds, up to one tick late. */
  now = performance.now();
  /**
   * An array, and not a Set: legs come and go by the thousand, and each table that a Set grows out of points at the next
   * one. One such table in V8's old space, dead or not, keeps all that come after it and what they held.
   */
  readonly #timed: Timed[] = [];
  #timer: NodeJS.Timeout | undefined;

  add(timed: Timed): void {
    if (timed.swept !== undefined) return;
    timed.swept = this.#timed.push(timed) - 1;
    if (this.#timer !== undefined) return;
    this.now = performance.now();
    this.#timer = setInterval(() => this.#sweep(), tickMs);
    this.#timer.unref();
  }

  remove(timed: Timed): void {
    const place = timed.swept;
    if (place === undefined) return;
    timed.swept = undefined;
    const last = this.#timed.pop();
    if (last !== undefined && last !== timed) {
      this.#timed[place] = last;
      last.swept = place;
    }
    if (this.#timed.length === 0) this.#rest();
  }

  /** Forgets all limits. */
  clear(): void {
    for (const timed of this.#timed.splice(0)) timed.swept = undefined;
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** From the end, so that whatever leaves meanwhile puts one in its place that has been looked at. */
  #sweep(): void {
    this.now = performance.now();
    for (let at = this.#timed.length - 1; at >= 0; at -= 1) {
      const timed = this.#timed[at];
      if (timed === undefined || timed.deadline > this.now) continue;
      timed.deadline = Infinity;
      timed.expire();
    }
  }
}
