import type { DType } from "../types/dtype.ts";

/** The shortest decimal number that becomes `value` in the dtype: 0.1 for what float32 makes of 0.1. */
export function shortest(value: number, dtype: DType): number {
  if (dtype !== "float32" || !Number.isFinite(value) || Number.isInteger(value)) return value;
  const stored = Math.fround(value);
  for (let digits = 6; digits <= 9; digits++) {
    const candidate = Number(stored.toPrecision(digits));
    if (Math.fround(candidate) === stored) return candidate;
  }
  return value;
}
