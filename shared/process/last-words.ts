import type { Readable } from 'node:stream';

const keptCharacters = 2_000;

/** Keeps the end of what a child writes (normally to standard error), for the message that tells why it ended. */
export function lastWords(stream: Readable | null): () => string {
  let tail = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-keptCharacters);
  });
  return () => tail.trim();
}
