import type { RedactConfig } from '#proxy/config/shadow-rules.ts';

export type Detector = RedactConfig['detectors'][number];

interface Look {
  readonly pattern: RegExp;
  /** Whether a match is one; default: it is. */
  readonly isOne?: (match: string) => boolean;
}

// Every repetition is bounded or can be matched in one way only, so no text takes more than linear time.

const looks: Readonly<Record<Detector, readonly Look[]>> = {
  token: [
    { pattern: /\beyJ[\w-]{4,}\.[\w-]{4,}(?:\.[\w-]*)?/g },
    { pattern: /\b(?:bearer|basic|digest|negotiate)\s{1,4}[\w.~+/=-]{6,}/gi },
    { pattern: /\b(?:sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat|AKIA|ASIA)[_-]?[A-Za-z0-9_-]{14,}/g },
    { pattern: /(?<![\w-])[\dA-Fa-f]{32,}(?![\w-])/g },
    // Random text of letters in both cases and digits; a name, a path or a UUID lacks one of the three.
    {
      pattern: /(?<![\w+/=-])[\w+/-]{24,}={0,2}/g,
      isOne: (text) => /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text) && !/[/_-]{2}/.test(text),
    },
  ],
  email: [
    { pattern: /[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu },
  ],
  card: [{ pattern: /(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w]|\.\d)/g, isOne: isCard }],
  phone: [{ pattern: /(?<![\w.+-])(?:\+|\()?\d[\d()./ -]{6,22}\d(?![\w-]|\.\d)/g, isOne: isPhone }],
};

/** Tokens first: what they hold may look like anything else. */
const sequence: readonly Detector[] = ['token', 'email', 'card', 'phone'];

/** Replaces what looks like personal data or a secret by its kind in brackets. */
export function hideDetected(text: string, detectors: readonly Detector[]): string {
  // Each look needs one of these; most texts have neither, and are short.
  if (text.length < 6) return text;
  let result = text;
  for (const detector of sequence) {
    if (!detectors.includes(detector)) continue;
    for (const { pattern, isOne } of looks[detector]) {
      result = result.replace(pattern, (match) =>
        isOne === undefined || isOne(match) ? `[${detector}]` : match,
      );
    }
  }
  return result;
}

/** ISO/IEC 7812: 13 to 19 digits, an issuer's first digit, and Luhn's check. */
function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** E.164 allows 15 digits. Bare digits are a number or an id, unless they begin as numbers and ids don't. */
function isPhone(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 15) return false;
  if (/^(?:\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{4}$)/.test(text) || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text))
    return false;
  if (text.startsWith('+') || text.startsWith('(') || text.startsWith('00')) return true;
  const separators = text.replace(/\d/g, '');
  if (separators === '') return /^0[1-9]/.test(digits) && digits.length >= 9 && digits.length <= 12;
  if (separators === '.') return false;
  return separators.length >= 2 || digits.startsWith('0');
}
