import { checkOptions, type Shape } from "@cotangent/core";
import fc from "fast-check";
import { checkRange, wholeOption } from "./limits.ts";

/** Which shapes there are. */
export interface ShapeOptions {
  /** 0 unless given. */
  readonly minRank?: number;
  /** 4 unless given, or `minRank` where that is more. */
  readonly maxRank?: number;
  /** The size of an axis is at most that; 3 unless given. */
  readonly maxSize?: number;
  /** The sizes of all axes together multiply to at most that; 24 unless given. */
  readonly maxElements?: number;
  /** Whether axes may have size 0; true unless given. About one shape in ten has one. */
  readonly empty?: boolean;
}

interface Limits {
  readonly minRank: number;
  readonly maxRank: number;
  readonly maxSize: number;
  readonly maxElements: number;
  readonly empty: boolean;
}

const NAMES = ["minRank", "maxRank", "maxSize", "maxElements", "empty"] as const;

/** @throws StateError for options that make no sense */
function limitsOf(operation: string, options: ShapeOptions): Limits {
  checkOptions(operation, options, NAMES);
  const minRank = wholeOption(operation, "minRank", options.minRank ?? 0, 0);
  const maxRank = wholeOption(operation, "maxRank", options.maxRank ?? Math.max(4, minRank), 0);
  checkRange(operation, ["minRank", minRank], ["maxRank", maxRank]);
  return {
    minRank,
    maxRank,
    maxSize: wholeOption(operation, "maxSize", options.maxSize ?? 3, 1),
    maxElements: wholeOption(operation, "maxElements", options.maxElements ?? 24, 1),
    empty: options.empty ?? true,
  };
}

const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** The sizes, the largest of them made smaller until there are few enough elements. */
function cutDown(sizes: readonly number[], maxElements: number): number[] {
  const result = [...sizes];
  while (sizeOf(result) > maxElements) {
    const largest = result.indexOf(Math.max(...result));
    result[largest]--;
  }
  return result;
}

/** 1 is the simplest size. */
const sizes = ({ maxSize, empty }: Limits): fc.Arbitrary<number> => {
  const positive = fc.integer({ min: 1, max: maxSize });
  if (!empty) return positive;
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 20, arbitrary: positive },
    { weight: 1, arbitrary: fc.constant(0) },
  );
};

const drawn = (limits: Limits): fc.Arbitrary<Shape> =>
  fc
    .array(sizes(limits), { minLength: limits.minRank, maxLength: limits.maxRank, size: "max" })
    .map((list) => cutDown(list, limits.maxElements));

/**
 * Shapes of few elements: ranks from 0 to 4 alike, sizes 0 and 1 among them. They shrink towards rank 0 and size 1.
 * @throws StateError for options that make no sense
 */
export const shapes = (options: ShapeOptions = {}): fc.Arbitrary<Shape> => drawn(limitsOf("shapes", options));

/**
 * `count` shapes that broadcast together, to at most the shape that the options allow: leading axes are missing here and
 * there, and some sizes are 1. They shrink towards shapes that are alike, of rank 0.
 * @throws StateError for options that make no sense
 */
export function broadcastableShapes(count: number, options: ShapeOptions = {}): fc.Arbitrary<Shape[]> {
  const operation = "broadcastableShapes";
  const limits = limitsOf(operation, options);
  const length = wholeOption(operation, "count", count, 1);
  const { minRank, maxRank } = limits;
  const change = fc.record({
    dropped: fc.oneof(fc.constant(0), fc.nat({ max: maxRank })),
    ones: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: maxRank, maxLength: maxRank, size: "max" }),
  });
  return fc
    .tuple(drawn(limits), fc.array(change, { minLength: length, maxLength: length, size: "max" }))
    .map(([full, changes]) =>
      changes.map(({ dropped, ones }) => {
        // Counted from the end, as axes are lined up: fewer leading axes leave the others as they are.
        const some = full.map((size, axis) => (ones[full.length - 1 - axis] === 3 ? 1 : size));
        return some.slice(Math.min(dropped, full.length - minRank));
      }),
    );
}
