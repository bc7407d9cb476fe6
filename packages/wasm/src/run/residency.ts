import { type DType, type Resident, Storage, type TypedArray } from "@cotangent/core";
import { bytesOf } from "../compile/emit/vector.ts";
import type { Machine } from "../machine/index.ts";

/** Bytes of results that nothing has read yet: beyond that the oldest move to typed arrays. */
const UNREAD_BUDGET = 256 * 2 ** 20;

/** A value in the engine's memory. */
export class Block implements Resident {
  /** The record that core holds; its typed array takes the value over when the block is needed. */
  storage: Storage | null = null;

  constructor(
    private readonly residency: Residency,
    /** 0 once the value lives elsewhere. */
    public address: number,
    readonly bytes: number,
    readonly dtype: DType,
    readonly size: number,
  ) {}

  read(): TypedArray {
    return this.residency.copyOut(this.address, this.dtype, this.size);
  }

  release(): void {
    this.residency.drop(this);
  }
}

/**
 * The engine's memory as a cache over typed arrays: results stay where they were computed until room is needed; then
 * those used longest ago are copied out, and live on as ordinary garbage-collected arrays. The records are held strongly
 * until then, since a loop that never awaits lets go of nothing that is held weakly.
 */
export class Residency {
  /** Results that no plan has read so far, the oldest first. */
  private readonly unread = new Set<Block>();
  /** Results that plans have read, those used longest ago first. */
  private readonly inUse = new Set<Block>();
  private unreadBytes = 0;
  private inUseBytes = 0;
  /** Blocks that a plan is working with at this moment. */
  readonly pinned = new Set<Block>();

  constructor(private readonly machine: Machine) {
    machine.heap.onPressure = (needed) => {
      const freed = this.spill(this.unread, needed);
      if (freed < needed) this.spill(this.inUse, needed - freed);
    };
  }

  get residentBytes(): number {
    return this.unreadBytes + this.inUseBytes;
  }

  get count(): number {
    return this.unread.size + this.inUse.size;
  }

  /** Memory for a result. @throws EngineError when there is none */
  allocate(dtype: DType, size: number): Block {
    const bytes = size * bytesOf(dtype);
    const excess = this.unreadBytes + bytes - UNREAD_BUDGET;
    if (excess > 0) this.spill(this.unread, excess);
    const block = new Block(this, this.machine.heap.allocate(bytes), bytes, dtype, size);
    this.unread.add(block);
    this.unreadBytes += bytes;
    return block;
  }

  /** The record of a result, for core. */
  storageOf(block: Block): Storage {
    block.storage = new Storage(block.dtype, block.size, null, block);
    return block.storage;
  }

  /** A plan reads the block. */
  touch(block: Block): void {
    if (this.unread.delete(block)) {
      this.unreadBytes -= block.bytes;
      this.inUseBytes += block.bytes;
    } else this.inUse.delete(block);
    this.inUse.add(block);
  }

  /** Frees a block whose value nobody needs. */
  drop(block: Block): void {
    if (this.unread.delete(block)) this.unreadBytes -= block.bytes;
    else if (this.inUse.delete(block)) this.inUseBytes -= block.bytes;
    else return;
    this.machine.heap.free(block.address);
    block.address = 0;
    block.storage = null;
  }

  copyOut(address: number, dtype: DType, size: number): TypedArray {
    return copyArray(this.machine.memory.buffer, address, dtype, size);
  }

  /** Moves values to typed arrays until so many bytes are free. */
  private spill(blocks: Set<Block>, needed: number): number {
    let freed = 0;
    for (const block of blocks) {
      if (freed >= needed) break;
      if (this.pinned.has(block) || block.storage === null) continue;
      const { storage } = block;
      storage.host ??= block.read();
      storage.resident = null;
      freed += block.bytes;
      this.drop(block);
    }
    return freed;
  }
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/** Elements in a typed array of their own, never one over shared memory. */
export function copyArray(
  buffer: ArrayBuffer | SharedArrayBuffer,
  address: number,
  dtype: DType,
  size: number,
): TypedArray {
  const copy = new ARRAYS[dtype](size);
  if (size > 0) copy.set(new ARRAYS[dtype](buffer as ArrayBuffer, address, size));
  return copy;
}
