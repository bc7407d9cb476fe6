import type { Tensor } from "../../ir/tensor.ts";
import { builder } from "../../transform/vjp.ts";

/** The elements from one up to another along an axis, every `step`-th of them. */
export const partAlong = (x: Tensor, axis: number, from: number, to: number, step = 1): Tensor => {
  const { shape } = x;
  const at = (value: number, others: (size: number) => number): number[] =>
    shape.map((size, k) => (k === axis ? value : others(size)));
  return builder.slice(
    x,
    at(from, () => 0),
    at(to, (size) => size),
    at(step, () => 1),
  );
};
