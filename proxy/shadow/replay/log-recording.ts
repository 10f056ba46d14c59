import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { readLogLine } from './access-log.ts';
import type { Recorded, Recording, Unreadable } from './recorded.types.ts';

/** Longer lines are no requests that any server took; the rest of one is skipped. Characters. */
const longestLine = 65_536;

/** An access log, read as it is needed, whatever its size; `.gz` is unpacked. @throws what `stat` throws */
export function logRecording(file: string): Recording {
  const { size } = statSync(file);
  let read = 0;
  const bytes = createReadStream(file);
  bytes.on('data', (chunk) => (read += chunk.length));
  // Errors of the first come out of the second.
  const plain = file.endsWith('.gz') ? pipeline(bytes, createGunzip(), () => undefined) : bytes;
  return { requests: requestsIn(plain.setEncoding('utf8')), done: () => (size === 0 ? 1 : read / size) };
}

async function* requestsIn(texts: AsyncIterable<string>): AsyncIterable<Recorded | Unreadable> {
  let number = 0;
  for await (const line of boundedLines(texts)) {
    number += 1;
    if (line === undefined) {
      yield { kind: 'unreadable', where: `line ${number}`, why: `is longer than ${longestLine} characters` };
      continue;
    }
    if (line.trim() === '') continue;
    const found = readLogLine(line);
    if ('why' in found) yield { kind: 'unreadable', where: `line ${number}`, why: found.why };
    else yield { kind: 'request', ...found, headers: [] };
  }
}

/** Lines without their ends; `undefined` stands for one that is too long. */
export async function* boundedLines(texts: AsyncIterable<string>): AsyncIterable<string | undefined> {
  let rest = '';
  let tooLong = false;
  for await (const text of texts) {
    const lines = text.split('\n');
    for (const [index, part] of lines.entries()) {
      if (!tooLong) rest += part;
      if (rest.length > longestLine) {
        tooLong = true;
        rest = '';
      }
      if (index === lines.length - 1) break;
      yield tooLong ? undefined : rest.replace(/\r$/, '');
      rest = '';
      tooLong = false;
    }
  }
  if (tooLong) yield undefined;
  else if (rest !== '') yield rest;
}
