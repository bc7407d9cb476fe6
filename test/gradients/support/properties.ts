import { grad, jvp, type Tensor } from "@cotangent/core";
import { checkClose, checkEqual } from "./close.ts";
import { type Difference, extrapolate, stencil } from "./difference.ts";
import { inner, Point, read, readAll } from "./point.ts";
import type { Case } from "./row.ts";

/** Throws when the property does not hold; false when the case shows nothing. */
export type Property = (item: Case) => boolean;

/** The derivative of a function of the arguments along the point's direction, by central differences. */
function differenceAlong(point: Point, f: (...args: Tensor[]) => readonly Tensor[]): Difference {
  const values = readAll(stencil(point.precision.step).map((t) => f(...point.moved(t))));
  return extrapolate(values, point.precision);
}

const dotted = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/**
 * First order: forward mode against central differences, for each element of the result; reverse mode against them,
 * and against forward mode: <w, J v> = <J^T w, v>.
 */
export const firstOrder: Property = (item) => {
  const point = new Point(item);
  const { args, tangents, weights, directions } = point;
  const difference = differenceAlong(point, (...moved) => [point.f(...moved)]);
  if (!difference.conclusive) return false;
  const [forward, reverse, w] = readAll([
    [point.pushed(tangents)(...args)],
    point.gradient(...args),
    [weights],
  ]);
  checkClose("jvp against central differences", forward, difference.value, difference.tolerance);
  const direction = Float64Array.from(directions.flatMap((d) => [...d]));
  const along = Float64Array.of(dotted(reverse, direction));
  const slack = Float64Array.of(difference.tolerance.reduce((sum, t) => sum + t, 1e-12 * reverse.length));
  checkClose("vjp against central differences", along, Float64Array.of(dotted(w, difference.value)), slack);
  checkEqual(point, "vjp against jvp", along, Float64Array.of(dotted(w, forward)));
  return true;
};

/** Second order: the derivative of the gradient along a direction against central differences of the gradient. */
export const secondOrder: Property = (item) => {
  const point = new Point(item);
  const difference = differenceAlong(point, point.gradient);
  if (!difference.conclusive) return false;
  const forwardOverReverse = read(
    jvp((...all: Tensor[]) => point.gradient(...all), [...point.args], [...point.tangents])[1],
  );
  checkClose(
    "second order against central differences",
    forwardOverReverse,
    difference.value,
    difference.tolerance,
  );
  return true;
};

/** Second order in all four combinations of the modes: H v three times, and u^T H v. */
export const mixedModes: Property = (item) => {
  const point = new Point(item);
  const { args, tangents } = point;
  const others = point.likeArguments();
  const argnums = args.map((_, i) => i);
  const pushedLoss = (...all: Tensor[]): Tensor =>
    point
      .pushed(tangents)(...all)
      .mul(point.weights)
      .sum();
  const byReverse = (...all: Tensor[]): Tensor => inner(point.gradient(...all), tangents);
  const [reverseOverReverse, forwardOverReverse, reverseOverForward, forwardOverForward, u] = readAll([
    grad(byReverse, { argnums })(...args),
    jvp((...all: Tensor[]) => point.gradient(...all), [...args], [...tangents])[1],
    grad(pushedLoss, { argnums })(...args),
    [jvp(pushedLoss, args, others)[1]],
    others,
  ]);
  checkEqual(
    point,
    "forward over reverse against reverse over reverse",
    forwardOverReverse,
    reverseOverReverse,
  );
  checkEqual(
    point,
    "reverse over forward against reverse over reverse",
    reverseOverForward,
    reverseOverReverse,
  );
  const expected = Float64Array.of(dotted(u, reverseOverReverse));
  checkEqual(point, "forward over forward against reverse over reverse", forwardOverForward, expected);
  return true;
};
