import { type DType, full, type Shape, type Tensor, tensor } from "@cotangent/core";

/** A number as part of the graph, in x's dtype. */
export const literal = (value: number, x: { readonly dtype: DType }): Tensor =>
  full([], value, { dtype: x.dtype });

/** Zeros with a value from the start: nothing needs computing, so no plan is made for them. */
export function zeroData(shape: Shape, dtype: DType): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = dtype === "float64" ? new Float64Array(size) : new Float32Array(size);
  return tensor(data, { shape, copy: false });
}

/** A bool scalar with a value from the start. */
export const falseData = (): Tensor => tensor(false);
