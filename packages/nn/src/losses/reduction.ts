import {
  checkOptions,
  describeValue,
  formatShape,
  logicalAnd,
  ShapeError,
  StateError,
  type Tensor,
  type TensorLike,
  where,
} from "@cotangent/core";
import { given } from "./given.ts";
import { literal } from "./literal.ts";
import { checkPredictions, matchingTargets } from "./targets.ts";

/** What becomes of the losses of single elements or examples. */
export type Reduction = "mean" | "sum" | "none";

/** What every loss takes. */
export interface LossOptions {
  /**
   * "mean" unless given: over all elements of losses that compare elements, over all examples of those that compare rows.
   * "none" gives a loss for each.
   */
  readonly reduction?: Reduction;
  /**
   * How much each of them counts: a tensor of their shape, or of their leading axes, such as [batch]. A mean is then
   * divided by the sum of the weights; it is 0 where they are all 0. What has weight 0 adds 0, be it NaN or infinite.
   */
  readonly weights?: TensorLike;
}

/** The tensor that a loss is: a scalar, unless these options may say "none". */
export type LossOf<O> = "reduction" extends keyof O
  ? "none" extends O["reduction"]
    ? Tensor
    : Tensor<readonly []>
  : Tensor<readonly []>;

const REDUCTIONS: readonly Reduction[] = ["mean", "sum", "none"];

/** Refuses what no loss knows, beside the loss's own options. @throws StateError */
export function checkLossOptions(operation: string, options: LossOptions, own: readonly string[] = []): void {
  checkOptions(operation, options, ["reduction", "weights", ...own]);
  const { reduction = "mean" } = options;
  if (REDUCTIONS.includes(reduction)) return;
  throw new StateError(
    `reduction is ${typeof reduction === "string" ? `"${reduction}"` : describeValue(reduction)}`,
    { operation, remedy: 'It is "mean", "sum" or "none"' },
  );
}

/** Checked predictions, and targets of their shape. @throws StateError, ShapeError, DTypeError */
export function pair(
  operation: string,
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions,
  own: readonly string[] = [],
): [predictions: Tensor, targets: Tensor] {
  checkLossOptions(operation, options, own);
  const values = checkPredictions(predictions, operation, options.reduction);
  return [values, matchingTargets(values, targets, operation)];
}

/** The losses of elements or examples, weighted and put together. @throws ShapeError for weights that do not fit */
export function reduced(
  losses: Tensor,
  { reduction = "mean", weights }: LossOptions,
  operation: string,
): Tensor {
  if (weights === undefined) {
    if (reduction === "none") return losses;
    return reduction === "sum" ? losses.sum() : losses.mean();
  }
  const factors = spread(weights, losses, operation);
  const zero = literal(0, losses);
  const finite = losses.abs().less(literal(Number.POSITIVE_INFINITY, losses));
  // A weight of 0 leaves out what it stands at, even NaN; elsewhere the product keeps its derivative by the weight.
  const leftOut = logicalAnd(factors.equal(zero), finite.logicalNot());
  const weighted = where(leftOut, zero, losses.mul(factors));
  if (reduction === "none") return weighted;
  if (reduction === "sum") return weighted.sum();
  const total = factors.sum();
  const nothing = total.equal(zero);
  return where(nothing, zero, weighted.sum().div(where(nothing, literal(1, losses), total)));
}

/** The weights in the losses' shape and dtype. */
function spread(weights: TensorLike, losses: Tensor, operation: string): Tensor {
  const own = given(weights, "weights", operation);
  const { shape } = losses;
  if (own.rank <= shape.length && own.shape.every((size, axis) => size === shape[axis])) {
    const trailing = shape.slice(own.rank).map(() => 1);
    return own
      .cast(losses.dtype)
      .reshape([...own.shape, ...trailing])
      .broadcastTo(shape);
  }
  throw new ShapeError(
    `weights have shape ${formatShape(own.shape)}, what they weigh has ${formatShape(shape)}`,
    {
      operation,
      shapes: [own.shape, shape],
      remedy: `Give weights of that shape, or of its leading axes${shape.length > 1 ? `, such as ${formatShape(shape.slice(0, 1))}` : ""}`,
    },
  );
}
