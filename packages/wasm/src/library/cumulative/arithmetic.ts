import {
  type Expr,
  type FunctionBuilder,
  load,
  op,
  type PlainName,
  select,
  shuffle32,
  type ValueType,
} from "../../assemble/index.ts";
import type { CumulativeOp } from "../../compile/items.ts";

/** How running totals are made of the elements that lie at one address: a scalar, or the lanes of a vector. */
export interface Arithmetic {
  /** Bytes of the elements that are walked together. */
  readonly bytes: number;
  /** The type of a total, and how many hold those of the elements at one address. */
  readonly type: ValueType;
  readonly totals: 1 | 2;
  /** The elements at an address, as totals. */
  load(f: FunctionBuilder, address: Expr, offset: number): readonly Expr[];
  /** The next total; `factor` for affine recurrences only. Operands may be written twice. */
  step(total: Expr, value: Expr, factor: Expr | null): Expr;
  store(f: FunctionBuilder, address: Expr, totals: readonly Expr[], offset: number): void;
}

export const CUMULATIVE_DTYPES = ["float32", "float64", "int32", "uint32"] as const;
export type CumulativeDType = (typeof CUMULATIVE_DTYPES)[number];

/** `f64x2`, `i32` and such: what instructions for these totals begin with. */
const steps =
  (prefix: string, which: CumulativeOp, extremum: (total: Expr, value: Expr) => Expr): Arithmetic["step"] =>
  (total, value, factor) => {
    if (which === "max" || which === "min") return extremum(total, value);
    if (which === "affine") {
      return op(`${prefix}.add` as PlainName, op(`${prefix}.mul` as PlainName, factor as Expr, total), value);
    }
    return op(`${prefix}.${which === "sum" ? "add" : "mul"}` as PlainName, total, value);
  };

const builtIn =
  (name: string) =>
  (total: Expr, value: Expr): Expr =>
    op(name as PlainName, total, value);

/** Whether totals are wider than elements: sums and products of float32 are made in float64, and each rounded once. */
const isWidened = (which: CumulativeOp, dtype: CumulativeDType): boolean =>
  dtype === "float32" && which !== "max" && which !== "min";

/** One element at a time. */
export function scalarArithmetic(which: CumulativeOp, dtype: CumulativeDType): Arithmetic {
  if (isWidened(which, dtype)) {
    return {
      bytes: 4,
      type: "f64",
      totals: 1,
      load: (_, address, offset) => [op("f64.promote_f32", load("f32.load", address, offset))],
      step: steps("f64", which, builtIn(`f64.${which}`)),
      store: (f, address, [total], offset) =>
        f.store("f32.store", address, op("f32.demote_f64", total), offset),
    };
  }
  const type = dtype === "float64" ? "f64" : dtype === "float32" ? "f32" : "i32";
  const greater = `i32.${which === "max" ? "gt" : "lt"}_${dtype === "uint32" ? "u" : "s"}` as PlainName;
  const extremum =
    type === "i32"
      ? (total: Expr, value: Expr) => select(op(greater, value, total), value, total)
      : builtIn(`${type}.${which}`);
  return {
    bytes: type === "f64" ? 8 : 4,
    type,
    totals: 1,
    load: (_, address, offset) => [load(`${type}.load`, address, offset)],
    step: steps(type, which, extremum),
    store: (f, address, [total], offset) => f.store(`${type}.store`, address, total, offset),
  };
}

/** The elements of a vector at a time. */
export function vectorArithmetic(which: CumulativeOp, dtype: CumulativeDType): Arithmetic {
  if (isWidened(which, dtype)) return widened(which);
  const prefix = dtype === "float64" ? "f64x2" : dtype === "float32" ? "f32x4" : "i32x4";
  const suffix = dtype === "int32" ? "_s" : dtype === "uint32" ? "_u" : "";
  return {
    bytes: 16,
    type: "v128",
    totals: 1,
    load: (_, address, offset) => [load("v128.load", address, offset)],
    step: steps(prefix, which, builtIn(`${prefix}.${which}${suffix}`)),
    store: (f, address, [total], offset) => f.store("v128.store", address, total, offset),
  };
}

/** Four elements of float32, whose totals are two vectors of float64. */
const widened = (which: CumulativeOp): Arithmetic => ({
  bytes: 16,
  type: "v128",
  totals: 2,
  load: (f, address, offset) => {
    const four = f.let(load("v128.load", address, offset));
    const promote = (x: Expr): Expr => op("f64x2.promote_low_f32x4", x);
    return [promote(four), promote(shuffle32(four, four, [2, 3, 0, 1]))];
  },
  step: steps("f64x2", which, builtIn(`f64x2.${which}`)),
  store: (f, address, totals, offset) => {
    const [low, high] = totals.map((total) => op("f32x4.demote_f64x2_zero", total));
    f.store("v128.store", address, shuffle32(low, high, [0, 1, 4, 5]), offset);
  },
});
