import type { LegAnswer } from '../pair.types.ts';
import { codingsOf, inflate, type InflateCaps, type InflateFailure } from './inflate.ts';
import type { JsonCaps, JsonFailure, JsonValue } from './json-value.types.ts';
import { readJson } from './read-json.ts';

export type ContentCaps = InflateCaps & JsonCaps;

/** Why a body can't be compared: one of our bounds, or a coding that is broken or unknown. */
export type Undecodable = InflateFailure | Exclude<JsonFailure, 'invalid-json'>;

/** How a body is not what its content type says. */
export type Lie = 'invalid-json' | 'invalid-utf8' | 'unknown-charset';

/** A body as it is compared. `lie` tells that it is compared as less than it was declared to be. */
export type Content =
  | { readonly is: 'empty' }
  | { readonly is: 'json'; readonly value: JsonValue }
  | { readonly is: 'text'; readonly text: string; readonly lie: Lie | undefined }
  | { readonly is: 'bytes'; readonly bytes: Uint8Array; readonly lie: Lie | undefined }
  | { readonly is: 'undecodable'; readonly why: Undecodable };

type Declared = 'json' | 'text' | 'bytes' | 'unknown';

/** Reads a copy of a body: out of its codings, into characters, into JSON, each within bounds. Never throws. */
export function contentOf(answer: LegAnswer, caps: ContentCaps): Content {
  if (answer.body.length === 0) return { is: 'empty' };
  const codings = codingsOf(headerOf(answer, 'content-encoding'));
  const inflated = inflate(answer.body, { codings, caps });
  if ('failure' in inflated) return { is: 'undecodable', why: inflated.failure };
  const { bytes } = inflated;
  if (bytes.length > caps.maxInflatedBytes) return { is: 'undecodable', why: 'inflates-too-far' };
  if (bytes.length === 0) return { is: 'empty' };
  const contentType = headerOf(answer, 'content-type') ?? '';
  const declared = declaredAs(contentType);
  if (declared === 'bytes') return { is: 'bytes', bytes, lie: undefined };
  const text = textOf(bytes, contentType);
  if (typeof text !== 'string') {
    return { is: 'bytes', bytes, lie: declared === 'unknown' ? undefined : text.lie };
  }
  if (declared !== 'json' && !looksLikeJson(text)) return { is: 'text', text, lie: undefined };
  const read = readJson(text, caps);
  if ('value' in read) return { is: 'json', value: read.value };
  if (read.failure !== 'invalid-json') return { is: 'undecodable', why: read.failure };
  return { is: 'text', text, lie: declared === 'json' ? 'invalid-json' : undefined };
}

/** The value of a header that is a list: repeated lines are one (RFC 9110, 5.2). */
export function headerOf(answer: LegAnswer, name: string): string | undefined {
  let value: string | undefined;
  for (const [other, text] of answer.headers) {
    if (other === name) value = value === undefined ? text : `${value}, ${text}`;
  }
  return value;
}

function declaredAs(contentType: string): Declared {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (type === '') return 'unknown';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  const isText =
    type.startsWith('text/') ||
    type.endsWith('+xml') ||
    /^application\/(?:xml|javascript|x-www-form-urlencoded|x-ndjson|yaml|graphql)$/.test(type);
  return isText ? 'text' : 'bytes';
}

const byteOrderMark = '\uFEFF';

/** Decoders are kept, as each is costly to make; the platform knows some two hundred labels. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

function textOf(bytes: Uint8Array, contentType: string): string | { readonly lie: Lie } {
  const label = /;\s*charset\s*=\s*"?([\w:.+-]{1,40})"?/i.exec(contentType)?.[1]?.toLowerCase() ?? 'utf-8';
  let decoder = decoders.get(label);
  try {
    decoder ??= new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch {
    return { lie: 'unknown-charset' };
  }
  decoders.set(label, decoder);
  try {
    const text = decoder.decode(bytes);
    return text.startsWith(byteOrderMark) ? text.slice(1) : text;
  } catch {
    return { lie: 'invalid-utf8' };
  }
}

/** Answers in JSON under another type, or under none, are common enough to be looked at. */
function looksLikeJson(text: string): boolean {
  return /^\s{0,64}[[{]/.test(text);
}
