import type { FunctionBuilder, Signature } from "../../assemble/index.ts";
import { ColumnsEmitter } from "./columns.ts";
import { EpilogueEmitter } from "./epilogue.ts";
import type { Layout } from "./layout.ts";
import { RowsEmitter } from "./rows.ts";

/** (descriptor, first unit, end of units, scratch of this thread) */
export const KERNEL: Signature = { params: ["i32", "i32", "i32", "i32"], results: [] };

/** (descriptor, batch, rows from, to, columns from, to, tile, bytes of a row of the tile, scratch) */
export const EPILOGUE: Signature = {
  params: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
  results: [],
};

const EMITTERS = { rows: RowsEmitter, columns: ColumnsEmitter, epilogue: EpilogueEmitter } as const;

/** Writes the code of a kernel into a function. */
export function emitKernel(f: FunctionBuilder, layout: Layout): void {
  new EMITTERS[layout.kernel.mode](f, layout).emit();
}
