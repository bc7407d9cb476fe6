import type { Shape } from "@cotangent/core";
import fc from "fast-check";

export interface ShapeLimits {
  readonly minRank?: number;
  readonly maxRank?: number;
  /** No axis of size 0. */
  readonly nonEmpty?: boolean;
}

const MAX_ELEMENTS = 24;

const size: fc.Arbitrary<number> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(2) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.constant(3) },
);

/** Sizes cut down until there are few elements: central differences need many evaluations. */
function small(shape: readonly number[]): number[] {
  const result = [...shape];
  for (let axis = 0; result.reduce((a, b) => a * b, 1) > MAX_ELEMENTS; axis++) {
    if (result[axis] > 1) result[axis]--;
    if (axis === result.length - 1) axis = -1;
  }
  return result;
}

/** Shapes of rank 0 to 4 with few elements; sizes 0 and 1 occur, and so do scalars. */
export function shapes({
  minRank = 0,
  maxRank = 4,
  nonEmpty = false,
}: ShapeLimits = {}): fc.Arbitrary<Shape> {
  const weights = [2, 4, 5, 4, 4];
  const ranks = fc.oneof(
    ...weights
      .map((weight, rank) => ({ weight, arbitrary: fc.constant(rank) }))
      .filter((_, rank) => rank >= minRank && rank <= maxRank),
  );
  return ranks.chain((rank) =>
    fc
      .tuple(
        fc.array(size, { minLength: rank, maxLength: rank }),
        fc.integer({ min: 0, max: 9 }),
        fc.nat({ max: Math.max(rank - 1, 0) }),
      )
      .map(([sizes, lot, axis]) =>
        small(sizes.map((n, i) => (lot === 9 && i === axis && !nonEmpty ? 0 : n))),
      ),
  );
}

/** One of the numbers from `low` to `high`, both included. */
export const whole = (low: number, high: number): fc.Arbitrary<number> => fc.integer({ min: low, max: high });

/** `count` shapes that broadcast together: leading axes are missing here and there, and some sizes are 1. */
export const broadcastable = (count: number, limits: ShapeLimits = {}): fc.Arbitrary<Shape[]> =>
  shapes(limits).chain((full) =>
    fc.array(
      fc
        .tuple(
          fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: whole(0, full.length) }),
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: full.length, maxLength: full.length }),
        )
        .map(([dropped, lots]) => full.map((n, axis) => (lots[axis] === 3 ? 1 : n)).slice(dropped)),
      { minLength: count, maxLength: count },
    ),
  );

/** Any order of the axes of a tensor. */
export const orders = (rank: number): fc.Arbitrary<number[]> => {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return fc.shuffledSubarray(axes, { minLength: rank, maxLength: rank });
};

/** Axes as operations take them: all of them (undefined), one (perhaps counted from the end), or a list. */
export function axesOf(rank: number): fc.Arbitrary<number | number[] | undefined> {
  if (rank === 0) return fc.constantFrom(undefined, []);
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return fc.oneof(fc.constant(undefined), whole(-rank, rank - 1), fc.shuffledSubarray(axes));
}

/** The axes that `axes` names, counted from the front. */
export const listOf = (axes: number | readonly number[] | undefined, rank: number): number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  return (typeof axes === "number" ? [axes] : [...axes]).map((axis) => (axis < 0 ? axis + rank : axis));
};

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
