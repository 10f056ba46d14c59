import type { Request } from 'express';
import { parseJson } from '../contract/entry.ts';

/** @throws Fault `bad-json` */
export function bodyOf(request: Request): unknown {
  const body: unknown = request.body;
  return parseJson(Buffer.isBuffer(body) ? body.toString('utf8') : '');
}
