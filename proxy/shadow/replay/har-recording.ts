import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from '#shared/errors/message.ts';
import type { Recorded, Recording, Unreadable } from './recorded.types.ts';

/** A HAR is one JSON text, so it is read whole. Bytes. */
const largestHar = 256 * 1_048_576;

const archive = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });
const entry = z.object({
  request: z.object({
    method: z.string().regex(/^[A-Z][A-Z-]{0,19}$/i),
    url: z.string().refine((url) => /^https?:\/\//i.test(url) && URL.canParse(url)),
    headers: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  }),
});

/**
 * Reads an HTTP Archive (HAR 1.2), as browsers export it.
 * @throws an Error that says what is wrong with the file as a whole
 */
export function harRecording(file: string): Recording {
  if (statSync(file).size > largestHar)
    throw new Error(
      `${file} is larger than ${largestHar / 1_048_576} MiB: split it, or replay an access log`,
    );
  const entries = entriesOf(file);
  let read = 0;
  return {
    done: () => (entries.length === 0 ? 1 : read / entries.length),
    requests: (async function* () {
      for (const one of entries) {
        read += 1;
        yield requestOf(one, read);
      }
    })(),
  };
}

function entriesOf(file: string): readonly unknown[] {
  let read: unknown;
  try {
    // Some writers begin with the mark U+FEFF.
    read = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = archive.safeParse(read);
  if (!parsed.success) throw new Error(`${file} is no HAR: it has no log.entries`);
  return parsed.data.log.entries;
}

function requestOf(value: unknown, number: number): Recorded | Unreadable {
  const where = `entry ${number}`;
  const parsed = entry.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.join('.') ?? '';
    return { kind: 'unreadable', where, why: `has no right ${path === '' ? 'request' : path}` };
  }
  const { method, url, headers } = parsed.data.request;
  const { pathname, search } = new URL(url);
  return {
    kind: 'request',
    method: method.toUpperCase(),
    target: pathname + search,
    headers: headers.map(({ name, value: text }) => [name.toLowerCase(), text] as const),
  };
}
