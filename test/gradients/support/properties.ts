import { grad, stopGradient, type Tensor, where } from "@cotangent/core";
import { type CheckOptions, checkGradients, formatReport } from "@cotangent/gradcheck";
import { checkEqual } from "./close.ts";
import { Point, readAll } from "./point.ts";
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

/** Second order: all four combinations of the modes against differences of gradients. */
export const secondOrder: Property = (item) =>
  checked(item, {
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
