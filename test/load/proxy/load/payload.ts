/** JSON of exactly so many bytes, in which no two places look alike: a lost, doubled or moved piece is seen. */
export function payload(bytes: number): Buffer {
  const parts: string[] = [];
  let length = 2;
  for (let index = 0; length < bytes; index += 1) {
    const part = `${index === 0 ? '' : ','}{"n":${index},"v":"${((index * 2_654_435_761) >>> 0).toString(36)}"}`;
    if (length + part.length > bytes) break;
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(`[${parts.join('')}${' '.repeat(Math.max(0, bytes - length))}]`, 'latin1');
}

/** What a POST is answered with, and the smallest body of the table: 190 bytes. */
export const smallPayload = payload(190);
export const nothing: Buffer = Buffer.alloc(0);
