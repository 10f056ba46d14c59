const least = 1_024;
const nothing = Buffer.alloc(0);

/** Bytes that come in pieces, copied into one place that grows: a body in pieces of one byte takes no more than another. */
export class GatheredBytes {
  length = 0;
  #room: Buffer;

  /** @param announced bytes that will come; -1 where nothing is known */
  constructor(announced: number) {
    this.#room = announced > 0 ? Buffer.allocUnsafe(announced) : nothing;
  }

  add(piece: Buffer): void {
    const length = this.length + piece.length;
    if (length > this.#room.length) {
      const larger = Buffer.allocUnsafe(Math.max(least, length, this.#room.length * 2));
      larger.set(this.#room.subarray(0, this.length));
      this.#room = larger;
    }
    this.#room.set(piece, this.length);
    this.length = length;
  }

  /** What has come, in the very place where it was gathered. */
  whole(): Buffer {
    return this.length === this.#room.length ? this.#room : this.#room.subarray(0, this.length);
  }
}
