import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';

export interface InflateCaps {
  /** Bytes of a body when it is out of all its codings. Bounds the time as well: work grows with what comes out. */
  readonly maxInflatedBytes: number;
  /** Times that a body may grow in one coding, beyond 64 KiB that are always free. */
  readonly maxRatio: number;
  /** Codings on top of each other. */
  readonly maxCodings: number;
}

export type InflateFailure = 'inflates-too-far' | 'too-many-codings' | 'unknown-coding' | 'broken-coding';

const alwaysFree = 65_536;

type Inflate = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** By the names of RFC 9110, 8.4.1; `x-` as there. */
const inflates: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['br', brotliDecompressSync],
  ['zstd', zstdDecompressSync],
  ['deflate', (bytes, options) => (hasZlibHead(bytes) ? inflateSync : inflateRawSync)(bytes, options)],
]);

/** @returns the codings in which a body is, outermost last; a missing header and `identity` are none */
export function codingsOf(contentEncoding: string | undefined): readonly string[] {
  if (contentEncoding === undefined) return [];
  const names = contentEncoding.split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '' && name !== 'identity');
}

/** Takes a copy of a body out of its codings, within bounds; never throws. */
export function inflate(
  body: Uint8Array,
  { codings, caps }: { readonly codings: readonly string[]; readonly caps: InflateCaps },
): { readonly bytes: Uint8Array } | { readonly failure: InflateFailure } {
  if (codings.length > caps.maxCodings) return { failure: 'too-many-codings' };
  let bytes = body;
  for (const coding of codings.toReversed()) {
    const decode = inflates.get(coding);
    if (decode === undefined) return { failure: 'unknown-coding' };
    const most = Math.min(caps.maxInflatedBytes, alwaysFree + bytes.length * caps.maxRatio);
    try {
      bytes = decode(bytes, { maxOutputLength: most });
    } catch (error) {
      const isBound = Error.isError(error) && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { failure: isBound ? 'inflates-too-far' : 'broken-coding' };
    }
  }
  return { bytes };
}

/** Many servers send bare deflate data where RFC 9110 asks for a zlib head around it; the head is told by its check. */
function hasZlibHead(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0;
}
