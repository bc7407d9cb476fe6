import { i32, load, ModuleBuilder, op } from "../../src/assemble/index.ts";
import { EPILOGUE } from "../../src/compile/emit/kernel.ts";
import { type Blocking, chooseBlocking } from "../../src/library/gemm/blocking.ts";
import {
  addBareKernels,
  BARE_BYTES,
  type GemmDtype,
  type GemmProblem,
  gemmKernels,
} from "../../src/library/gemm/index.ts";
import { layOut, orient } from "../../src/library/gemm/plan.ts";
import { SLACK } from "../../src/machine/heap.ts";
import type { WasmMemory } from "../../src/machine/host.ts";
import { createMemory, FunctionTable, instantiate } from "../../src/machine/modules.ts";

const PAGES = 512;
const GUARD = 1024;
/** Bytes of scratch that the epilogue overwrites. */
const OWN_SCRATCH = 256;

type Kernel = (descriptor: number, lo: number, hi: number, scratch: number) => void;
type Values = Float32Array | Float64Array | Int32Array | Uint32Array;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** Which units are run at a time. */
export type Split = "whole" | "single" | "halves" | "backwards";

export interface RunOptions {
  readonly split?: Split;
  readonly blocking?: Partial<Blocking>;
  /** The operand that lies at the very end of the memory, so that to read more than the slack behind it traps. */
  readonly last?: "a" | "b";
}

/** The memory of an operand, and the place of its first element in it. */
interface Operand {
  readonly data: Values;
  readonly start: number;
}

/** The library's matrix products in a memory of their own. */
export class GemmLibrary {
  private readonly memory: WasmMemory;
  private readonly functions: Record<string, Kernel>;
  private readonly epilogue: number;

  constructor(relaxed: boolean) {
    const { memory, limits } = createMemory(PAGES, PAGES, false);
    this.memory = memory;
    const module = new ModuleBuilder(limits, true);
    for (const add of Object.values(gemmKernels)) add(module, { relaxedSimd: relaxed });
    addBareKernels(module, { relaxed });
    addCopyEpilogue(module);
    const functions = new FunctionTable();
    const exports = instantiate(module.finish(), { memory, table: functions.table });
    this.functions = exports as Record<string, Kernel>;
    [, this.epilogue] = functions.add([exports.gemmFloat32, exports.copyEpilogue]);
  }

  /**
   * Computes a product. Gives the memory of C from its first element to its last one, with guards of `GUARD` bytes before and behind it, which hold -77 as all of it does
   * at first.
   */
  run(
    problem: GemmProblem,
    a: Operand,
    b: Operand,
    { split = "whole", blocking = {}, last = "b" }: RunOptions = {},
  ): Values {
    const { dtype, m, n, batch, cRow, cBatch = 0 } = problem;
    const bytes = ARRAYS[dtype].BYTES_PER_ELEMENT;
    const view = orient(problem);
    const plan = layOut(problem, view, { ...chooseBlocking(view), ...blocking });
    let top = 65536;
    const allocate = (size: number): number => {
      const at = top;
      top = Math.ceil((top + size) / 64) * 64 + 64;
      if (top > PAGES * 65536) throw new RangeError("the test needs more memory");
      return at;
    };
    const place = (name: "a" | "b", { data, start }: Operand): number => {
      const end = PAGES * 65536 - SLACK - data.byteLength;
      const at = name === last ? end : allocate(data.byteLength);
      this.values(dtype, at, data.length).set(data);
      return at + start * bytes;
    };
    const elements = m * n * batch === 0 ? 0 : (batch - 1) * cBatch + (m - 1) * cRow + n;
    const guarded = allocate(elements * bytes + 2 * GUARD);
    const result = this.values(dtype, guarded, elements + (2 * GUARD) / bytes).fill(-77);
    const c = guarded + GUARD;
    const epilogueDescriptor = allocate(16);
    this.words(epilogueDescriptor, [c, cRow * bytes, cBatch * bytes, bytes]);
    const places = {
      a: place("a", a),
      b: place("b", b),
      c,
      workspace: allocate(plan.workspaceBytes),
      epilogueFunction: this.epilogue,
      epilogueDescriptor,
    };
    const scratch = allocate(plan.scratchBytes + OWN_SCRATCH);
    new Uint8Array(this.memory.buffer, scratch, plan.scratchBytes + OWN_SCRATCH).fill(0xff);
    for (const { name, units, words, relocations } of plan.instructions) {
      const descriptor = allocate(4 * words.length);
      this.words(descriptor, words);
      for (const { word, operand } of relocations) this.words(descriptor + 4 * word, [places[operand]]);
      for (const [lo, hi] of pieces(units, split)) this.functions[name](descriptor, lo, hi, scratch);
    }
    return result.slice();
  }

  /** Runs a unit of a bare kernel on ones; gives its memory. */
  runBare(name: "Float32" | "Float64" | "Int32"): Values {
    const dtype = name.toLowerCase() as GemmDtype;
    const memory = this.values(dtype, 65536, BARE_BYTES / ARRAYS[dtype].BYTES_PER_ELEMENT).fill(1);
    this.functions[`bare${name}`](65536, 0, 1, 0);
    return memory.slice();
  }

  private values(dtype: GemmDtype, at: number, length: number): Values {
    return new ARRAYS[dtype](this.memory.buffer as ArrayBuffer, at, length);
  }

  private words(at: number, words: readonly number[]): void {
    new Int32Array(this.memory.buffer, at, words.length).set(words);
  }
}

/** Elements of a guard. */
export const guardOf = (dtype: GemmDtype): number => GUARD / ARRAYS[dtype].BYTES_PER_ELEMENT;

function pieces(units: number, split: Split): [number, number][] {
  const half = units >> 1;
  if (split === "whole") return [[0, units]];
  const [first, second]: [number, number][] = [
    [0, half],
    [half, units],
  ];
  if (split === "halves") return [first, second];
  const single = Array.from({ length: units }, (_, i): [number, number] => [i, i + 1]);
  return split === "single" ? single : single.reverse();
}

/**
 * An epilogue that stores what it gets: descriptor [c, bytes from row to row, from matrix to matrix, bytes of an element]. It also
 * overwrites scratch that is its own.
 */
function addCopyEpilogue(module: ModuleBuilder): void {
  module.function("copyEpilogue", EPILOGUE, (f) => {
    const [descriptor, batch, row, rowsEnd, column, columnsEnd, tile, tileRow, scratch] = f.params;
    const word = (index: number) => load("i32.load", descriptor, 4 * index);
    const size = op("i32.mul", op("i32.sub", columnsEnd, column), word(3));
    f.while(
      () => op("i32.lt_u", row, rowsEnd),
      () => {
        const inside = op("i32.add", op("i32.mul", row, word(1)), op("i32.mul", column, word(3)));
        const to = op("i32.add", word(0), op("i32.add", op("i32.mul", batch, word(2)), inside));
        f.memoryCopy(to, tile, size);
        f.add(tile, tileRow);
        f.add(row, i32(1));
      },
    );
    f.memoryFill(scratch, i32(0x55), i32(OWN_SCRATCH));
  });
}
