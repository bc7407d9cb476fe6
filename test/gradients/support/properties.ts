import { grad, stopGradient, type Tensor, where } from "@cotangent/core";
import { type CheckOptions, checkGradients, formatReport } from "@cotangent/gradcheck";
import { checkEqual } from "./close.ts";
import { float64, Point, readAll } from "./point.ts";
import type { Case } from "./row.ts";

/** Throws when the property does not hold; false when the case shows nothing. */
export type Property = (item: Case) => boolean;

/** Checks a case by differences along one random direction. @throws Error with the report where a derivative is wrong */
function checked(item: Case, options: CheckOptions): boolean {
  const { f, args } = new Point(item);
  const report = checkGradients(f, args, { name: item.row.name, directions: 1, seed: item.seed, ...options });
  if (report.verdict === "wrong") throw new Error(formatReport(report));
  return report.ok;
}

/** First order: both modes against differences and against each other. */
export const firstOrder: Property = (item) => checked(item, {});

/** x with a curvature where it is `here`: the same value and slope there. */
const bent = (x: Tensor, here: Tensor, curvature: number): Tensor =>
  x.add(
    x
      .sub(here)
      .square()
      .mul(curvature / 2),
  );

/**
 * The operation between curved functions, so that tangents and cotangents, too, depend on the arguments. What the two add
 * to the second order differs, so that neither stands for the other.
 */
function amongOthers(item: Case): Case {
  const { args, f } = new Point(item);
  const [value] = readAll([[f(...args)]]);
  const result = float64(value, f(...args).shape);
  const apply = (...all: Tensor[]): Tensor =>
    bent(f(...all.map((x, i) => bent(x, args[i], 1))), result, -0.7);
  return { ...item, setup: { ...item.setup, apply } };
}

/** Second order of compositions: all four combinations of the modes against differences of gradients. */
export const secondOrder: Property = (item) =>
  checked(amongOthers(item), {
    order: 2,
    modes: ["reverseOverReverse", "forwardOverReverse", "reverseOverForward", "forwardOverForward"],
  });

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
