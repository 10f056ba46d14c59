import type { JsonArray, JsonCaps, JsonObject, JsonResult, JsonValue } from './json-value.types.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Reads JSON (RFC 8259) without what `JSON.parse` loses: the text of numbers and repeated names. It keeps its own stack,
 * so no depth of nesting can overflow the thread's, and never throws.
 */
export function readJson(text: string, caps: JsonCaps): JsonResult {
  const open: (JsonArray | JsonObject)[] = [];
  const names: string[] = [];
  let at = skipSpace(text, 0);
  let values = 0;
  for (;;) {
    // One value begins here.
    values += 1;
    if (values > caps.maxValues) return { failure: 'too-many-values', at };
    const code = text.charCodeAt(at);
    let value: JsonValue;
    if (code === openBrace || code === openBracket) {
      if (open.length >= caps.maxDepth) return { failure: 'too-deep', at };
      at = skipSpace(text, at + 1);
      const isObject = code === openBrace;
      value = isObject
        ? { is: 'object', members: new Map(), repeated: undefined }
        : { is: 'array', items: [] };
      if (text.charCodeAt(at) === (isObject ? closeBrace : closeBracket)) {
        at += 1;
      } else {
        open.push(value);
        if (isObject) {
          at = readName(text, at, names);
          if (at < 0) return { failure: 'invalid-json', at: -at - 1 };
        }
        continue;
      }
    } else if (code === quote) {
      const end = endOfString(text, at);
      const string = end < 0 ? undefined : stringOf(text, at, end);
      if (string === undefined) return { failure: 'invalid-json', at };
      value = string;
      at = end;
    } else {
      const word = wordAt(text, at, code);
      if (word === undefined) return { failure: 'invalid-json', at };
      value = word.value;
      at = word.end;
    }

    // It ends here, and maybe what holds it does as well.
    for (;;) {
      at = skipSpace(text, at);
      const holder = open.at(-1);
      if (holder === undefined) return at === text.length ? { value } : { failure: 'invalid-json', at };
      if (holder.is === 'array') holder.items.push(value);
      else keep(holder, names.pop() ?? '', value);
      const next = text.charCodeAt(at);
      if (next === comma) {
        at = skipSpace(text, at + 1);
        if (holder.is === 'object') {
          at = readName(text, at, names);
          if (at < 0) return { failure: 'invalid-json', at: -at - 1 };
        }
        break;
      }
      if (next !== (holder.is === 'array' ? closeBracket : closeBrace))
        return { failure: 'invalid-json', at };
      at += 1;
      open.pop();
      value = holder;
    }
  }
}

function keep(holder: JsonObject, name: string, value: JsonValue): void {
  const before = holder.members.get(name);
  if (before !== undefined) {
    holder.repeated ??= new Map();
    const earlier = holder.repeated.get(name);
    if (earlier === undefined) holder.repeated.set(name, [before]);
    else earlier.push(before);
  }
  holder.members.set(name, value);
}

/** @returns where the member's value begins; `-at - 1` where the text is wrong at `at` */
function readName(text: string, at: number, names: string[]): number {
  if (text.charCodeAt(at) !== quote) return -at - 1;
  const end = endOfString(text, at);
  const name = end < 0 ? undefined : stringOf(text, at, end);
  if (name === undefined) return -at - 1;
  names.push(name);
  const after = skipSpace(text, end);
  return text.charCodeAt(after) === colon ? skipSpace(text, after + 1) : -after - 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

/** @returns the place after the closing quote; -1 where there is none, or a control character comes first */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code < 0x20) return -1;
    if (code === backslash) at += 1;
  }
  return -1;
}

function stringOf(text: string, from: number, end: number): string | undefined {
  const raw = text.slice(from + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  try {
    // Escapes are the platform's to read: one string has no depth.
    return String(JSON.parse(text.slice(from, end)));
  } catch {
    return undefined;
  }
}

/** @returns the place after a plain integer such as 4711; `from` where there is another number, or none */
function endOfInteger(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first < 0x31 || first > 0x39) return from;
  for (let at = from + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) continue;
    // A fraction or an exponent follows.
    return code === 0x2e || code === 0x65 || code === 0x45 ? from : at;
  }
}

function wordAt(
  text: string,
  at: number,
  code: number,
): { readonly value: JsonValue; readonly end: number } | undefined {
  if (code === 0x74 && text.startsWith('true', at)) return { value: true, end: at + 4 };
  if (code === 0x66 && text.startsWith('false', at)) return { value: false, end: at + 5 };
  if (code === 0x6e && text.startsWith('null', at)) return { value: null, end: at + 4 };
  const end = endOfInteger(text, at);
  if (end > at) return { value: { is: 'number', text: text.slice(at, end) }, end };
  number.lastIndex = at;
  const found = number.exec(text)?.[0];
  return found === undefined ? undefined : { value: { is: 'number', text: found }, end: at + found.length };
}
