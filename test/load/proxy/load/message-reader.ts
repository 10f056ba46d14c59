/** What comes on one connection, one message after the other. */
export interface MessageEvents {
  /**
   * A whole head, with its blank line. Answers the body that must follow, byte for byte.
   * @throws Error that says what is wrong with the head
   */
  readonly onHead: (head: string) => Buffer;
  /** The message is whole and its body was right. */
  readonly onEnd: () => void;
}

type State = 'head' | 'length' | 'size' | 'data' | 'data-end' | 'trailer';

const headEnd = Buffer.from('\r\n\r\n', 'latin1');

/**
 * Reads HTTP/1.1 messages, as little of them as is needed to know that each is whole and right. Both ends of the bench
 * use it, so it has to be cheap; it is no parser for the open sea.
 * @returns takes the chunks; throws Error at the first thing that is wrong
 */
export function createMessageReader({ onHead, onEnd }: MessageEvents): (chunk: Buffer) => void {
  let state: State = 'head';
  let begun: Buffer | undefined;
  let expected: Buffer = Buffer.alloc(0);
  let offset = 0;
  let left = 0;
  let line = '';

  const end = (): void => {
    if (offset !== expected.length) throw new Error(`a body of ${offset} bytes, not ${expected.length}`);
    state = 'head';
    onEnd();
  };

  const startBody = (head: string): void => {
    expected = onHead(head);
    offset = 0;
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length === null && /\r\ntransfer-encoding: *chunked/i.test(head)) {
      line = '';
      state = 'size';
      return;
    }
    left = Number(length?.[1] ?? 0);
    if (left !== expected.length)
      throw new Error(`a head that says ${left} bytes of body, not ${expected.length}`);
    if (left === 0) end();
    else state = 'length';
  };

  /** Compares a run of body bytes with what they must be. */
  const compare = (chunk: Buffer, from: number): number => {
    const to = Math.min(chunk.length, from + left);
    const size = to - from;
    if (offset + size > expected.length || expected.compare(chunk, from, to, offset, offset + size) !== 0)
      throw new Error('a body with other bytes than were sent');
    offset += size;
    left -= size;
    return to;
  };

  /** Takes a line's part out of the chunk; its text is whole once `state` has to move on. */
  const takeLine = (chunk: Buffer, from: number): { at: number; whole: boolean } => {
    const at = chunk.indexOf(10, from);
    line += chunk.toString('latin1', from, at === -1 ? chunk.length : at);
    return at === -1 ? { at: chunk.length, whole: false } : { at: at + 1, whole: true };
  };

  const onLine = (text: string): void => {
    if (state === 'size') {
      left = Number.parseInt(text, 16);
      if (!(left >= 0)) throw new Error('a chunk without a size');
      state = left === 0 ? 'trailer' : 'data';
    } else if (state === 'data-end') {
      state = 'size';
    } else if (text === '') {
      end();
    }
  };

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (state === 'head') {
        const all: Buffer = begun === undefined ? chunk : Buffer.concat([begun, chunk.subarray(at)]);
        const from = begun === undefined ? at : 0;
        const found = all.indexOf(headEnd, from);
        if (found === -1) {
          // A copy: the chunk is lent.
          begun = begun === undefined ? Buffer.from(all.subarray(from)) : all;
          return;
        }
        const before = begun?.length ?? 0;
        begun = undefined;
        at = before === 0 ? found + 4 : at + found + 4 - before;
        startBody(all.toString('latin1', from, found + 4));
      } else if (state === 'length') {
        at = compare(chunk, at);
        if (left === 0) end();
      } else if (state === 'data') {
        at = compare(chunk, at);
        if (left === 0) state = 'data-end';
      } else {
        const taken = takeLine(chunk, at);
        at = taken.at;
        if (taken.whole) {
          const text = line.trimEnd();
          line = '';
          onLine(text);
        }
      }
    }
  };
}
