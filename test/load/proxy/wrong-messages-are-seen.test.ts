import { expect, test } from '@jest/globals';
import { createMessageReader } from './load/message-reader.ts';
import { payload } from './load/payload.ts';

const body = payload(190);

/** Reads `bytes` in pieces; tells how many whole messages there were. */
function read(bytes: Buffer, piece: number): number {
  let whole = 0;
  const take = createMessageReader({ onHead: () => body, onEnd: () => void (whole += 1) });
  for (let at = 0; at < bytes.length; at += piece) take(bytes.subarray(at, at + piece));
  return whole;
}

const withLength = (content: Buffer, length = content.length): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`), content]);

function chunked(content: Buffer): Buffer {
  const [first, second] = [content.subarray(0, 77), content.subarray(77)].map((part) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]),
  );
  const head = Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
  return Buffer.concat([head, first ?? head, second ?? head, Buffer.from('0\r\n\r\n')]);
}

test('whole messages are counted, however they are cut and framed', () => {
  const stream = Buffer.concat([withLength(body), chunked(body), withLength(body)]);
  for (const piece of [1, 2, 3, 7, 64, 200, stream.length]) expect(read(stream, piece)).toBe(3);
});

test('a body of the right size with one other byte is wrong', () => {
  const changed = Buffer.from(body).fill('X', 100, 101);
  expect(() => read(withLength(changed), 1_000)).toThrow('other bytes');
  expect(() => read(chunked(changed), 5)).toThrow('other bytes');
});

test('a body that is shorter or longer is wrong', () => {
  expect(() => read(withLength(body.subarray(1)), 1_000)).toThrow('189 bytes of body, not 190');
  expect(() => read(chunked(body.subarray(0, 189)), 1_000)).toThrow('a body of 189 bytes, not 190');
  expect(() => read(chunked(Buffer.concat([body, body])), 1_000)).toThrow('other bytes');
});

test('a message that is not yet whole counts for nothing', () => {
  const stream = withLength(body);
  expect(read(stream.subarray(0, -1), 50)).toBe(0);
});

test('bodies are exactly as long as asked for, and JSON', () => {
  for (const bytes of [190, 16_384]) {
    const text = payload(bytes).toString();
    expect(text).toHaveLength(bytes);
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  }
});
