import { grad, jvp, stopGradient, type Tensor, where } from "@cotangent/core";
import { checkClose, checkEqual } from "./close.ts";
import { type Difference, firstDerivative, secondDerivative, stencil } from "./difference.ts";
import { float64, inner, Point, readAll } from "./point.ts";
import type { Case } from "./row.ts";

/** Throws when the property does not hold; false when the case shows nothing. */
export type Property = (item: Case) => boolean;

/** The derivative of a function of the arguments along the point's direction, by central differences. */
function differenceAlong(point: Point, f: (...args: Tensor[]) => readonly Tensor[]): Difference {
  const values = readAll(stencil(point.precision.step).map((t) => f(...point.moved(t))));
  return firstDerivative(values, point.precision);
}

/** The second derivative of the operation along the point's direction, by central differences of its values. */
function curvatureAlong({ precision, args, moved, f }: Point): Difference {
  const around = stencil(precision.step).map((t) => [f(...moved(t))]);
  const [here, ...values] = readAll([[f(...args)], ...around]);
  return secondDerivative(values, here, precision);
}

const total = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0);
const flat = (arrays: readonly Float64Array[]): Float64Array =>
  Float64Array.from(arrays.flatMap((array) => [...array]));

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
  const along = Float64Array.of(dotted(reverse, flat(directions)));
  const slack = Float64Array.of(total(difference.tolerance) + 1e-12 * reverse.length);
  checkClose("vjp against central differences", along, Float64Array.of(dotted(w, difference.value)), slack);
  checkEqual(point, "vjp against jvp", along, Float64Array.of(dotted(w, forward)));
  return true;
};

/**
 * Second order: the derivative of the gradient along a direction v against central differences of the gradient, element
 * by element, and v^T H v against second differences of values alone.
 */
export const secondOrder: Property = (item) => {
  const point = new Point(item);
  const { args, tangents, directions, weights } = point;
  const difference = differenceAlong(point, point.gradient);
  const curvature = curvatureAlong(point);
  if (!difference.conclusive || !curvature.conclusive) return false;
  const turning = jvp((...all: Tensor[]) => point.gradient(...all), [...args], [...tangents])[1];
  const [turned, w] = readAll([turning, [weights]]);
  checkClose("second order against differences of gradients", turned, difference.value, difference.tolerance);
  const bent = Float64Array.of(dotted(turned, flat(directions)));
  const slack = Float64Array.of(total(curvature.tolerance) + 1e-12 * turned.length);
  checkClose(
    "second order against second differences",
    bent,
    Float64Array.of(dotted(w, curvature.value)),
    slack,
  );
  return true;
};

/** Another function of the same value and slope. */
const bent =
  (curvature: number) =>
  (x: Tensor): Tensor => {
    const change = x.sub(stopGradient(x));
    return x.add(change.mul(change).mul(curvature / 2));
  };

/**
 * The operation between curved functions, so that tangents and cotangents, too, depend on the arguments. What the two add
 * to the second order differs, so that neither stands for the other.
 */
const amongOthers = (item: Case): Case => {
  const { setup } = item;
  return { ...item, setup: { ...setup, apply: (...args) => bent(-0.7)(setup.apply(...args.map(bent(1)))) } };
};

/** Second order of compositions in all four combinations of the modes: H v three times, and u^T H v. */
export const mixedModes: Property = (item) => {
  const point = new Point(amongOthers(item));
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

/**
 * A branch that is not chosen leaks nothing: where(false, f(z), 0) has the gradient 0 although z, which has the value of
 * the argument, has an infinite derivative by it.
 */
export const maskedBranch: Property = (item) => {
  const point = new Point(item);
  const steep = (x: Tensor): Tensor => {
    const still = stopGradient(x);
    return still.add(x.sub(still).cbrt());
  };
  const loss = (...all: Tensor[]): Tensor => {
    const result = point.f(...all.map(steep));
    return where(result.notEqual(result), result, 0).sum();
  };
  const gradient = readAll([grad(loss, { argnums: point.args.map((_, i) => i) })(...point.args)])[0];
  checkEqual(point, "gradient of what is not chosen", gradient, new Float64Array(gradient.length));
  return true;
};

/** A mask in the result that lets some elements through: the gradient is that of a sum with weights of 0 elsewhere. */
export const partlyMasked: Property = (item) => {
  const point = new Point(item);
  const mask = point.likeResult().greater(0);
  const masked = (...all: Tensor[]): Tensor =>
    where(mask, point.f(...all), 0)
      .mul(point.weights)
      .sum();
  const [kept] = readAll([[where(mask, point.weights, 0)]]);
  const weights = float64(kept, point.shape);
  const weighted = (...all: Tensor[]): Tensor =>
    point
      .f(...all)
      .mul(weights)
      .sum();
  const argnums = point.args.map((_, i) => i);
  const [actual, expected] = readAll([
    grad(masked, { argnums })(...point.args),
    grad(weighted, { argnums })(...point.args),
  ]);
  checkEqual(point, "gradient of what is partly masked", actual, expected);
  return true;
};
