import type { Tensor } from "../../ir/tensor.ts";
import { checkBody, tensorTree } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, normalizeAxis, sameShape } from "../../types/shape.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import type { Carried, Carry } from "./carry.ts";
import { partAlong } from "./part.ts";

export interface AssociativeScanOptions {
  /** The axis to go along, the first unless given. */
  readonly axis?: number;
  /** From the last element to the first. */
  readonly reverse?: boolean;
}

const OPERATION = "associativeScan";

/**
 * All prefixes x0, f(x0, x1), f(f(x0, x1), x2) ... along an axis, in about 2 log2(n) steps of whole tensors rather than n, for an
 * f that is associative: f(f(a, b), c) = f(a, f(b, c)). f gets two trees like `xs`, with the axis, of many pairs at once, and
 * combines them element by element along it. Derivatives follow, since it is made of ordinary operations. (Blelloch, "Prefix
 * sums and their applications", 1990.) That of `jax.lax.associative_scan`.
 * @throws ShapeError where axes differ in size, or f changes shapes; StateError where f changes the tree
 */
export function associativeScan<X extends Carry>(
  f: (left: Carried<X>, right: Carried<X>) => unknown,
  xs: X,
  options: AssociativeScanOptions = {},
): Carried<X> {
  checkBody(f, OPERATION, "the first argument", "associativeScan((a, b) => a.mul(b), xs)");
  checkOptions(OPERATION, options, ["axis", "reverse"]);
  const { flat } = tensorTree(xs, OPERATION);
  const { reverse = false } = options;
  const axes = flat.leaves.map(({ rank }) => normalizeAxis(OPERATION, options.axis ?? 0, rank));
  const sizes = flat.leaves.map(({ shape }, i) => shape[axes[i]]);
  if (sizes.some((size) => size !== sizes[0])) {
    throw new ShapeError(`axes have sizes ${sizes.join(", ")}`, {
      operation: OPERATION,
      shapes: flat.leaves.map(({ shape }) => shape),
      remedy: "All tensors have the axis, of one size",
    });
  }
  const flipped = (list: readonly Tensor[]): Tensor[] =>
    list.map((x, i) => (reverse ? builder.flip(x, [axes[i]]) : x));
  const combine = (left: readonly Tensor[], right: readonly Tensor[]): Tensor[] => {
    const result = tensorTree(
      f(flat.unflatten(left) as Carried<X>, flat.unflatten(right) as Carried<X>),
      OPERATION,
    ).flat;
    if (result.structure !== flat.structure) {
      throw new StateError("the function returns another tree than it gets", {
        operation: OPERATION,
        remedy: "Combine two trees into one of the same structure",
      });
    }
    result.leaves.forEach((leaf, i) => {
      if (sameShape(leaf.shape, left[i].shape) && leaf.dtype === left[i].dtype) return;
      throw new ShapeError(
        `the function makes ${leaf.dtype}${formatShape(leaf.shape)} of ${left[i].dtype}${formatShape(left[i].shape)}`,
        {
          operation: OPERATION,
          shapes: [leaf.shape, left[i].shape],
          remedy: "Combine element by element along the axis: shapes and dtypes stay",
        },
      );
    });
    return result.leaves;
  };
  const every = (list: readonly Tensor[], start: number, end: number, step: number): Tensor[] =>
    list.map((x, i) => partAlong(x, axes[i], start, end, step));
  /** Prefixes of pairs first; then every other one is a prefix of pairs and one more element. */
  const prefixes = (list: readonly Tensor[], size: number): Tensor[] => {
    if (size < 2) return [...list];
    const pairs = combine(every(list, 0, size - 1, 2), every(list, 1, size, 2));
    const odd = prefixes(pairs, Math.floor(size / 2));
    const half = Math.ceil(size / 2);
    const first = every(list, 0, 1, 1);
    if (half === 1) return interleaved(first, odd, axes);
    const before = every(odd, 0, half - 1, 1);
    const even = combine(before, every(list, 2, size, 2));
    return interleaved(
      first.map((x, i) => builder.concat([x, even[i]], axes[i])),
      odd,
      axes,
    );
  };
  return flat.unflatten(flipped(prefixes(flipped(flat.leaves), sizes[0] ?? 0))) as Carried<X>;
}

/** a0 b0 a1 b1 ...; a may be longer by one. */
function interleaved(a: readonly Tensor[], b: readonly Tensor[], axes: readonly number[]): Tensor[] {
  return a.map((x, i) => {
    const axis = axes[i];
    const count = b[i].shape[axis];
    const both = [x, b[i]].map((one) => {
      const pairs = partAlong(one, axis, 0, count);
      return builder.reshape(pairs, [...pairs.shape.slice(0, axis + 1), 1, ...pairs.shape.slice(axis + 1)]);
    });
    const zipped = builder.concat(both, axis + 1);
    const joined = builder.reshape(
      zipped,
      x.shape.map((size, k) => (k === axis ? 2 * count : size)),
    );
    if (x.shape[axis] === count) return joined;
    const last = partAlong(x, axis, count, x.shape[axis]);
    return builder.concat([joined, last], axis);
  });
}
