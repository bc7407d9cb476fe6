/** Blocks are counted in units of that many bytes, which also aligns them. */
export const UNIT = 64;

/** Bins for sizes below 16 units are exact; above that each power of two has 16 of them. */
const STEPS = 16;
const BINS = (26 - 4 + 2) * STEPS;
/** How many blocks of the bin of the very size are tried before one of a larger bin is split. */
const TRIES = 32;

const NONE = -1;
const USED = -1;

/**
 * Who has which part of the memory: a two-level segregated fit (Masmano et al., TLSF, 2004) whose records lie beside the
 * memory and not in it, so that no wild write of a kernel can destroy them. A block is taken from the first bin that
 * surely fits, found in a bit map, and what is free next to it is merged when it comes back: both take the same time for
 * ten blocks and for 100,000. The bin of the very size is searched first, since most requests are for a size that
 * was free a moment ago.
 *
 * Positions and sizes are in units.
 */
export class Blocks {
  /** Free units in all. */
  free = 0;
  /** Blocks handed out. */
  used = 0;
  /** End of the last block. */
  end: number;

  private capacity = 256;
  private start = new Int32Array(this.capacity);
  private size = new Int32Array(this.capacity);
  /** Neighbours in memory. */
  private before = new Int32Array(this.capacity);
  private after = new Int32Array(this.capacity);
  /** Bin of a free block, USED for one that is handed out. */
  private bin = new Int32Array(this.capacity);
  /** Neighbours in the bin. */
  private previous = new Int32Array(this.capacity);
  private next = new Int32Array(this.capacity);

  private records = 0;
  private readonly spareRecords: number[] = [];
  private readonly byStart = new Map<number, number>();
  private readonly heads = new Int32Array(BINS).fill(NONE);
  private readonly filled = new Int32Array(BINS / 32);
  private last = NONE;

  /** Nothing is there before `start`. */
  constructor(start: number) {
    this.end = start;
  }

  /** The position of a new block, or -1 if none fits. */
  take(size: number): number {
    let block = this.find(size);
    if (block === NONE) return -1;
    this.unlink(block);
    if (this.size[block] > size) {
      const rest = this.record(this.start[block] + size, this.size[block] - size);
      this.insertAfter(rest, block);
      this.size[block] = size;
      this.link(rest);
    }
    this.used++;
    this.byStart.set(this.start[block], block);
    block = this.start[block];
    return block;
  }

  /** Takes a block back; gives its size, or -1 if there is no block at that position. */
  release(position: number): number {
    const block = this.byStart.get(position);
    if (block === undefined) return -1;
    this.byStart.delete(position);
    this.used--;
    const size = this.size[block];
    this.link(this.merged(block));
    return size;
  }

  /** Size of the block at a position; -1 if there is none. */
  sizeAt(position: number): number {
    const block = this.byStart.get(position);
    return block === undefined ? -1 : this.size[block];
  }

  /** Free units right at the end, which a growth makes larger. */
  get freeAtEnd(): number {
    return this.last === NONE || this.bin[this.last] === USED ? 0 : this.size[this.last];
  }

  /** More memory at the end. */
  extend(size: number): void {
    const block = this.record(this.end, size);
    if (this.last !== NONE) this.insertAfter(block, this.last);
    else this.last = block;
    this.end += size;
    this.link(this.merged(block));
  }

  /** Number of free blocks; 1 when all is free. For tests and statistics. */
  countFree(): number {
    let count = 0;
    for (const head of this.heads) for (let b = head; b !== NONE; b = this.next[b]) count++;
    return count;
  }

  /** The largest free block. */
  largestFree(): number {
    let largest = 0;
    for (const head of this.heads) {
      for (let b = head; b !== NONE; b = this.next[b]) largest = Math.max(largest, this.size[b]);
    }
    return largest;
  }

  private find(size: number): number {
    const own = binOf(size);
    const near = this.bestOf(own, size, TRIES);
    if (near !== NONE) return near;
    const larger = this.nextFilled(own + 1);
    // Whatever lies in a larger bin fits; a long bin of nearly the right sizes is searched whole before memory grows.
    return larger === NONE ? this.bestOf(own, size, Number.POSITIVE_INFINITY) : this.heads[larger];
  }

  private bestOf(bin: number, size: number, tries: number): number {
    let best = NONE;
    let left = tries;
    for (let b = this.heads[bin]; b !== NONE && left > 0; b = this.next[b], left--) {
      if (this.size[b] < size) continue;
      if (this.size[b] === size) return b;
      if (best === NONE || this.size[b] < this.size[best]) best = b;
    }
    return best;
  }

  /** The first bin from `from` on that holds a block. */
  private nextFilled(from: number): number {
    if (from >= BINS) return NONE;
    let word = from >> 5;
    let bits = this.filled[word] & (-1 << (from & 31));
    while (bits === 0) {
      if (++word === this.filled.length) return NONE;
      bits = this.filled[word];
    }
    return word * 32 + (31 - Math.clz32(bits & -bits));
  }

  /** The block together with what is free before and after it. */
  private merged(block: number): number {
    let whole = block;
    const after = this.after[whole];
    if (after !== NONE && this.bin[after] !== USED) {
      this.unlink(after);
      this.absorb(whole, after);
    }
    const before = this.before[whole];
    if (before !== NONE && this.bin[before] !== USED) {
      this.unlink(before);
      this.absorb(before, whole);
      whole = before;
    }
    return whole;
  }

  /** `gone`, which lies right behind `block`, becomes a part of it. */
  private absorb(block: number, gone: number): void {
    this.size[block] += this.size[gone];
    const after = this.after[gone];
    this.after[block] = after;
    if (after !== NONE) this.before[after] = block;
    if (this.last === gone) this.last = block;
    this.spareRecords.push(gone);
  }

  private insertAfter(block: number, before: number): void {
    const after = this.after[before];
    this.before[block] = before;
    this.after[block] = after;
    this.after[before] = block;
    if (after !== NONE) this.before[after] = block;
    if (this.last === before) this.last = block;
  }

  private link(block: number): void {
    const bin = binOf(this.size[block]);
    const head = this.heads[bin];
    this.bin[block] = bin;
    this.previous[block] = NONE;
    this.next[block] = head;
    if (head !== NONE) this.previous[head] = block;
    this.heads[bin] = block;
    this.filled[bin >> 5] |= 1 << (bin & 31);
    this.free += this.size[block];
  }

  private unlink(block: number): void {
    const bin = this.bin[block];
    const previous = this.previous[block];
    const next = this.next[block];
    if (next !== NONE) this.previous[next] = previous;
    if (previous !== NONE) this.next[previous] = next;
    else {
      this.heads[bin] = next;
      if (next === NONE) this.filled[bin >> 5] &= ~(1 << (bin & 31));
    }
    this.bin[block] = USED;
    this.free -= this.size[block];
  }

  private record(start: number, size: number): number {
    const block = this.spareRecords.pop() ?? this.newRecord();
    this.start[block] = start;
    this.size[block] = size;
    this.before[block] = NONE;
    this.after[block] = NONE;
    this.bin[block] = USED;
    return block;
  }

  private newRecord(): number {
    if (this.records === this.capacity) {
      this.capacity *= 2;
      for (const name of ["start", "size", "before", "after", "bin", "previous", "next"] as const) {
        const larger = new Int32Array(this.capacity);
        larger.set(this[name]);
        this[name] = larger;
      }
    }
    return this.records++;
  }
}

/** The bin that holds blocks of that size: sizes rise from bin to bin. */
function binOf(size: number): number {
  if (size < STEPS) return size;
  const power = 31 - Math.clz32(size);
  return (power - 4 + 1) * STEPS + ((size >>> (power - 4)) & (STEPS - 1));
}
