import type { DType } from "@cotangent/core";

/** What `make` gives for a dtype, made once for each: parameters of one dtype share their step's numbers. */
export function onceForEachDType<T>(make: (dtype: DType) => T): (dtype: DType) => T {
  const made = new Map<DType, T>();
  return (dtype) => {
    const known = made.get(dtype);
    if (known !== undefined) return known;
    const value = make(dtype);
    made.set(dtype, value);
    return value;
  };
}
