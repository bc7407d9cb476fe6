import type { Params } from "@cotangent/core";
import { type Node, opName } from "./graph.ts";
import type { Rewriter, Rule } from "./rewriter.ts";

// What padding adds and slices take away again, as padding and its derivative do.

type Numbers = Readonly<Record<string, readonly number[]>>;

/** Padding that only cuts away is a slice. */
export const cutAway: Rule = (s, node) => {
  const { low, high, interior } = node.params as unknown as Numbers;
  if ([...low, ...high].some((n) => n > 0) || interior.some((n) => n !== 0)) return null;
  const { shape } = s.nodes[node.inputs[0]];
  const sizes = shape.slice(shape.length - low.length);
  const params = {
    start: low.map((n) => -n),
    end: high.map((n, i) => sizes[i] + n),
    step: low.map(() => 1),
  };
  return s.make("slice", node.inputs, params as Params, node.shape, node.dtype);
};

/** A slice of x in the midst of zeros is x, where it is all of x; of a mask and one that is true there, the mask. */
export const sliceOfPadded: Rule = (s, node) => {
  const { step } = node.params as unknown as Numbers;
  const source = s.nodes[node.inputs[0]];
  if (step.some((n) => n !== 1)) return null;
  if (opName(source) === "pad") {
    const x = source.inputs[0];
    const isAll = s.nodes[x].shape.join() === node.shape.join();
    return isAll && isWithin(s, node, source) ? x : null;
  }
  if (opName(source) !== "bitwise" || source.dtype !== "bool") return null;
  if ((source.params as unknown as { op: string }).op !== "and") return null;
  const isTrue = source.inputs.map((input) => {
    const padded = s.nodes[input];
    return opName(padded) === "pad" && s.literal(padded.inputs[0]) === 1 && isWithin(s, node, padded);
  });
  const rest = source.inputs[isTrue.indexOf(false)];
  if (!isTrue.includes(true)) return null;
  if (rest === undefined) return s.constant(1, node.shape, "bool");
  return s.make("slice", [rest], node.params, node.shape, "bool");
};

/** Whether all of a slice lies within what was padded. */
function isWithin(s: Rewriter, slice: Node, padded: Node): boolean {
  const { low, interior } = padded.params as unknown as Numbers;
  const { start } = slice.params as unknown as Numbers;
  const { shape } = s.nodes[padded.inputs[0]];
  if (interior.some((n) => n !== 0)) return false;
  const rank = shape.length;
  const at = (list: readonly number[], axis: number): number => list[axis - (rank - list.length)] ?? 0;
  return shape.every((size, axis) => {
    const first = at(start, axis) - at(low, axis);
    return first >= 0 && first + slice.shape[axis] <= size;
  });
}
