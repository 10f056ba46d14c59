/** A decimal number without loss: `digits × 10^exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: bigint;
}

/** Digits of an exponent that are still counted with; a longer one is told apart by its text alone. */
const longestExponent = 300;
/** Powers of ten that two numbers may lie apart to be subtracted; further apart they are never within a tolerance. */
const widestSpan = 5_000n;
/** Characters of a number that is held against a tolerance; a longer one is equal or it is not. */
const longestText = 1_000;

const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?)(\d+))?$/;

/**
 * One text for each value: `1.0`, `1`, `100e-2` and `10e-1` have the same. No digit is lost, whatever the size.
 * @param text a number in JSON's form
 */
export function canonicalNumber(text: string): string {
  if (isPlainInteger(text)) return text;
  const found = parts.exec(text);
  if (found === null) return text;
  const [, sign = '', whole = '', fraction = '', exponentSign = '', exponentText = ''] = found;
  const all = trimZeros(whole + fraction, 'start');
  const digits = trimZeros(all, 'end');
  if (digits === '') return '0';
  const bare = trimZeros(exponentText, 'start');
  if (bare.length > longestExponent) return `${sign}${digits}e${exponentSign === '-' ? '-' : ''}${bare}`;
  const exponent =
    (exponentSign === '-' ? -1n : 1n) * BigInt(bare === '' ? 0 : bare) +
    BigInt(all.length - digits.length) -
    BigInt(fraction.length);
  if (exponent === 0n) return sign + digits;
  return exponent > 0n && exponent < 20n
    ? sign + digits + '0'.repeat(Number(exponent))
    : `${sign}${digits}e${exponent}`;
}

/** Whether two numbers in JSON's form are the same value. */
export function sameNumber(a: string, b: string): boolean {
  return a === b || canonicalNumber(a) === canonicalNumber(b);
}

/** Whether they differ by no more than `absolute`, or than `relative` of the larger one. Computed without rounding. */
export function withinTolerance(
  a: string,
  b: string,
  tolerance: { readonly absolute?: number | undefined; readonly relative?: number | undefined },
): boolean {
  if (sameNumber(a, b)) return true;
  const x = decimalOf(a);
  const y = decimalOf(b);
  const aligned = x === undefined || y === undefined ? undefined : align(x, y);
  if (aligned === undefined) return false;
  const [p, q, exponent] = aligned;
  const apart = { digits: magnitude(p - q), exponent };
  const larger = magnitude(p) > magnitude(q) ? magnitude(p) : magnitude(q);
  const absolute = decimalOf(String(tolerance.absolute ?? 0));
  const relative = decimalOf(String(tolerance.relative ?? 0));
  if (absolute === undefined || relative === undefined) return false;
  const part = { digits: relative.digits * larger, exponent: relative.exponent + exponent };
  return isAtMost(apart, absolute) || isAtMost(apart, part);
}

function decimalOf(text: string): Decimal | undefined {
  const found = /^(-?\d+)(?:e(-?\d+))?$/.exec(canonicalNumber(text));
  if (found === null || (found[2] ?? '').length > longestExponent || text.length > longestText) {
    return undefined;
  }
  return { digits: BigInt(found[1] ?? 0), exponent: BigInt(found[2] ?? 0) };
}

/** Both as digits over one power of ten; `undefined` where they lie too far apart for it. */
function align(x: Decimal, y: Decimal): readonly [bigint, bigint, bigint] | undefined {
  const exponent = x.exponent < y.exponent ? x.exponent : y.exponent;
  if (x.exponent - exponent > widestSpan || y.exponent - exponent > widestSpan) return undefined;
  return [x.digits * 10n ** (x.exponent - exponent), y.digits * 10n ** (y.exponent - exponent), exponent];
}

function isAtMost(a: Decimal, b: Decimal): boolean {
  if (a.digits === 0n) return true;
  if (b.digits === 0n) return false;
  const aligned = align(a, b);
  return aligned === undefined ? a.exponent < b.exponent : aligned[0] <= aligned[1];
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** The text of nearly every number there is; it is canonical as it stands. */
function isPlainInteger(text: string): boolean {
  if (text.length > 20) return false;
  const first = text.charCodeAt(0) === 0x2d ? 1 : 0;
  if (text.charCodeAt(first) === 0x30) return text.length === 1;
  for (let at = first; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function trimZeros(text: string, side: 'start' | 'end'): string {
  let from = 0;
  let to = text.length;
  if (side === 'start') while (from < to && text.charCodeAt(from) === 0x30) from += 1;
  else while (to > from && text.charCodeAt(to - 1) === 0x30) to -= 1;
  return text.slice(from, to);
}
