import type { Side } from '#flags/stages.ts';
import type { HeaderLines } from '#proxy/http/seam.ts';
import type { LegAnswer, Pair } from '../pair.types.ts';
import type { Copy, CopiedAnswer } from './copy.ts';

type Field = string | number | boolean | undefined;

/** Pairs on their way to the comparing thread: one flat list and one block of bytes, so that a message costs little. */
export interface PackedPairs {
  readonly fields: readonly Field[];
  /** The bodies in their sequence; handed over, not copied. */
  readonly bytes: ArrayBuffer;
}

/** Whole pairs only: those with both answers. Header lines go as text, and are taken apart by the other thread. */
export function packPairs(copies: readonly Copy[]): PackedPairs {
  const fields: Field[] = [];
  const bodies: Buffer[] = [];
  let length = 0;
  const addBody = (body: Buffer | undefined): void => {
    fields.push(body?.length ?? -1);
    if (body === undefined) return;
    bodies.push(body);
    length += body.length;
  };
  const addAnswer = (answer: CopiedAnswer | undefined): void => {
    fields.push(answer?.status ?? -1, answer?.lines, answer?.durationMs ?? 0);
    addBody(answer?.body);
  };
  for (const copy of copies) {
    const { plan, key, primarySide, method, target } = copy.facts;
    fields.push(plan.migration, plan.route, key, copy.at, method, target, copy.lines, primarySide);
    fields.push(copy.againWhy, copy.recheck, copy.nearWrite);
    addBody(copy.requestBody);
    addAnswer(copy.primary);
    addAnswer(copy.shadow);
    addAnswer(copy.again);
  }
  const bytes = new ArrayBuffer(length);
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const body of bodies) {
    all.set(body, at);
    at += body.length;
  }
  return { fields, bytes };
}

export function unpackPairs({ fields, bytes }: PackedPairs): Pair[] {
  const pairs: Pair[] = [];
  let field = 0;
  let at = 0;
  const next = (): Field => {
    field += 1;
    return fields[field - 1];
  };
  const body = (): Uint8Array | undefined => {
    const length = next() as number;
    if (length === -1) return undefined;
    at += length;
    return new Uint8Array(bytes, at - length, length);
  };
  const answer = (): LegAnswer | undefined => {
    const status = next() as number;
    const lines = next() as string | undefined;
    const durationMs = next() as number;
    const content = body();
    if (status === -1 || content === undefined) return undefined;
    return { status, headers: headerLines(lines ?? ''), body: content, durationMs };
  };
  while (field < fields.length) {
    const [migration, route] = [next() as string, next() as string];
    const key = next() as string | undefined;
    const time = next() as number;
    const [method, target, lines] = [next() as string, next() as string, next() as string];
    const primarySide = next() as Side;
    const againWhy = next() as Pair['againWhy'];
    const [recheck, nearWrite] = [next() as boolean, next() as boolean];
    const request = { method, target, headers: headerLines(lines), body: body() };
    const [primary, shadow, again] = [answer(), answer(), answer()];
    if (primary === undefined || shadow === undefined) continue;
    const legs = { primary, shadow, again, againWhy, nearWrite, recheck };
    pairs.push({ migration, route, key, at: time, request, primarySide, ...legs });
  }
  return pairs;
}

/** @param lines each with its CR LF */
export function headerLines(lines: string): HeaderLines {
  return lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
}
