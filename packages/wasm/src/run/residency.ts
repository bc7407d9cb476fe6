import { type DType, type Resident, Storage, type TypedArray } from "@cotangent/core";
import { bytesOf } from "../compile/emit/vector.ts";
import type { Machine } from "../machine/index.ts";

/** Bytes of results that nothing has read yet: beyond that the oldest move to typed arrays. */
const UNREAD_BUDGET = 256 * 2 ** 20;

/** Beyond so many bytes in all, those that no run has read for a while move too: models that were dropped. */
const SOFT_LIMIT = 2 ** 30;
const OLD_AFTER = 64;

/** A value in the engine's memory. */
export class Block implements Resident {
  /** The record that core holds; its typed array takes the value over when the block is needed. */
  storage: Storage | null = null;
  /** The run that read it last, 0 if none has. */
  lastRead = 0;

  constructor(
    /** Whose memory it lies in: each engine has its own. */
    readonly residency: Residency,
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

  retire(): void {
    this.residency.moveOut(this);
  }
}

/**
 * The engine's memory as a cache over typed arrays: results stay where they were computed until room is needed; then
 * those used longest ago are copied out, and live on as ordinary garbage-collected arrays. The records are held strongly
 * until then, since a loop that never awaits lets go of nothing that is held weakly.
 */
export class Residency {
  /** In the order in which they were made. */
  private readonly blocks = new Set<Block>();
  private bytes = 0;
  private unreadBytes = 0;
  private runs = 0;
  /** The run from which on it is worth looking for old blocks again. */
  private lookAgain = 0;
  /** Blocks that a plan is working with at this moment. */
  private readonly pinned = new Set<Block>();

  constructor(private readonly machine: Machine) {
    machine.heap.onPressure = (needed) => this.spill(needed, true);
  }

  get residentBytes(): number {
    return this.bytes;
  }

  get count(): number {
    return this.blocks.size;
  }

  /** Memory for a result. @throws EngineError when there is none */
  allocate(dtype: DType, size: number): Block {
    const bytes = size * bytesOf(dtype);
    const excess = this.unreadBytes + bytes - UNREAD_BUDGET;
    if (excess > 0) this.spill(excess, false);
    if (this.bytes + bytes > SOFT_LIMIT && this.runs >= this.lookAgain) this.spillOld(bytes);
    const block = new Block(this, this.machine.heap.allocate(bytes), bytes, dtype, size);
    this.blocks.add(block);
    this.bytes += bytes;
    this.unreadBytes += bytes;
    return block;
  }

  /** The record of a result, for core. */
  storageOf(block: Block): Storage {
    block.storage ??= new Storage(block.dtype, block.size, null, block);
    return block.storage;
  }

  /** A plan begins to run. */
  beginRun(): void {
    this.runs++;
  }

  /** A plan reads the block. */
  touch(block: Block): void {
    if (block.lastRead === 0) this.unreadBytes -= block.bytes;
    block.lastRead = this.runs;
  }

  /** Keeps the block where it is until `unpin`. */
  pin(block: Block): void {
    this.pinned.add(block);
  }

  unpin(): void {
    this.pinned.clear();
  }

  /** Frees a block whose value nobody needs. */
  drop(block: Block): void {
    if (!this.blocks.delete(block)) return;
    this.bytes -= block.bytes;
    if (block.lastRead === 0) this.unreadBytes -= block.bytes;
    this.machine.heap.free(block.address);
    block.address = 0;
    block.storage = null;
  }

  /** Moves a value to a typed array. */
  moveOut(block: Block): void {
    if (block.storage !== null && !this.pinned.has(block)) this.move(block, block.storage);
  }

  copyOut(address: number, dtype: DType, size: number): TypedArray {
    return copyArray(this.machine.memory.buffer, address, dtype, size);
  }

  /** Moves values that no run has read for a while. Nothing is alive in a loop that only makes and drops models. */
  private spillOld(needed: number): void {
    let freed = 0;
    for (const block of this.blocks) {
      if (freed >= needed) return;
      if (block.lastRead > this.runs - OLD_AFTER || this.pinned.has(block) || block.storage === null)
        continue;
      freed += block.bytes;
      this.move(block, block.storage);
    }
    this.lookAgain = this.runs + OLD_AFTER / 4;
  }

  private move(block: Block, storage: Storage): void {
    storage.host ??= block.read();
    storage.resident = null;
    this.drop(block);
  }

  /** Moves values to typed arrays until so many bytes are free: those nobody has read, then those read longest ago. */
  private spill(needed: number, readOnes: boolean): void {
    let freed = 0;
    const move = (block: Block): boolean => {
      if (freed >= needed) return false;
      const { storage } = block;
      if (this.pinned.has(block) || storage === null) return true;
      freed += block.bytes;
      this.move(block, storage);
      return true;
    };
    for (const block of this.blocks) if (block.lastRead === 0 && !move(block)) return;
    if (!readOnes) return;
    for (const block of [...this.blocks].sort((a, b) => a.lastRead - b.lastRead)) if (!move(block)) return;
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
