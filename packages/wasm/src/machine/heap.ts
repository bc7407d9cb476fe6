import { EngineError } from "@cotangent/core";
import { Blocks, UNIT } from "./blocks.ts";
import type { WasmMemory } from "./host.ts";
import { Views } from "./views.ts";

const PAGE = 65536;

/** Bytes behind each block that may be read, so that loops need not treat the last vector apart. */
export const SLACK = 64;

/** What the heap holds, in bytes. */
export interface HeapStats {
  /** In blocks that are handed out, with their slack. */
  readonly used: number;
  /** The most that `used` has been since `resetPeak`. */
  readonly peak: number;
  /** The size of the whole memory. */
  readonly reserved: number;
  /** The size that the memory may grow to. */
  readonly limit: number;
  /** Blocks handed out. */
  readonly blocks: number;
}

/** Hands out parts of one WebAssembly memory, and grows it. Addresses are numbers from 0 to 2^32. */
export class Heap {
  /**
   * Called when memory cannot grow any further, with the number of bytes that are wanted in one piece. It may free
   * blocks, but not allocate. It is called again for as long as it frees something and the request still does not fit.
   */
  onPressure: ((bytesNeeded: number) => void) | undefined;

  /** The memory as typed arrays, right also after it has grown. */
  readonly views: Views;

  private readonly blocks: Blocks;
  private usedBytes = 0;
  private peakBytes = 0;
  /** Whether the host refused a growth that its declared maximum allows. */
  private refused = false;
  private readonly limitBytes: number;

  /**
   * @param memory a memory of which nothing else hands out parts
   * @param base the first address that may be handed out, a multiple of 64
   * @param maximumPages what the memory was declared with
   */
  constructor(
    private readonly memory: WasmMemory,
    base: number,
    maximumPages: number,
  ) {
    this.views = new Views(memory);
    this.limitBytes = maximumPages * PAGE;
    this.blocks = new Blocks(base / UNIT);
    const units = (this.views.byteLength - base) / UNIT;
    if (units > 0) this.blocks.extend(units);
  }

  /**
   * The address of a new block, aligned to 64 bytes; what it holds at first is undefined. 64 bytes behind it may be read.
   * The slack is the block's own: arrays whose sizes are powers of two then do not all start at the same address modulo
   * 4096, where loads of one are held up by stores to another.
   * @throws EngineError if it does not fit, with everything as it was before
   */
  allocate(bytes: number): number {
    // What can never fit is refused before anything is spilled for it.
    if (!(bytes >= 0 && bytes <= this.limitBytes)) throw this.doesNotFit(bytes);
    const units = Math.ceil((bytes + SLACK) / UNIT);
    let position = this.blocks.take(units);
    if (position < 0) {
      this.makeRoom(units, bytes);
      position = this.blocks.take(units);
    }
    this.usedBytes += units * UNIT;
    if (this.usedBytes > this.peakBytes) this.peakBytes = this.usedBytes;
    return position * UNIT;
  }

  /** Takes back a block. */
  free(address: number): void {
    const units = this.blocks.release(address / UNIT);
    if (units < 0) {
      throw new EngineError(`no block was handed out at the address ${address}`, {
        operation: "free",
        remedy: "Free each block once, by the address that allocate gave.",
      });
    }
    this.usedBytes -= units * UNIT;
  }

  /** The bytes that may be used at an address that `allocate` gave, 0 elsewhere. */
  sizeOf(address: number): number {
    const units = this.blocks.sizeAt(address / UNIT);
    return units < 0 ? 0 : units * UNIT - SLACK;
  }

  stats(): HeapStats {
    return {
      used: this.usedBytes,
      peak: this.peakBytes,
      reserved: this.views.byteLength,
      limit: this.limitBytes,
      blocks: this.blocks.used,
    };
  }

  /** Number of free pieces and the size of the largest one: how broken up the memory is. */
  fragmentation(): { readonly pieces: number; readonly largest: number } {
    return { pieces: this.blocks.countFree(), largest: this.blocks.largestFree() * UNIT };
  }

  /** The peak starts again at what is used now. */
  resetPeak(): void {
    this.peakBytes = this.usedBytes;
  }

  /** Grows the memory or has it emptied until a block of that size fits. */
  private makeRoom(units: number, bytes: number): void {
    if (this.grow(units)) return;
    while (this.onPressure !== undefined) {
      const before = this.usedBytes;
      this.onPressure(bytes);
      if (this.blocks.largestFree() >= units || this.grow(units)) return;
      if (this.usedBytes >= before) break;
    }
    throw this.doesNotFit(bytes);
  }

  private doesNotFit(bytes: number): EngineError {
    const { used, reserved, limit } = this.stats();
    const most = this.refused ? `${size(reserved)}, the host gives no more,` : `at most ${size(limit)}`;
    return new EngineError(
      `${size(bytes)} did not fit into the engine's memory: ${size(used)} of ${most} are in use`,
      {
        operation: "allocate",
        remedy:
          "Use smaller batches, checkpoint() for what the backward pass can compute again, or drop tensors and models that are no longer needed.",
      },
    );
  }

  /** Whether a block of that size fits after the memory has grown. */
  private grow(units: number): boolean {
    const reserved = this.views.byteLength;
    const needed = Math.ceil(((units - this.blocks.freeAtEnd) * UNIT) / PAGE);
    const possible = (this.limitBytes - reserved) / PAGE;
    if (needed > possible) return false;
    // At least a quarter more, so that many small requests do not grow it, and renew all views, each time.
    const generous = Math.min(possible, Math.max(needed, Math.ceil(reserved / PAGE / 4)));
    if (!this.tryGrow(generous) && !this.tryGrow(needed)) {
      this.refused = true;
      return false;
    }
    this.views.refresh();
    this.blocks.extend((this.views.byteLength - reserved) / UNIT);
    return true;
  }

  private tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}

/** 38535168 gives "36.8 MiB". */
function size(bytes: number): string {
  const names = ["bytes", "KiB", "MiB", "GiB"];
  let power = 0;
  let value = bytes;
  while (value >= 1024 && power < 3) {
    value /= 1024;
    power++;
  }
  return `${power === 0 ? value : value.toFixed(1)} ${names[power]}`;
}
