/** Elementary functions as SIMD code, by the names of core's primitives. */
import type { ModuleBuilder } from "../assemble/index.ts";
import type { VectorFunctions } from "./types.ts";

export type { VectorFunction, VectorFunctions } from "./types.ts";

/** Functions of f32x4: at most 1 ULP from the exact result. */
export const FLOAT32: VectorFunctions = {};

/** Functions of f64x2: at most 2 ULP from the exact result. */
export const FLOAT64: VectorFunctions = {};

/** Adds the rare slow paths, which the code of the functions above imports by name, to the library module. */
export function addMathHelpers(_module: ModuleBuilder): void {}
