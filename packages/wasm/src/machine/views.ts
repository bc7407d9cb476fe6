import type { WasmMemory } from "./host.ts";

/**
 * The memory as typed arrays. `memory.buffer` is another object after each growth, so views are taken from here when
 * they are used and never kept across an allocation.
 */
export class Views {
  private current: ViewsOf;

  constructor(private readonly memory: WasmMemory) {
    this.current = viewsOf(memory.buffer);
  }

  /** After the memory has grown. */
  refresh(): void {
    this.current = viewsOf(this.memory.buffer);
  }

  /** Bytes of the memory at present. */
  get byteLength(): number {
    return this.current.u8.length;
  }
  get u8(): Uint8Array {
    return this.current.u8;
  }
  get i32(): Int32Array {
    return this.current.i32;
  }
  get u32(): Uint32Array {
    return this.current.u32;
  }
  get f32(): Float32Array {
    return this.current.f32;
  }
  get f64(): Float64Array {
    return this.current.f64;
  }
}

type ViewsOf = ReturnType<typeof viewsOf>;

const viewsOf = (buffer: ArrayBuffer | SharedArrayBuffer) => ({
  u8: new Uint8Array(buffer),
  i32: new Int32Array(buffer),
  u32: new Uint32Array(buffer),
  f32: new Float32Array(buffer),
  f64: new Float64Array(buffer),
});
