import { type DType, EngineError } from "@cotangent/core";
import { type Expr, type FunctionBuilder, i32, op, type PlainName, shuffle64 } from "../../assemble/index.ts";
import { REPORT } from "../../machine/index.ts";
import {
  FLOAT32,
  FLOAT64,
  polygammaFloat32,
  polygammaFloat64,
  type VectorFunction,
} from "../../math/index.ts";
import { INT32, UINT32 } from "../../math/integers.ts";
import {
  each,
  highHalf,
  keep,
  narrow,
  narrowMask,
  splatConstant,
  type Vec,
  widen,
  widenMask,
} from "./vector.ts";

/** What a scalar operation is given. */
export interface Operation {
  readonly name: string;
  readonly variant: string;
  /** Of the operands. */
  readonly from: DType;
  readonly to: DType;
}

/** Four results of a scalar operation on vectors; operands are variables, so that they may be used twice. */
export function emitOperation(f: FunctionBuilder, operation: Operation, given: readonly Vec[]): Vec {
  const args = given.map((vec) => keep(f, vec));
  const special = SPECIAL[operation.name];
  if (special !== undefined) return special(f, args, operation);
  const { name, from } = operation;
  if (from === "bool") throw missing(operation);
  const plain = PLAIN[from][name];
  if (plain !== undefined) return each(plain, ...args);
  if (name === "abs" && from === "uint32") return args[0];
  const emit = FUNCTIONS[from][name];
  if (emit === undefined) throw missing(operation);
  return args[0].map((_, half) => emit(f, ...args.map((arg) => arg[half])));
}

const FUNCTIONS: Readonly<
  Record<Exclude<DType, "bool">, Readonly<Record<string, VectorFunction | undefined>>>
> = {
  float32: FLOAT32,
  float64: FLOAT64,
  int32: INT32,
  uint32: UINT32,
};

const missing = ({ name, from }: Operation): EngineError =>
  new EngineError(`there is no code for ${from}`, { operation: name, remedy: REPORT });

/** Operations that are one instruction. */
const PLAIN: Readonly<Record<Exclude<DType, "bool">, Readonly<Record<string, PlainName>>>> = {
  float32: {
    add: "f32x4.add", sub: "f32x4.sub", mul: "f32x4.mul", div: "f32x4.div", neg: "f32x4.neg", abs: "f32x4.abs",
    sqrt: "f32x4.sqrt", floor: "f32x4.floor", ceil: "f32x4.ceil", trunc: "f32x4.trunc", round: "f32x4.nearest",
    max: "f32x4.max", min: "f32x4.min",
  },
  float64: {
    add: "f64x2.add", sub: "f64x2.sub", mul: "f64x2.mul", div: "f64x2.div", neg: "f64x2.neg", abs: "f64x2.abs",
    sqrt: "f64x2.sqrt", floor: "f64x2.floor", ceil: "f64x2.ceil", trunc: "f64x2.trunc", round: "f64x2.nearest",
    max: "f64x2.max", min: "f64x2.min",
  },
  int32: {
    add: "i32x4.add", sub: "i32x4.sub", mul: "i32x4.mul", neg: "i32x4.neg", abs: "i32x4.abs", max: "i32x4.max_s",
    min: "i32x4.min_s",
  },
  uint32: {
    add: "i32x4.add", sub: "i32x4.sub", mul: "i32x4.mul", neg: "i32x4.neg", max: "i32x4.max_u", min: "i32x4.min_u",
  },
}; // biome-ignore format: a table

type Special = (f: FunctionBuilder, args: readonly Vec[], operation: Operation) => Vec;

const COMPARE: Readonly<Record<string, { float: string; signed: string; unsigned: string }>> = {
  equal: { float: "eq", signed: "eq", unsigned: "eq" },
  notEqual: { float: "ne", signed: "ne", unsigned: "ne" },
  less: { float: "lt", signed: "lt_s", unsigned: "lt_u" },
  lessEqual: { float: "le", signed: "le_s", unsigned: "le_u" },
  greater: { float: "gt", signed: "gt_s", unsigned: "gt_u" },
  greaterEqual: { float: "ge", signed: "ge_s", unsigned: "ge_u" },
};

const compare: Special = (_f, [x, y], { variant, from }) => {
  const { float, signed, unsigned } = COMPARE[variant];
  switch (from) {
    case "float32":
      return each(`f32x4.${float}` as PlainName, x, y);
    case "float64":
      return [narrowMask(each(`f64x2.${float}` as PlainName, x, y))];
    case "int32":
      return each(`i32x4.${signed}` as PlainName, x, y);
    case "uint32":
      return each(`i32x4.${unsigned}` as PlainName, x, y);
    default:
      // Masks: true is -1, so that the order of their negatives is the order of the values.
      return each(`i32x4.${unsigned}` as PlainName, x, y);
  }
};

const where: Special = (f, [condition, x, y]) => {
  const masks = x.length === 2 ? widenMask(f, condition[0]) : condition;
  return x.map((_, half) => op("v128.bitselect", x[half], y[half], masks[half]));
};

/** x as another dtype: float to integer toward zero, NaN to 0, clamped; anything to bool by comparison with 0. */
const cast: Special = (f, [x], { from, to }) => {
  if (from === to) return x;
  if (to === "bool")
    return compare(f, [x, splatConstant(f, 0, from)], { name: "", variant: "notEqual", from, to });
  const convert = CASTS[`${from}>${to}`];
  return convert(f, x);
};

const ones = (f: FunctionBuilder): Expr => splatConstant(f, 1, "int32")[0];
const truncate =
  (name: PlainName) =>
  (_f: FunctionBuilder, [low, high]: Vec): Vec => [shuffle64(op(name, low), op(name, high), [0, 2])];
const convertHalves =
  (name: PlainName) =>
  (f: FunctionBuilder, [x]: Vec): Vec => {
    const source = keep(f, [x])[0];
    return [op(name, source), op(name, highHalf(source))];
  };

const CASTS: Readonly<Record<string, (f: FunctionBuilder, x: Vec) => Vec>> = {
  "bool>int32": (f, [x]) => [op("v128.and", x, ones(f))],
  "bool>uint32": (f, [x]) => [op("v128.and", x, ones(f))],
  "bool>float32": (f, [x]) => [op("v128.and", x, splatConstant(f, 1, "float32")[0])],
  "bool>float64": (f, [x]) =>
    widenMask(f, x).map((mask) => op("v128.and", mask, splatConstant(f, 1, "float64")[0])),
  "int32>uint32": (_f, x) => x,
  "uint32>int32": (_f, x) => x,
  "int32>float32": (_f, x) => each("f32x4.convert_i32x4_s", x),
  "uint32>float32": (_f, x) => each("f32x4.convert_i32x4_u", x),
  "int32>float64": convertHalves("f64x2.convert_low_i32x4_s"),
  "uint32>float64": convertHalves("f64x2.convert_low_i32x4_u"),
  "float32>int32": (_f, x) => each("i32x4.trunc_sat_f32x4_s", x),
  "float32>uint32": (_f, x) => each("i32x4.trunc_sat_f32x4_u", x),
  "float64>int32": truncate("i32x4.trunc_sat_f64x2_s_zero"),
  "float64>uint32": truncate("i32x4.trunc_sat_f64x2_u_zero"),
  "float32>float64": (f, [x]) => widen(f, x),
  "float64>float32": (_f, x) => [narrow(x)],
};

const nan: Special = (_f, [x], { from }) =>
  from === "float64" ? [narrowMask(each("f64x2.ne", x, x))] : each("f32x4.ne", x, x);

const bitwise: Special = (_f, [x, y], { variant }) => each(`v128.${variant}` as PlainName, x, y);

/** The same bits: a vector is what its instructions take it for. */
const bitcast: Special = (_f, [x]) => x;

const polygamma: Special = (f, [x], { variant, from }) => {
  const emit = (from === "float64" ? polygammaFloat64 : polygammaFloat32)(Number(variant));
  return x.map((half) => emit(f, half));
};

const SHIFTS: Readonly<Record<string, PlainName>> = {
  left: "i32x4.shl",
  arithmetic: "i32x4.shr_s",
  logical: "i32x4.shr_u",
};

/**
 * Each lane by a count of its own, which no instruction does: for each bit of the count, the lanes that have it are moved by
 * that much. Counts outside of [0, 31] move all bits out.
 */
const shift: Special = (f, [[x], [count]], { variant }) => {
  const name = SHIFTS[variant];
  const limit = splatConstant(f, 31, "uint32")[0];
  // Arithmetic shifts by 31 leave nothing but the sign.
  const places = f.let(op("i32x4.min_u", count, limit));
  const result = f.let(x);
  for (let bit = 0; bit < 5; bit++) {
    const has = op("i32x4.shr_s", op("i32x4.shl", places, i32(31 - bit)), i32(31));
    f.set(result, op("v128.bitselect", op(name, result, i32(1 << bit)), result, has));
  }
  if (variant === "arithmetic") return [result];
  return [op("v128.and", result, op("i32x4.le_u", count, limit))];
};

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 4.2) of
 * the counters (0, index), four at a time.
 */
const threefry: Special = (f, [[k0], [k1], [counter]], { variant }) => {
  const parity = splatConstant(f, 0x1bd11bda, "uint32")[0];
  const keys = [k0, k1, f.let(op("v128.xor", op("v128.xor", k0, k1), parity))];
  const x0 = f.let(k0);
  const x1 = f.let(op("i32x4.add", counter, k1));
  for (let group = 0; group < 5; group++) {
    for (const bits of ROTATIONS[group % 2]) {
      f.set(x0, op("i32x4.add", x0, x1));
      const rotated = op("v128.or", op("i32x4.shl", x1, i32(bits)), op("i32x4.shr_u", x1, i32(32 - bits)));
      f.set(x1, op("v128.xor", rotated, x0));
    }
    f.set(x0, op("i32x4.add", x0, keys[(group + 1) % 3]));
    const injected = op("i32x4.add", keys[(group + 2) % 3], splatConstant(f, group + 1, "uint32")[0]);
    f.set(x1, op("i32x4.add", x1, injected));
  }
  if (variant === "first") return [x0];
  return variant === "second" ? [x1] : [op("v128.xor", x0, x1)];
};

const SPECIAL: Readonly<Record<string, Special>> = {
  compare,
  where,
  cast,
  isNaN: nan,
  bitwise,
  bitcast,
  polygamma,
  shift,
  threefry,
};
