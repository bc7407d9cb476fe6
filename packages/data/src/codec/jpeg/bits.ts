import type { Refuse } from "../reader.ts";

/** Bits that a lookup may see at once; longer codes take the slow path. */
const FAST_BITS = 9;

/**
 * A Huffman table made for decoding (ITU-T T.81, annexes C and F.2.2.3): `fast` maps the next nine bits to
 * `length << 8 | symbol` (0: a longer code), the other arrays hold for each length the largest code and where its symbols are.
 */
export interface HuffmanTable {
  readonly fast: Uint16Array;
  readonly maxCode: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** Builds a table from the number of codes of each length 1..16 and their symbols. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array, refuse: Refuse): HuffmanTable {
  const fast = new Uint16Array(1 << FAST_BITS);
  const maxCode = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] as number;
    if (code + count > 1 << length) throw refuse("a Huffman table has more codes than fit their lengths");
    offset[length] = index - code;
    for (let i = 0; i < count; i++, code++, index++) {
      if (length > FAST_BITS) continue;
      const entry = (length << 8) | (symbols[index] as number);
      fast.fill(entry, code << (FAST_BITS - length), (code + 1) << (FAST_BITS - length));
    }
    if (count > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  return { fast, maxCode, offset, symbols };
}

/** Reads the bits of one scan. Past its end it sees zeros, and throws once such a bit has been used. */
export class BitReader {
  /** Position of the next byte to load. */
  private at: number;
  private held = 0;
  private count = 0;
  /** Bits in `held` that are not from the file. */
  private invented = 0;
  private readonly bytes: Uint8Array;
  private readonly refuse: Refuse;

  constructor(bytes: Uint8Array, at: number, refuse: Refuse) {
    this.bytes = bytes;
    this.at = at;
    this.refuse = refuse;
  }

  /** Loads bytes until at least 16 bits are held; 0xFF00 stands for 0xFF, any other marker ends the data. */
  private fill(): void {
    while (this.count <= 16) {
      let byte = 0;
      const next = this.bytes[this.at];
      if (next === undefined || (next === 0xff && this.bytes[this.at + 1] !== 0)) this.invented += 8;
      else {
        byte = next;
        this.at += next === 0xff ? 2 : 1;
      }
      this.held = ((this.held << 8) | byte) & 0xffffff;
      this.count += 8;
    }
  }

  private drop(bits: number): void {
    this.count -= bits;
    if (this.count < this.invented) throw this.refuse("its image data are cut short or damaged");
  }

  /** An unsigned number of up to 16 bits. */
  bits(n: number): number {
    if (n === 0) return 0;
    if (this.count < n) this.fill();
    const value = (this.held >>> (this.count - n)) & ((1 << n) - 1);
    this.drop(n);
    return value;
  }

  /** A signed number of n bits: the upper half of the values is positive, the lower half negative (T.81, F.2.2.1). */
  signed(n: number): number {
    if (n === 0) return 0;
    const value = this.bits(n);
    return value < 1 << (n - 1) ? value - (1 << n) + 1 : value;
  }

  /** The next Huffman symbol. */
  symbol(table: HuffmanTable): number {
    if (this.count < 16) this.fill();
    const entry = table.fast[(this.held >>> (this.count - FAST_BITS)) & ((1 << FAST_BITS) - 1)] as number;
    if (entry !== 0) {
      this.drop(entry >> 8);
      return entry & 255;
    }
    for (let length = FAST_BITS + 1; length <= 16; length++) {
      const code = (this.held >>> (this.count - length)) & ((1 << length) - 1);
      if (code <= (table.maxCode[length] as number)) {
        this.drop(length);
        return table.symbols[(table.offset[length] as number) + code] as number;
      }
    }
    throw this.refuse("its image data hold a code that is in no Huffman table");
  }

  /** Passes the restart marker that must come next; bits before it were padding. */
  restart(): void {
    this.held = this.count = this.invented = 0;
    const at = this.end();
    const marker = this.bytes[at + 1] ?? 0;
    if (marker < 0xd0 || marker > 0xd7) throw this.refuse("a restart marker is missing from its image data");
    this.at = at + 2;
  }

  /** Position of the marker that ends the data, or the length of the file. Bytes before it that nobody read are skipped. */
  end(): number {
    let at = this.at;
    for (;;) {
      at = this.bytes.indexOf(0xff, at);
      if (at < 0) return this.bytes.length;
      const marker = this.bytes[at + 1] ?? 0;
      if (marker !== 0 && marker !== 0xff) return at;
      at += marker === 0 ? 2 : 1;
    }
  }
}
