import type { Tensor } from "../ir/tensor.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { GradientError, StateError } from "../util/errors.ts";
import { checkFloating, checkTensor } from "./arguments.ts";
import { gradients } from "./gradients.ts";
import { simplify } from "./simplify/simplify.ts";

/** Which derivative. */
export interface DerivativeOptions {
  /** How often to differentiate: 1 unless given; 0 gives f itself, simplified. */
  readonly order?: number;
}

/**
 * The derivative of a formula, simplified: `derivative(f, a)` is df/da, `derivative(f, a, { order: 3 })` the third
 * derivative, `derivative(f, [a, b])` the mixed partial derivative by a and then by b. f is a floating scalar. By an `a`
 * that is no scalar, the gradient, in the shape of `a`: of first order only. `a` is any tensor that f is made of, a
 * symbol above all; what f does not depend on gives 0.
 *
 * See `simplify` for what simplification assumes. For derivatives as they are computed, use `grad` or `gradients`.
 * @throws GradientError when f is no floating scalar, StateError for an order that is no whole number from 0 on
 */
export function derivative(
  f: Tensor,
  by: Tensor | readonly Tensor[],
  options: DerivativeOptions = {},
): Tensor {
  checkOptions("derivative", options, ["order"]);
  checkTensor(f, "derivative");
  const path = Array.isArray(by) ? (by as readonly Tensor[]) : repeated(by as Tensor, options.order ?? 1);
  if (Array.isArray(by) && options.order !== undefined) {
    throw new StateError("order goes with one tensor to differentiate by", {
      operation: "derivative",
      remedy: "List a tensor as often as it is to be differentiated by: derivative(f, [a, a, b])",
    });
  }
  for (const x of path) {
    checkTensor(x, "derivative");
    checkFloating(x, "derivative");
  }
  let result = f.node;
  path.forEach((x, i) => {
    if (i > 0) checkScalar(result, path[i - 1]);
    // What comes between two derivatives is simplified: by itself, a derivative of order n has 2^n parts.
    [result] = gradients(i === 0 ? result : simplify(result), [x]);
  });
  return simplify(result);
}

function repeated(x: Tensor, order: number): readonly Tensor[] {
  if (typeof order === "number" && Number.isInteger(order) && order >= 0)
    return new Array<Tensor>(order).fill(x);
  const given = typeof order === "number" ? String(order) : describeValue(order);
  throw new StateError(`order is ${given}`, {
    operation: "derivative",
    remedy: "The order is a whole number: 1 for the first derivative, 2 for the second",
  });
}

/** @throws GradientError when a derivative is no scalar, and so has no gradient of its own */
function checkScalar(result: Tensor, x: Tensor): void {
  if (result.rank === 0) return;
  throw new GradientError(
    `the derivative by a tensor of shape ${formatShape(x.shape)} has that shape, and only scalars are differentiated again`,
    {
      operation: "derivative",
      shapes: [x.shape],
      remedy: "Use scalar symbols, or reduce the gradient first (sum, or its product with a vector)",
    },
  );
}
