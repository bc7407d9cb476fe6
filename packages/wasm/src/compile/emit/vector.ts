import type { DType } from "@cotangent/core";
import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  f64x2,
  i32,
  i32x4,
  load,
  loadLane,
  op,
  type PlainName,
  shuffle32,
  shuffle64,
} from "../../assemble/index.ts";

/** Elements that a kernel computes at once. */
export const LANES = 4;

/**
 * Four elements: one vector, or two of float64. A bool is a mask of 32 bits for each element.
 */
export type Vec = readonly Expr[];

export const bytesOf = (dtype: DType): number => (dtype === "float64" ? 8 : dtype === "bool" ? 1 : 4);

/** Each vector in a variable of its own. */
export const keep = (f: FunctionBuilder, vec: Vec): Vec => vec.map((v) => ("index" in v ? v : f.let(v)));

const bytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The same number in all lanes, made once for the whole function. */
export function splatConstant(f: FunctionBuilder, value: number, dtype: DType): Vec {
  switch (dtype) {
    case "float32":
      return [f.constant(bytes(new Float32Array(4).fill(value)))];
    case "float64": {
      const half = f.constant(bytes(new Float64Array(2).fill(value)));
      return [half, half];
    }
    case "bool":
      return [f.constant(bytes(new Int32Array(4).fill(value === 0 ? 0 : -1)))];
    case "uint32":
      return [f.constant(bytes(new Uint32Array(4).fill(value)))];
    default:
      return [f.constant(bytes(new Int32Array(4).fill(value)))];
  }
}

/** Bytes of 0 and 1 in the lowest lanes, as a mask. */
const maskOfBytes = (v: Expr): Expr =>
  op("i32x4.neg", op("i32x4.extend_low_i16x8_u", op("i16x8.extend_low_i8x16_u", v)));

/** Four elements that lie side by side, `offset` bytes behind the address. */
export function loadContiguous(f: FunctionBuilder, dtype: DType, address: Expr, offset = 0): Vec {
  if (dtype === "float64") {
    const at = "index" in address ? address : f.let(address);
    return [load("v128.load", at, offset), load("v128.load", at, offset + 16)];
  }
  if (dtype === "bool") return [maskOfBytes(load("v128.load32_zero", address, offset))];
  return [load("v128.load", address, offset)];
}

/** One element, in all lanes, `offset` bytes behind the address. */
export function loadSplat(dtype: DType, address: Expr, offset = 0): Vec {
  if (dtype === "float64") {
    const half = load("v128.load64_splat", address, offset);
    return [half, half];
  }
  if (dtype === "bool") return [op("i32x4.neg", op("i32x4.splat", load("i32.load8_u", address, offset)))];
  return [load("v128.load32_splat", address, offset)];
}

/** Four elements at four addresses. */
export function loadScattered(f: FunctionBuilder, dtype: DType, addresses: readonly Expr[]): Vec {
  const [a, b, c, d] = addresses;
  if (dtype === "float64") {
    return [
      loadLane("v128.load64_lane", 1, b, f.let(load("v128.load64_zero", a))),
      loadLane("v128.load64_lane", 1, d, f.let(load("v128.load64_zero", c))),
    ];
  }
  if (dtype === "bool") {
    let v: Expr = op("i32x4.splat", load("i32.load8_u", a));
    for (const [i, address] of [b, c, d].entries()) v = loadLane("v128.load8_lane", i + 1, address, f.let(v));
    return [maskOfBytes(f.let(v))];
  }
  let v: Expr = load("v128.load32_zero", a);
  for (const [i, address] of [b, c, d].entries()) v = loadLane("v128.load32_lane", i + 1, address, f.let(v));
  return [v];
}

/** A mask as bytes of 0 and 1 in the lowest lanes. */
const bytesOfMask = (f: FunctionBuilder, mask: Expr): Expr => {
  const halves = f.let(op("i16x8.narrow_i32x4_s", mask, mask));
  return op("v128.and", op("i8x16.narrow_i16x8_s", halves, halves), f.constant(new Uint8Array(16).fill(1)));
};

/** Four elements side by side, `offset` bytes behind the address. */
export function storeContiguous(f: FunctionBuilder, dtype: DType, address: Expr, vec: Vec, offset = 0): void {
  if (dtype === "float64") {
    const at = "index" in address ? address : f.let(address);
    f.store("v128.store", at, vec[0], offset);
    f.store("v128.store", at, vec[1], offset + 16);
  } else if (dtype === "bool") {
    f.storeLane("v128.store32_lane", 0, address, f.let(bytesOfMask(f, vec[0])), offset);
  } else {
    f.store("v128.store", address, vec[0], offset);
  }
}

/** The first elements of a vector (1 to 3 of them) at addresses that are told one by one. */
export function storeLanes(
  f: FunctionBuilder,
  dtype: DType,
  address: (lane: number) => Expr,
  vec: Vec,
  count: Expr | null,
): void {
  const packed = dtype === "bool" ? [f.let(bytesOfMask(f, vec[0]))] : keep(f, vec);
  const store = (lane: number): void => {
    if (dtype === "float64") f.storeLane("v128.store64_lane", lane % 2, address(lane), packed[lane >> 1]);
    else if (dtype === "bool") f.storeLane("v128.store8_lane", lane, address(lane), packed[0]);
    else f.storeLane("v128.store32_lane", lane, address(lane), packed[0]);
  };
  store(0);
  for (let lane = 1; lane < LANES; lane++) {
    if (count === null) store(lane);
    else f.if(op("i32.gt_s", count, i32(lane)), () => store(lane));
  }
}

/** Lanes 2 and 3 in the places of 0 and 1. */
export const highHalf = (v: Expr): Expr => shuffle32(v, v, [2, 3, 2, 3]);

/** float32 as float64. */
export function widen(f: FunctionBuilder, v: Expr): Vec {
  const source = "index" in v ? v : f.let(v);
  return [op("f64x2.promote_low_f32x4", source), op("f64x2.promote_low_f32x4", highHalf(source))];
}

/** float64 as float32. */
export const narrow = ([low, high]: Vec): Expr =>
  shuffle64(op("f32x4.demote_f64x2_zero", low), op("f32x4.demote_f64x2_zero", high), [0, 2]);

/** A mask of four as masks of two. */
export function widenMask(f: FunctionBuilder, mask: Expr): Vec {
  const source = "index" in mask ? mask : f.let(mask);
  return [op("i64x2.extend_low_i32x4_s", source), op("i64x2.extend_high_i32x4_s", source)];
}

/** Masks of two as a mask of four. */
export const narrowMask = ([low, high]: Vec): Expr => shuffle32(low, high, [0, 2, 4, 6]);

/** An instruction on each vector of its operands. */
export const each = (name: PlainName, ...args: readonly Vec[]): Vec =>
  args[0].map((_, i) => op(name, ...args.map((arg) => arg[i])));

export { f32x4, f64x2, i32x4 };
