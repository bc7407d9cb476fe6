/** Entries kept in all sets together; what would be more becomes the full set. */
const MAX_ENTRIES = 1 << 25;

/** As many sets are unified two by two; of more, what they hold is marked. */
const FEW = 8;

/**
 * Sets of whole numbers below `size`, each kept once and known by a number: 0 is the empty set, 1 + i the set of i alone.
 * Unions may be greater than they should, never smaller.
 */
export class Sets {
  /** All sets one behind the other, each in ascending order; set s ends where set s + 1 begins. */
  private entries: Int32Array<ArrayBuffer>;
  private starts: Int32Array<ArrayBuffer>;
  private count: number;
  /** The hash of what each set holds, and the sets by it, with open addressing; 0 for none. */
  private hashes: Int32Array<ArrayBuffer>;
  private table: Int32Array<ArrayBuffer>;
  private readonly marks: Int32Array<ArrayBuffer>;
  private mark = 0;
  private scratch = new Int32Array(64);
  private full = -1;

  constructor(readonly size: number) {
    this.count = size + 1;
    this.entries = new Int32Array(4 * size + 64);
    this.starts = new Int32Array(2 * size + 64);
    this.hashes = new Int32Array(2 * size + 64);
    this.table = new Int32Array(tableSize(8 * size + 64));
    this.marks = new Int32Array(size);
    for (let i = 0; i < size; i++) {
      this.entries[i] = i;
      this.starts[i + 2] = i + 1;
      this.hashes[i + 1] = hashOf(this.entries, i, i + 1);
      this.table[this.freeSlot(this.hashes[i + 1])] = i + 1;
    }
    if (size === 1) this.full = 1;
  }

  of(set: number): Int32Array {
    return this.entries.subarray(this.starts[set], this.starts[set + 1]);
  }

  sizeOf(set: number): number {
    return this.starts[set + 1] - this.starts[set];
  }

  union(a: number, b: number): number {
    if (a === b || b === 0 || a === this.full) return a;
    if (a === 0 || b === this.full) return b;
    const swapped = this.sizeOf(a) < this.sizeOf(b);
    const large = swapped ? b : a;
    const small = swapped ? a : b;
    return this.isWithin(small, large) ? large : this.merged(large, small);
  }

  unionOf(sets: ArrayLike<number>): number {
    if (sets.length <= FEW) {
      let union = 0;
      for (let i = 0; i < sets.length; i++) union = this.union(union, sets[i]);
      return union;
    }
    const mark = ++this.mark;
    let found = 0;
    let before = 0;
    this.reserve(this.size);
    for (let i = 0; i < sets.length; i++) {
      const set = sets[i];
      if (set === before) continue;
      if (set === this.full) return set;
      before = set;
      for (let k = this.starts[set]; k < this.starts[set + 1]; k++) {
        const entry = this.entries[k];
        if (this.marks[entry] === mark) continue;
        this.marks[entry] = mark;
        this.scratch[found++] = entry;
      }
    }
    this.scratch.subarray(0, found).sort();
    return this.kept(found);
  }

  private isWithin(small: number, large: number): boolean {
    const { entries, starts } = this;
    const last = starts[large + 1];
    let low = starts[large];
    for (let k = starts[small]; k < starts[small + 1]; k++) {
      let high = last;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle] < entries[k]) low = middle + 1;
        else high = middle;
      }
      if (low === last || entries[low] !== entries[k]) return false;
    }
    return true;
  }

  private merged(a: number, b: number): number {
    const { entries, starts } = this;
    this.reserve(this.sizeOf(a) + this.sizeOf(b));
    let found = 0;
    let i = starts[a];
    let k = starts[b];
    while (i < starts[a + 1] && k < starts[b + 1]) {
      const x = entries[i];
      const y = entries[k];
      this.scratch[found++] = Math.min(x, y);
      if (x <= y) i++;
      if (y <= x) k++;
    }
    while (i < starts[a + 1]) this.scratch[found++] = entries[i++];
    while (k < starts[b + 1]) this.scratch[found++] = entries[k++];
    return this.kept(found);
  }

  /** The set of the first so many entries of the scratch. */
  private kept(found: number): number {
    if (found === 0) return 0;
    const hash = hashOf(this.scratch, 0, found);
    const mask = this.table.length - 1;
    let slot = hash & mask;
    for (; this.table[slot] !== 0; slot = (slot + 1) & mask) {
      const known = this.table[slot];
      if (this.hashes[known] === hash && this.isScratch(known, found)) return known;
    }
    const first = this.starts[this.count];
    if (first + found > MAX_ENTRIES && found < this.size) return this.everything();
    if (first + found > this.entries.length) this.entries = grown(this.entries, first + found);
    if (this.count + 2 > this.starts.length) {
      this.starts = grown(this.starts, this.count + 2);
      this.hashes = grown(this.hashes, this.count + 2);
    }
    this.entries.set(this.scratch.subarray(0, found), first);
    const set = this.count++;
    this.starts[set + 1] = first + found;
    this.hashes[set] = hash;
    this.table[slot] = set;
    if (found === this.size) this.full = set;
    if (2 * this.count > this.table.length) this.rehash();
    return set;
  }

  private everything(): number {
    if (this.full >= 0) return this.full;
    this.reserve(this.size);
    for (let i = 0; i < this.size; i++) this.scratch[i] = i;
    return this.kept(this.size);
  }

  private isScratch(set: number, found: number): boolean {
    const first = this.starts[set];
    if (this.starts[set + 1] - first !== found) return false;
    for (let i = 0; i < found; i++) if (this.entries[first + i] !== this.scratch[i]) return false;
    return true;
  }

  /** Where a set that is not there will stand in the table. */
  private freeSlot(hash: number): number {
    const mask = this.table.length - 1;
    let slot = hash & mask;
    while (this.table[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  private rehash(): void {
    this.table = new Int32Array(2 * this.table.length);
    for (let set = 1; set < this.count; set++) this.table[this.freeSlot(this.hashes[set])] = set;
  }

  private reserve(size: number): void {
    if (size > this.scratch.length) this.scratch = new Int32Array(2 * size);
  }
}

function hashOf(source: Int32Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ source[i], 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

const tableSize = (least: number): number => 2 ** Math.ceil(Math.log2(least));

function grown(array: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, 2 * array.length));
  larger.set(array);
  return larger;
}
