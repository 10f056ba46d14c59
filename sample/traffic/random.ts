/** A small seeded generator (sfc32): the same numbers on every machine, which `Math.random` does not give. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** A key of the table, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
}

/** @param stream numbers that tell independent sequences of one seed apart */
export function createRandom(seed: number, ...stream: readonly number[]): Random {
  const state = new Uint32Array(4);
  for (const part of [seed, ...stream]) absorb(state, part);
  const next = (): number => step(state) / 2 ** 32;
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (list) => list[whole(0, list.length - 1)] ?? list[0],
    weighted(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
      const [[first] = []] = entries;
      if (first === undefined) throw new Error('a weighted choice needs at least one entry');
      return first;
    },
  };
}

function absorb(state: Uint32Array, part: number): void {
  state[0] = (state[0] ?? 0) ^ (part >>> 0);
  state[1] = (state[1] ?? 0) ^ Math.floor(part / 2 ** 32);
  state[3] = 1;
  for (let round = 0; round < 12; round += 1) step(state);
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, counter = 0] = state;
  const out = (((a + b) >>> 0) + counter) >>> 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + out;
  state[3] = counter + 1;
  return out;
}
