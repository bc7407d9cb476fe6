import { existsSync, readFileSync } from "node:fs";
import type { Measurement } from "./float32.ts";
import { makeKernel } from "./kernel.ts";
import { arityOf, FUNCTIONS } from "./reference.ts";
import { errorFloat64 } from "./ulp.ts";

/** Exact results from mpmath: see generate/generate.py. */
export interface Cases {
  readonly inputs: readonly Float64Array[];
  /** Correctly rounded results. */
  readonly rounded: Float64Array;
  /** How far the exact results lie above them, in ULP. */
  readonly fractions: Float64Array;
}

const file = (folder: string, name: string): string => `${folder}/${name}.bin`;

/** Whether there are exact results of that function. */
export const hasCases = (folder: string, name: string): boolean => existsSync(file(folder, name));

/** The exact results of a function. */
export function readCases(folder: string, name: string): Cases {
  const bytes = readFileSync(file(folder, name));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const arity = arityOf(name);
  const size = 8 * arity + 10;
  const count = bytes.byteLength / size;
  const column = (offset: number) =>
    Float64Array.from({ length: count }, (_, i) => view.getFloat64(i * size + offset, true));
  return {
    inputs: Array.from({ length: arity }, (_, i) => column(8 * i)),
    rounded: column(8 * arity),
    fractions: Float64Array.from(
      { length: count },
      (_, i) => view.getInt16(i * size + 8 * arity + 8, true) / 32768,
    ),
  };
}

/** The greatest error of these results. */
export function worstOf(cases: Cases, output: ArrayLike<number>): Measurement {
  const { inputs, rounded, fractions } = cases;
  let worst: Measurement = { inputs: rounded.length, error: 0, at: [], actual: 0, exact: 0 };
  for (let i = 0; i < rounded.length; i++) {
    const error = errorFloat64(output[i], rounded[i], fractions[i]);
    if (error > worst.error) {
      worst = { ...worst, error, at: inputs.map((x) => x[i]), actual: output[i], exact: rounded[i] };
    }
  }
  return worst;
}

/** The function in float64 at the arguments whose exact results are known. */
export function measureFloat64(name: string, folder: string): Measurement {
  const cases = readCases(folder, name);
  const { length } = cases.rounded;
  const even = length + (length % 2);
  const kernel = makeKernel(FUNCTIONS.float64[name], "float64", cases.inputs.length, even);
  cases.inputs.forEach((x, i) => {
    kernel.inputs[i].set(x);
  });
  kernel.run(even);
  return worstOf(cases, kernel.output);
}
