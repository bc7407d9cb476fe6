import { compileFrame } from "../ir/frames.ts";
import type { Tensor } from "../ir/tensor.ts";
import { scalarData } from "../prims/convert.ts";
import type { DType, TypedArray } from "../types/dtype.ts";
import { toShape } from "../types/shape.ts";

/**
 * A number of the library's own state, such as a learning rate, as a scalar whose value is read anew at every call of a
 * compiled function: changing it never compiles anything again.
 */
export function runtimeNumber(read: () => number, dtype: DType = "float32"): Tensor {
  const frame = compileFrame();
  if (frame === null) return scalarData(read(), dtype);
  const fill = (elements: TypedArray) => {
    elements[0] = read();
  };
  return frame.hiddenSlot(fill, toShape([]), dtype);
}

/**
 * Runs `action` now, or, while a compiled function is traced, after each of its calls: for counting steps and the like.
 * A call that throws does not count.
 */
export function atEachCall(action: () => void): void {
  const frame = compileFrame();
  if (frame === null) action();
  else frame.afterCall(action);
}

/**
 * What `owner` remembers while a compiled function is traced, made anew for every trace; null outside of one. For what
 * happens several times in one call, such as two steps of one optimiser.
 */
export const traceLocal = <T>(owner: object, create: () => T): T | null =>
  compileFrame()?.local(owner, create) ?? null;
