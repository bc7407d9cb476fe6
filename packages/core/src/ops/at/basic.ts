import type { Tensor } from "../../ir/tensor.ts";
import { builder } from "../../transform/vjp.ts";
import { type Shape, sameShape } from "../../types/shape.ts";
import { reversedAxes, type Section, sectioned } from "../sections.ts";
import type { Item } from "./parse.ts";

/** What is read of x, and x with it replaced; values have the shape of what is read. */
export interface View {
  readonly shape: Shape;
  get(x: Tensor): Tensor;
  /** x where `change` of what is there, and of the values, is in the places of the view. */
  put(x: Tensor, values: Tensor, change: Change): Tensor;
}

/** What becomes of old elements, given new ones. */
export type Change = (old: Tensor, value: Tensor) => Tensor;

const countOf = ({ from, to, by }: Section): number => Math.ceil((to - from) / by);

/** Of integers, ranges and new axes, in their places; axes of other indices are left as they are. */
export function basicView(shape: Shape, items: readonly Item[]): View {
  const sections: Section[] = shape.map((size) => ({ from: 0, to: size, by: 1, isReversed: false }));
  const result: number[] = [];
  for (const item of items) {
    if (item.kind === "integer" || item.kind === "range") sections[item.axis] = item.section;
    if (item.kind === "range") result.push(countOf(item.section));
    else if (item.kind === "new") result.push(1);
    else if (item.kind === "indices") result.push(shape[item.axis]);
    else if (item.kind === "mask") result.push(...item.indices.shape);
  }
  const counts = sections.map(countOf);
  const reversed = reversedAxes(sections);
  const isWhole = sameShape(counts, shape);
  const low = sections.map(({ from }) => from);
  const interior = sections.map(({ by }, axis) => (counts[axis] > 1 ? by - 1 : 0));
  const high = shape.map(
    (size, axis) => size - low[axis] - counts[axis] - Math.max(counts[axis] - 1, 0) * interior[axis],
  );
  const widened = (values: Tensor): Tensor => builder.pad(values, low, high, interior);
  return {
    shape: result,
    get: (x) => builder.reshape(sectioned(x, sections), result),
    put: (x, values, change) => {
      if (values.size === 0) return x.node;
      const own = builder.flip(builder.reshape(values, counts), reversed);
      if (isWhole) return change(x, own);
      const inside = widened(builder.constant(1, counts, "bool"));
      return builder.where(inside, change(x, widened(own)), x);
    },
  };
}
