import { createRequire } from 'node:module';

/**
 * A thin binding to llhttp, the parser of Node and undici, compiled to WebAssembly as undici ships it. No lenient flag
 * is ever set. One instance serves all connections: parsing is synchronous and never nested, so the input buffer and
 * the parser that the callbacks write to are shared. Why this build: docs/architecture/adr/data-plane-parser.md.
 */

interface Llhttp {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  llhttp_alloc(kind: number): number;
  llhttp_reset(parser: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_finish(parser: number): number;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_get_http_major(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
}

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { env: Record<string, (...numbers: number[]) => number> },
  ) => { exports: unknown };
}

const requireModule = createRequire(import.meta.url);
const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

const paused = 21;
const inputBytes = 65_536;

export type MessageKind = 'request' | 'response';
const kinds = { request: 1, response: 2 } as const satisfies Record<MessageKind, number>;

const { METHODS } = requireModule('undici/lib/llhttp/constants.js') as { METHODS: Record<string, number> };
const methodNames: string[] = [];
for (const [name, number] of Object.entries(METHODS)) methodNames[number] = name;

/** Where the callbacks put what they are told; set for the time of one `execute`. */
let current: Parser;
const enter = (parser: Parser): void => {
  current = parser;
};

const { exports } = new Instance(
  new Module(requireModule('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array),
  {
    env: {
      wasm_on_message_begin: () => 0,
      wasm_on_url: (_pointer, at = 0, length = 0) => current.onTarget(at, length),
      wasm_on_status: (_pointer, at = 0, length = 0) => current.onTarget(at, length),
      wasm_on_header_field: (_pointer, at = 0, length = 0) => current.onField(at, length),
      wasm_on_header_value: (_pointer, at = 0, length = 0) => current.onValue(at, length),
      wasm_on_headers_complete: (_pointer, status = 0, upgrade = 0, keepAlive = 0) =>
        current.onHeadersComplete(status, upgrade === 1, keepAlive === 1),
      wasm_on_body: (_pointer, at = 0, length = 0) => current.onBody(at, length),
      wasm_on_message_complete: () => current.onMessageComplete(),
    },
  },
);
const wasm = exports as Llhttp;

const inputPointer = wasm.malloc(inputBytes);
let input = new Uint8Array(wasm.memory.buffer, inputPointer, inputBytes);

/** Parsers of closed connections, to be used again: WebAssembly memory is never given back. */
const free: Record<MessageKind, number[]> = { request: [], response: [] };

/**
 * Parses the messages of one connection, one after the other. Feed it with `parse` until `messageComplete`, take what
 * it found, then `reset` it for the next message.
 */
export class Parser {
  readonly kind: MessageKind;
  /** The head as latin1, as far as it was read; complete with `headComplete`. */
  text = '';
  /** Request target, or reason phrase of a response, in `text`. */
  targetStart = 0;
  targetEnd = 0;
  /** Four numbers for each field, offsets in `text`: name from, name to, value from, value to. */
  readonly spans: number[] = [];
  fieldCount = 0;
  headComplete = false;
  messageComplete = false;
  status = 0;
  /** The peer asks to leave HTTP/1 after this message (`Upgrade`, CONNECT or 101). */
  upgrade = false;
  keepAlive = false;
  /** For the answer to a HEAD: no body follows, whatever the head says. */
  skipBody = false;
  /** llhttp's error number, 0 while all is well. */
  error = 0;
  /** Body bytes of the message so far. */
  bodyBytes = 0;
  /** Bytes after the head that are not body: chunk sizes, extensions and trailers. */
  framingBytes = 0;

  #pointer: number;
  /** What turns an address of the input buffer into an offset in `text`, or in the chunk being parsed. */
  #textBase = 0;
  #chunkBase = 0;
  #lastEnd = 0;
  #valueSeen = true;
  #bodyCount = 0;
  readonly #bodySpans: number[] = [];

  constructor(kind: MessageKind) {
    this.kind = kind;
    this.#pointer = free[kind].pop() ?? wasm.llhttp_alloc(kinds[kind]);
  }

  /** Gives the parser's memory back. It must not be used again. */
  dispose(): void {
    if (this.#pointer === 0) return;
    wasm.llhttp_reset(this.#pointer);
    free[this.kind].push(this.#pointer);
    this.#pointer = 0;
  }

  /** Forgets the message, so that the next byte begins a new one. */
  reset(): void {
    wasm.llhttp_reset(this.#pointer);
    this.text = '';
    this.targetStart = 0;
    this.targetEnd = 0;
    this.fieldCount = 0;
    this.headComplete = false;
    this.messageComplete = false;
    this.skipBody = false;
    this.error = 0;
    this.bodyBytes = 0;
    this.framingBytes = 0;
    this.#lastEnd = 0;
    this.#valueSeen = true;
    this.#bodyCount = 0;
  }

  /**
   * Parses `chunk` from the offset `from`, at most to the end of one message and at most 64 KiB.
   * @returns the offset of the first byte that was not parsed; on an error (see `error`) it is `from`.
   */
  parse(chunk: Buffer, from: number): number {
    const length = Math.min(chunk.length - from, inputBytes);
    if (input.byteLength === 0) input = new Uint8Array(wasm.memory.buffer, inputPointer, inputBytes);
    input.set(length === chunk.length ? chunk : chunk.subarray(from, from + length));
    const inHead = !this.headComplete;
    const before = this.text.length;
    const bodyBefore = this.bodyBytes;
    this.#textBase = before - inputPointer;
    this.#chunkBase = from - inputPointer;
    this.#bodyCount = 0;
    enter(this);
    const code = wasm.llhttp_execute(this.#pointer, inputPointer, length);
    let consumed = length;
    if (code === paused) consumed = wasm.llhttp_get_error_pos(this.#pointer) - inputPointer;
    else if (code !== 0) {
      this.error = code;
      consumed = 0;
    }
    let headBytes = 0;
    if (inHead) {
      headBytes = this.headComplete ? Math.max(0, this.#lastEnd - before) : length;
      this.text += chunk.toString('latin1', from, from + headBytes);
    }
    if (this.headComplete)
      this.framingBytes += Math.max(0, consumed - headBytes - (this.bodyBytes - bodyBefore));
    return from + consumed;
  }

  /** The body bytes that the last `parse` found in `chunk`: a view where they lie together, else a copy. */
  takeBody(chunk: Buffer): Buffer | undefined {
    const spans = this.#bodySpans;
    if (this.#bodyCount === 0) return undefined;
    if (this.#bodyCount === 2) return chunk.subarray(spans[0], spans[1]);
    const parts: Buffer[] = [];
    for (let i = 0; i < this.#bodyCount; i += 2) parts.push(chunk.subarray(spans[i], spans[i + 1]));
    return Buffer.concat(parts);
  }

  /** Tells the parser that the peer ended the stream. Returns whether that is a proper end of the message. */
  finish(): boolean {
    if (this.messageComplete) return true;
    enter(this);
    const code = wasm.llhttp_finish(this.#pointer);
    return (code === 0 || code === paused) && this.messageComplete;
  }

  method(): string {
    return methodNames[wasm.llhttp_get_method(this.#pointer)] ?? '';
  }

  /** 10 for HTTP/1.0, 11 for HTTP/1.1; llhttp knows 0.9 and 2.0 too, which nobody speaks here. */
  version(): number {
    return wasm.llhttp_get_http_major(this.#pointer) * 10 + wasm.llhttp_get_http_minor(this.#pointer);
  }

  /** What llhttp has to say about `error`, for logs. */
  reason(): string {
    const at = wasm.llhttp_get_error_reason(this.#pointer);
    if (at === 0) return '';
    const memory = Buffer.from(wasm.memory.buffer, at, 128);
    return memory.toString('latin1', 0, memory.indexOf(0));
  }

  onTarget(at: number, length: number): number {
    const start = at + this.#textBase;
    if (this.targetEnd === 0) this.targetStart = start;
    this.targetEnd = start + length;
    this.#lastEnd = this.targetEnd;
    return 0;
  }

  onField(at: number, length: number): number {
    if (this.headComplete) return 0;
    const start = at + this.#textBase;
    if (this.#valueSeen) {
      this.spans[this.fieldCount * 4] = start;
      this.fieldCount += 1;
      this.#valueSeen = false;
    }
    this.#lastEnd = start + length;
    this.spans[this.fieldCount * 4 - 3] = this.#lastEnd;
    return 0;
  }

  onValue(at: number, length: number): number {
    if (this.headComplete) return 0;
    const start = at + this.#textBase;
    if (!this.#valueSeen) {
      this.spans[this.fieldCount * 4 - 2] = start;
      this.#valueSeen = true;
    }
    this.#lastEnd = start + length;
    this.spans[this.fieldCount * 4 - 1] = this.#lastEnd;
    return 0;
  }

  onHeadersComplete(status: number, upgrade: boolean, keepAlive: boolean): number {
    this.status = status;
    this.upgrade = upgrade;
    this.keepAlive = keepAlive;
    this.headComplete = true;
    return this.skipBody ? 1 : 0;
  }

  onBody(at: number, length: number): number {
    const start = at + this.#chunkBase;
    this.#bodySpans[this.#bodyCount] = start;
    this.#bodySpans[this.#bodyCount + 1] = start + length;
    this.#bodyCount += 2;
    this.bodyBytes += length;
    return 0;
  }

  onMessageComplete(): number {
    this.messageComplete = true;
    return paused;
  }
}
