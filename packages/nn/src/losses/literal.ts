import { type DType, full, type Tensor } from "@cotangent/core";

/** A scalar of x's dtype that is part of the graph, not a slot. */
export const literal = (value: number, x: { readonly dtype: DType }): Tensor =>
  full([], value, { dtype: x.dtype });
