import type { DType } from "../../types/dtype.ts";

const bits = new DataView(new ArrayBuffer(8));

/** The number of the dtype that is next to x, a number of it, in the direction of `toward`. */
export function nextAfter(x: number, toward: number, dtype: DType): number {
  const least = dtype === "float32" ? 2 ** -149 : Number.MIN_VALUE;
  if (x === toward || Number.isNaN(x)) return x;
  if (x === 0) return toward > 0 ? least : -least;
  // Bits of one sign are in the order of magnitudes.
  const step = toward > x === x > 0 ? 1 : -1;
  if (dtype === "float32") {
    bits.setFloat32(0, x);
    bits.setInt32(0, bits.getInt32(0) + step);
    return bits.getFloat32(0);
  }
  bits.setFloat64(0, x);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(step));
  return bits.getFloat64(0);
}
