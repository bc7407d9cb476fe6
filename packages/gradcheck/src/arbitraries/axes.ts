import fc from "fast-check";
import { wholeOption } from "./limits.ts";

/**
 * One axis of tensors of a rank, perhaps counted from the end. It shrinks towards 0.
 * @throws StateError unless rank is a whole number from 1
 */
export function axis(rank: number): fc.Arbitrary<number> {
  const count = wholeOption("axis", "rank", rank, 1);
  return fc.integer({ min: -count, max: count - 1 });
}

/**
 * Axes as reductions take them: all of them (undefined), one, or a list of some, each perhaps counted from the end. They
 * shrink towards undefined.
 * @throws StateError unless rank is a whole number from 0
 */
export function axes(rank: number): fc.Arbitrary<number | number[] | undefined> {
  const count = wholeOption("axes", "rank", rank, 0);
  if (count === 0) return fc.constantFrom<(number[] | undefined)[]>(undefined, []);
  const places = Array.from({ length: count }, (_, i) => i);
  const signs = fc.array(fc.boolean(), { minLength: count, maxLength: count, size: "max" });
  const several = fc
    .tuple(fc.shuffledSubarray(places), signs)
    .map(([list, negative]) => list.map((place) => (negative[place] ? place - count : place)));
  return fc.oneof<[fc.Arbitrary<undefined>, fc.Arbitrary<number>, fc.Arbitrary<number[]>]>(
    { withCrossShrink: true },
    fc.constant(undefined),
    axis(count),
    several,
  );
}

/**
 * Some order of all axes of tensors of a rank, as `transpose` takes it. They shrink towards the order as it is.
 * @throws StateError unless rank is a whole number from 0
 */
export function axisOrders(rank: number): fc.Arbitrary<number[]> {
  const count = wholeOption("axisOrders", "rank", rank, 0);
  const picks = Array.from({ length: count }, (_, i) => fc.nat({ max: count - 1 - i }));
  return fc.tuple(...picks).map((list) => {
    const rest = Array.from(list, (_, i) => i);
    return list.map((pick) => rest.splice(pick, 1)[0]);
  });
}
