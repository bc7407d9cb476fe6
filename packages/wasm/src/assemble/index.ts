/** The assembler: expressions and statements to WebAssembly's binary format. */
export { ByteWriter } from "./bytes.ts";
export {
  atomic,
  type Expr,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  i64x2,
  lane,
  load,
  loadLane,
  memorySize,
  op,
  select,
  shuffle32,
  shuffle64,
  shuffleBytes,
  v128,
} from "./expression.ts";
export type { FunctionBuilder, Label, Local } from "./function.ts";
export type { LoadName, MemoryLaneName, PlainName, StoreName } from "./instructions.ts";
export { type FunctionRef, type MemoryLimits, ModuleBuilder } from "./module.ts";
export type { Signature, ValueType } from "./types.ts";
