/** Bits of one row's hash. */
const hashBits = 64;

/**
 * The greatest chance that a verification says "equal" though a row differs, for a seed drawn at random:
 *
 * A shard's digest is its number of rows and the sum of their hashes, without overflow (128 bits). Let the shard differ, and
 * take away the rows that are the same on both sides. The sums are equal only if the hashes of what is left add up alike;
 * given all of them but one, exactly one value of that one does so: at most 2^-64, for hashes that behave like random ones.
 * Two rows that differ in some columns have equal hashes with the same chance: a row's hash is the sum of its columns'
 * hashes times powers of 31, which are odd, so here too one value of the last one does it. A verification fails to see a
 * difference only if every shard that differs hides it, and at least one does: at most 2^-64 for any given difference. Over
 * all `shards` the chance that any of them hides one is at most shards × 2^-64.
 */
export function chanceOfMiss(shards: number): number {
  return Math.min(1, shards * 2 ** -hashBits);
}

/** Said to people. */
export function certaintySentence(shards: number): string {
  const chance = chanceOfMiss(shards);
  return `the chance that any of ${shards} digests hides a difference is at most ${chance.toExponential(1)}`;
}
