/** Bytes that are written one after the other, with the variable-length numbers of the WebAssembly format. */
export class ByteWriter {
  private buffer = new Uint8Array(256);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** What was written; a view that the next write may leave behind. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.used);
  }

  byte(value: number): void {
    if (this.used === this.buffer.length) this.grow(1);
    this.buffer[this.used++] = value;
  }

  append(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.buffer.length) this.grow(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** LEB128 without sign. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** LEB128 with sign, for 32 bits. */
  signed(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.byte(low);
        return;
      }
      this.byte(low | 0x80);
    }
  }

  /** LEB128 with sign, for 64 bits. */
  signedBig(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) {
        this.byte(low);
        return;
      }
      this.byte(low | 0x80);
    }
  }

  /** Five bytes of LEB128 that `patch` fills in later. */
  placeholder(): number {
    const at = this.used;
    for (let i = 0; i < 5; i++) this.byte(0);
    return at;
  }

  patch(at: number, value: number): void {
    let rest = value >>> 0;
    for (let i = 0; i < 5; i++) {
      this.buffer[at + i] = (rest & 0x7f) | (i < 4 ? 0x80 : 0);
      rest >>>= 7;
    }
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.used + needed));
    larger.set(this.bytes);
    this.buffer = larger;
  }
}
