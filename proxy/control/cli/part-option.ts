import { InvalidArgumentError } from 'commander';

/** `0.1%`, `0.1 %` or `0.001` → 0.001 */
export function partOf(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12}) ?(%?)$/.exec(text.trim());
  const part = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (part >= 0 && part <= 1) return part;
  throw new InvalidArgumentError('Write a part of all pairs, e.g. 0.1% or 0.001.');
}

export function wholeFrom(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Write a whole number from ${least} to ${most}.`);
  };
}
