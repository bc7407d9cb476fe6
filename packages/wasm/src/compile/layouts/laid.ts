import type { Shape } from "@cotangent/core";

/** A value by a node whose axis i is the value's axis order[i]; null where they are the same. */
export interface Laid {
  readonly id: number;
  readonly order: readonly number[] | null;
  /** Whether it is computed from sliding windows, element by element. */
  readonly isWindowed: boolean;
}

/**
 * A value whose axes are taken apart: where windows lie side by side, an axis is a place of a window and a place within it.
 * `parts` has the sizes for each axis; the order is that of all of them. What belongs together lies together.
 */
export interface Apart extends Laid {
  readonly order: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

export const isApart = (laid: Laid): laid is Apart => "parts" in laid;

/** For each part the axis that it belongs to. */
export const ownersOf = ({ parts }: Pick<Apart, "parts">): number[] =>
  parts.flatMap((sizes, axis) => sizes.map(() => axis));

/** 0, 1, 2 ... */
export const identity = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

/** A value whose axes are apart, with axes of size 1 that come and go; null for any other shape. */
export function withOnes(laid: Apart, from: Shape, to: Shape): Apart | null {
  const real = (shape: Shape): number[] => identity(shape.length).filter((axis) => shape[axis] !== 1);
  const [before, after] = [real(from), real(to)];
  if (before.length !== after.length || before.some((axis, i) => from[axis] !== to[after[i]])) return null;
  const parts = to.map((_, axis) => (after.includes(axis) ? laid.parts[before[after.indexOf(axis)]] : [1]));
  const [owners, next] = [ownersOf(laid), ownersOf({ parts })];
  const ones = identity(next.length).filter((part) => !after.includes(next[part]));
  const others = laid.order
    .filter((part) => before.includes(owners[part]))
    .map((part) => {
      const axis = after[before.indexOf(owners[part])];
      return next.indexOf(axis) + part - owners.indexOf(owners[part]);
    });
  return { ...laid, parts, order: [...ones, ...others] };
}

/** A permutation of a value whose axes are apart: axis i of the result is axis from[i]. */
export function permuted({ parts, order, ...rest }: Apart, from: readonly number[]): Apart {
  const moved = from.map((axis) => parts[axis]);
  const starts = (list: readonly (readonly number[])[]): number[] => {
    let start = 0;
    return list.map((sizes) => {
      start += sizes.length;
      return start - sizes.length;
    });
  };
  const [before, after] = [starts(parts), starts(moved)];
  const owners = ownersOf({ parts });
  const next = order.map((part) => {
    const axis = owners[part];
    return after[from.indexOf(axis)] + part - before[axis];
  });
  return { ...rest, parts: moved, order: next };
}
