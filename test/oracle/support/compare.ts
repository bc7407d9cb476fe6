import { type DType, getEngine, referenceEngine, type Tensor } from "@cotangent/core";
import { type Numeral, numberOf, type TensorJson, type Tolerance } from "./cases.ts";

const bits = new DataView(new ArrayBuffer(8));

/** Numbers of a dtype in order: neighbours differ by 1, and both zeros are 0. */
function place(x: number, dtype: DType): number | bigint {
  if (dtype === "float32") {
    bits.setFloat32(0, x);
    const n = bits.getInt32(0);
    return n < 0 ? -(n & 0x7fffffff) : n;
  }
  bits.setFloat64(0, x);
  const n = bits.getBigInt64(0);
  return n < 0n ? -(n & 0x7fffffffffffffffn) : n;
}

/** How many neighbours apart two numbers are; infinite where one is NaN. */
export function ulps(a: number, b: number, dtype: DType): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) === Number.isNaN(b) ? 0 : Infinity;
  const [left, right] = [place(a, dtype), place(b, dtype)];
  const distance = Number(left) - Number(right);
  return Math.abs(typeof left === "bigint" ? Number(left - (right as bigint)) : distance);
}

const EPSILON: Partial<Record<DType, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

const scaleAt = (scale: Numeral | readonly Numeral[] | undefined, i: number): number => {
  if (scale === undefined) return 0;
  return numberOf(typeof scale === "object" ? (scale[i] ?? 0) : scale);
};

function close(actual: number, expected: number, dtype: DType, i: number, tol: Tolerance): boolean {
  if (ulps(actual, expected, dtype) <= (tol.ulp ?? 0)) return true;
  const error = Math.abs(actual - expected);
  const epsilon = EPSILON[dtype] ?? 0;
  if (tol.eps !== undefined && error <= tol.eps * epsilon * (Math.abs(expected) + scaleAt(tol.scale, i))) {
    return true;
  }
  if (tol.sum64 === undefined) return false;
  const rounding = (tol.ulp ?? 0) * epsilon * Math.abs(expected);
  return error <= rounding + totalRounding(dtype) * scaleAt(tol.sum64, i);
}

/** The relative error of one rounding of a total: the reference engine keeps totals in float64, others in the dtype. */
const totalRounding = (dtype: DType): number =>
  dtype === "float32" && getEngine() !== referenceEngine ? 2 ** -24 : 2 ** -53;

const text = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** What is wrong with the elements, or null. Without a tolerance they are the same, the signs of zeros included. */
export function compareElements(
  actual: ArrayLike<number>,
  expected: readonly Numeral[],
  dtype: DType,
  tol: Tolerance | undefined,
): string | null {
  if (actual.length !== expected.length) return `${actual.length} elements instead of ${expected.length}`;
  for (let i = 0; i < expected.length; i++) {
    const wanted = dtype === "float32" ? Math.fround(numberOf(expected[i])) : numberOf(expected[i]);
    const same = Object.is(actual[i], wanted);
    if (same || (tol !== undefined && close(actual[i], wanted, dtype, i, tol))) continue;
    const far = Number.isFinite(wanted) ? ` (${ulps(actual[i], wanted, dtype)} ulp)` : "";
    return `element ${i} is ${text(actual[i])}, not ${text(wanted)}${far}`;
  }
  return null;
}

/** What is wrong with a tensor, or null. */
export function compareTensor(actual: Tensor, expected: TensorJson, tol?: Tolerance): string | null {
  if (actual.dtype !== expected.dtype) return `dtype ${actual.dtype}, not ${expected.dtype}`;
  if (actual.shape.join() !== expected.shape.join())
    return `shape [${actual.shape}], not [${expected.shape}]`;
  return compareElements(actual.dataSync(), expected.data, expected.dtype, tol);
}
