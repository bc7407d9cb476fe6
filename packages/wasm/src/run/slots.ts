import { EngineError, type Program, type Storage } from "@cotangent/core";
import { bytesOf } from "../compile/emit/vector.ts";
import type { Machine } from "../machine/index.ts";
import { Block, type Residency } from "./residency.ts";

/** Words of descriptors that hold addresses in one buffer. */
export interface Patches {
  /** Places in memory, in words. */
  readonly words: readonly number[];
  /** Bytes from the buffer's beginning, for each of them. */
  readonly offsets: readonly number[];
}

/** Writes the address of a buffer wherever descriptors hold it. */
export function patch(machine: Machine, patches: Patches | undefined, address: number): void {
  if (patches === undefined) return;
  const memory = machine.heap.views.i32;
  const { words, offsets } = patches;
  for (let i = 0; i < words.length; i++) memory[words[i]] = address + offsets[i];
}

/** An input of a plan: what is bound to it, and where that lies. */
export class InputMemory {
  readonly isVariable: boolean;
  private readonly bytes: number;
  private storage: Storage | null = null;
  /** The value in the engine's memory, if it is there as a result of a plan. */
  block: Block | null = null;
  /** Memory of the plan's own that a typed array is copied into. */
  private staging = 0;
  /** The address that the descriptors hold. */
  private address = -1;

  constructor(
    private readonly machine: Machine,
    private readonly residency: Residency,
    program: Program,
    slot: number,
    private readonly patches: Patches | undefined,
  ) {
    const { node, kind } = program.inputs[slot];
    const { shape, dtype } = program.nodes[node];
    this.bytes = shape.reduce((size, n) => size * n, bytesOf(dtype));
    this.isVariable = kind === "variable";
  }

  /** Whether any kernel reads it. */
  get isUsed(): boolean {
    return this.patches !== undefined && this.bytes > 0;
  }

  bind(storage: Storage): void {
    const { resident } = storage;
    this.storage = storage;
    this.block = resident instanceof Block && resident.residency === this.residency ? resident : null;
    if (this.block === null && this.isUsed) this.upload();
  }

  /** Makes sure that the descriptors hold the address where the value is. */
  settle(): void {
    const { block } = this;
    if (block !== null && block.address === 0) {
      // The value was moved out of the engine's memory since it was bound.
      this.block = null;
      this.upload();
    } else if (block !== null) this.residency.touch(block);
    const address = this.block?.address ?? this.staging;
    if (address === this.address) return;
    this.address = address;
    patch(this.machine, this.patches, address);
  }

  /** Forgets what is bound, and frees what was copied for it. */
  release(): void {
    if (this.staging !== 0) this.machine.heap.free(this.staging);
    this.staging = 0;
    this.storage = null;
    this.block = null;
  }

  /** Copies a typed array into memory of the plan's own. */
  private upload(): void {
    const { heap } = this.machine;
    // What another engine has computed may lie in that one's memory.
    const host = this.storage?.host ?? this.storage?.resident?.read();
    if (host === undefined || host instanceof Promise) {
      throw new EngineError("the value lies in the memory of an engine that cannot be read at once", {
        operation: "bind",
        remedy: "Await values that another engine has computed (await x.data()) before you change engines",
      });
    }
    if (this.staging === 0) this.staging = heap.allocate(this.bytes);
    const { u8, f32 } = heap.views;
    // A number: most slots are.
    if (host.length === 1 && host instanceof Float32Array) f32[this.staging / 4] = host[0];
    else u8.set(new Uint8Array(host.buffer, host.byteOffset, host.byteLength), this.staging);
  }
}
