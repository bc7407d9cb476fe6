import type { Heap } from "./heap.ts";
import { LogEntry } from "./layout.ts";

interface Entry {
  readonly address: number;
  readonly generation: number;
}

/**
 * The modules that were added while there are workers, as a list in the shared memory: a worker that spins receives no
 * messages. Entries go when every worker has read them.
 */
export class ModuleLog {
  private readonly entries: Entry[] = [];

  constructor(private readonly heap: Heap) {
    // The list never runs empty: readers go on from the last entry that they know.
    this.entries.push({ address: this.write([], [], new Uint8Array()), generation: 1 });
  }

  /** The last entry. */
  get last(): Entry {
    return this.entries[this.entries.length - 1];
  }

  append(removed: readonly number[], added: readonly number[], bytes: Uint8Array): void {
    const { address: before, generation } = this.last;
    const address = this.write(removed, added, bytes);
    this.entries.push({ address, generation: generation + 1 });
    Atomics.store(this.heap.views.i32, (before + LogEntry.next) / 4, address);
  }

  /** Drops what all readers have left behind; they stand at that generation or a later one. */
  trim(generation: number): void {
    while (this.entries[0].generation < generation && this.entries.length > 1) {
      this.heap.free((this.entries.shift() as Entry).address);
    }
  }

  private write(removed: readonly number[], added: readonly number[], bytes: Uint8Array): number {
    const indices = [...removed, ...added];
    const address = this.heap.allocate(LogEntry.indices + 4 * indices.length + bytes.length);
    const words = [0, removed.length, added.length, bytes.length, ...indices];
    this.heap.views.i32.set(words, address / 4);
    this.heap.views.u8.set(bytes, address + LogEntry.indices + 4 * indices.length);
    return address;
  }
}
