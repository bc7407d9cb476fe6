import type { DType } from "@cotangent/core";
import { type Expr, type FunctionBuilder, type Local, load } from "../assemble/index.ts";

/** How a dtype lies in memory, and what instructions for it begin and end with. */
export interface Element {
  readonly bytes: 1 | 4 | 8;
  readonly scalar: "f32" | "f64" | "i32";
  readonly vector: "f32x4" | "f64x2" | "i32x4" | "i8x16";
  readonly load: "f32.load" | "f64.load" | "i32.load" | "i32.load8_u";
  /** Behind comparisons, minima and maxima. */
  readonly suffix: "" | "_s" | "_u";
}

export const ELEMENTS: Readonly<Record<DType, Element>> = {
  float32: { bytes: 4, scalar: "f32", vector: "f32x4", load: "f32.load", suffix: "" },
  float64: { bytes: 8, scalar: "f64", vector: "f64x2", load: "f64.load", suffix: "" },
  int32: { bytes: 4, scalar: "i32", vector: "i32x4", load: "i32.load", suffix: "_s" },
  uint32: { bytes: 4, scalar: "i32", vector: "i32x4", load: "i32.load", suffix: "_u" },
  bool: { bytes: 1, scalar: "i32", vector: "i8x16", load: "i32.load8_u", suffix: "_u" },
};

/** The first words of a descriptor. */
export const words = (f: FunctionBuilder, descriptor: Expr, count: number): Local[] =>
  Array.from({ length: count }, (_, word) => f.let(load("i32.load", descriptor, 4 * word)));
