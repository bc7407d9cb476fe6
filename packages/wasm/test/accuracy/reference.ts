import * as binary from "../../../core/src/prims/scalar/binary.ts";
import { polygamma } from "../../../core/src/prims/scalar/polygamma.ts";
import * as unary from "../../../core/src/prims/scalar/unary.ts";
import {
  FLOAT32,
  FLOAT64,
  polygammaFloat32,
  polygammaFloat64,
  type VectorFunctions,
} from "../../src/math/index.ts";
import type { FloatType } from "./kernel.ts";

/** The functions under test, and core's definitions of them in float64, which are written independently. */

const definitions = { ...unary, ...binary } as Readonly<Record<string, (typeof unary)["exp"]>>;

/** The orders of polygamma that are measured: digamma, trigamma, and two of those that follow. */
const ORDERS = [0, 1, 2, 5] as const;
const ORDER_OF = new Map<string, number>(ORDERS.map((n) => [`polygamma${n}`, n]));

const polygammas = (make: (n: number) => VectorFunctions[string]): VectorFunctions =>
  Object.fromEntries([...ORDER_OF].map(([name, n]) => [name, make(n)]));

/** Functions of vectors by dtype. */
export const FUNCTIONS: Readonly<Record<FloatType, VectorFunctions>> = {
  float32: { ...FLOAT32, ...polygammas(polygammaFloat32) },
  float64: { ...FLOAT64, ...polygammas(polygammaFloat64) },
};

/** Results without rounding errors: nothing to measure. */
const EXACT = new Set(["sign", "floor", "ceil", "round", "trunc"]);

/** The names of the functions that round. */
export const NAMES: readonly string[] = Object.keys(FUNCTIONS.float32).filter(
  (name) => !EXACT.has(name) && (name in definitions || ORDER_OF.has(name)),
);

/** How many arguments a function takes. */
export const arityOf = (name: string): number => (name in binary ? 2 : 1);

/** Core's function in float64; for one argument at a time or many. */
export function evaluate(name: string, inputs: readonly Float64Array[], output: Float64Array): void {
  const { length } = output;
  const tensor = (data: Float64Array) => ({ data, shape: [length], dtype: "float64" as const });
  const n = ORDER_OF.get(name);
  if (n !== undefined) polygamma.reference(inputs.map(tensor), { n }, tensor(output));
  else definitions[name].reference(inputs.map(tensor), {}, tensor(output));
}
