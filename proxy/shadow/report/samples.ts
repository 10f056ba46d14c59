import { createHash } from 'node:crypto';
import type { FindingSample } from '../delta.types.ts';

/** Pairs that are kept of one finding. */
export const samplesKept = 5;

/** A sample with the digest that tells it from others; the digest also breaks ties of time. */
export interface KeptSample {
  readonly digest: string;
  readonly sample: FindingSample;
}

export function keptSample(sample: FindingSample): KeptSample {
  const { at, request, primary, shadow } = sample;
  const text = JSON.stringify([
    at,
    request.method,
    request.target,
    request.headers,
    primary ?? null,
    shadow ?? null,
  ]);
  return { digest: createHash('sha256').update(text).digest('hex').slice(0, 32), sample };
}

/** The newest, whatever the sequence in which they came. */
export function newest(samples: readonly KeptSample[]): KeptSample[] {
  const distinct = new Map(samples.map((kept) => [kept.digest, kept]));
  return [...distinct.values()]
    .toSorted((a, b) => b.sample.at - a.sample.at || (a.digest < b.digest ? -1 : 1))
    .slice(0, samplesKept);
}
