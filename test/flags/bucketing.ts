import { createHash } from 'node:crypto';

/**
 * LaunchDarkly's bucketing as its documentation has it, written out beside the SDK: the first 15 hex digits of
 * sha1(`prefix.key`) as a fraction of the whole range, compared with the share.
 */
export function inShare(options: {
  /** `flagKey.salt`, or the seed where the rollout has one. */
  readonly prefix: string;
  readonly key: string;
  /** Thousandths of a percent. */
  readonly weight: number;
}): boolean {
  const { prefix, key, weight } = options;
  const digest = createHash('sha1').update(`${prefix}.${key}`).digest('hex');
  const range = 16n ** 15n;
  return BigInt(`0x${digest.slice(0, 15)}`) * 100_000n < BigInt(weight) * (range - 1n);
}
