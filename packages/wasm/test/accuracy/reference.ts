import * as binary from "../../../core/src/prims/scalar/binary.ts";
import * as unary from "../../../core/src/prims/scalar/unary.ts";
import { FLOAT32, FLOAT64, type VectorFunctions } from "../../src/math/index.ts";
import type { FloatType } from "./kernel.ts";

/** The functions under test, and core's definitions of them in float64, which are written independently. */

const definitions = { ...unary, ...binary } as Readonly<Record<string, (typeof unary)["exp"]>>;

/** Functions of vectors by dtype. */
export const FUNCTIONS: Readonly<Record<FloatType, VectorFunctions>> = { float32: FLOAT32, float64: FLOAT64 };

/** Results without rounding errors: nothing to measure. */
const EXACT = new Set(["sign", "floor", "ceil", "round", "trunc"]);

/** The names of the functions that round. */
export const NAMES: readonly string[] = Object.keys(FLOAT32).filter(
  (name) => !EXACT.has(name) && name in definitions,
);

/** How many arguments a function takes. */
export const arityOf = (name: string): number => (name in binary ? 2 : 1);

/** Core's function in float64; for one argument at a time or many. */
export function evaluate(name: string, inputs: readonly Float64Array[], output: Float64Array): void {
  const { length } = output;
  const tensor = (data: Float64Array) => ({ data, shape: [length], dtype: "float64" as const });
  definitions[name].reference(inputs.map(tensor), {}, tensor(output));
}
