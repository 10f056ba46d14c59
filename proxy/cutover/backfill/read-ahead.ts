import { PassThrough, Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface ReadAhead {
  /** The same bytes, to be piped on. */
  readonly stream: Readable;
  /** Resolves when the source has ended or `limit` bytes wait; rejects with what the source failed of. */
  readonly ready: Promise<void>;
  readonly bytes: () => number;
}

/**
 * Takes up to `limit` bytes of a stream before anybody reads them. A chunk of usual size is so read to its end before the
 * other side takes a lock for it; a huge one waits for its reader, so memory stays bounded.
 */
export function readAhead(source: Readable, limit: number): ReadAhead {
  let bytes = 0;
  const filled = Promise.withResolvers<void>();
  const stream = new Transform({
    readableHighWaterMark: limit,
    writableHighWaterMark: 64 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes >= limit) filled.resolve();
      done(null, chunk);
    },
    flush(done) {
      filled.resolve();
      done();
    },
  });
  // The end is waited for below, together with what reads it: an error also destroys `stream` and so ends its reader.
  pipeline(source, stream).catch(filled.reject);
  // Whoever never asks must not end the process.
  filled.promise.catch(() => undefined);
  return { stream, ready: filled.promise, bytes: () => bytes };
}

/** The rest of a stream goes nowhere. */
export async function discard(stream: Readable): Promise<void> {
  await pipeline(stream, new PassThrough().resume());
}
