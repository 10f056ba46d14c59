import type { normalisers } from '#proxy/config/shadow-rules.ts';
import { canonicalNumber } from './decimal.ts';
import { instantOf } from './instants.ts';
import type { JsonValue } from './json-value.types.ts';

export type Normaliser = (typeof normalisers)[number];

/** What a value is alike to, for each named normaliser of texts. A value that it is not made for stays as it is. */
const ofText: Readonly<Partial<Record<Normaliser, (text: string) => string>>> = {
  lowercase: (text) => text.toLowerCase(),
  trim: (text) => text.trim(),
  'collapse-space': (text) => text.replace(/\s+/g, ' ').trim(),
  'unicode-nfc': (text) => text.normalize('NFC'),
  url: (text) => (URL.canParse(text) ? new URL(text).href : text),
  uuid: (text) => {
    const found = /^(?:urn:uuid:|\{)?([\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12})\}?$/i.exec(text);
    return found?.[1]?.replaceAll('-', '').toLowerCase() ?? text;
  },
  'iso-instant': (text) => {
    const time = instantOf(text);
    return time === undefined ? text : `instant ${time}`;
  },
};

/** The value after all of `names`, in their sequence; what they do to other kinds of value is nothing. */
export function normalise(value: JsonValue | undefined, names: readonly Normaliser[]): JsonValue | undefined {
  let result = value;
  for (const name of names) {
    if (name === 'null-is-missing') {
      if (result === null) result = undefined;
    } else if (name === 'scalar-text') {
      result = scalarText(result);
    } else if (typeof result === 'string') {
      result = ofText[name]?.(result) ?? result;
    } else if (name === 'iso-instant' && isNumber(result)) {
      const time = instantOf(canonicalNumber(result.text));
      if (time !== undefined) result = `instant ${time}`;
    }
  }
  return result;
}

export function isNumber(value: JsonValue | undefined): value is Extract<JsonValue, { is: 'number' }> {
  return typeof value === 'object' && value !== null && value.is === 'number';
}

function scalarText(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'boolean') return String(value);
  return isNumber(value) ? canonicalNumber(value.text) : value;
}
