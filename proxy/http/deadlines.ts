/** Something with at most one time limit at once. */
export interface Timed {
  /** Milliseconds on the clock of `Deadlines`; `Infinity` for none. */
  deadline: number;
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
  readonly #timed = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined;

  add(timed: Timed): void {
    this.#timed.add(timed);
    if (this.#timer !== undefined) return;
    this.now = performance.now();
    this.#timer = setInterval(() => this.#sweep(), tickMs);
    this.#timer.unref();
  }

  remove(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Forgets all limits. */
  clear(): void {
    this.#timed.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sweep(): void {
    this.now = performance.now();
    for (const timed of this.#timed) {
      if (timed.deadline > this.now) continue;
      timed.deadline = Infinity;
      timed.expire();
    }
  }
}
