import { flattenNested } from "../../ir/nested.ts";
import { isTensor, type Tensor } from "../../ir/tensor.ts";
import type { TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, type Shape, sizeOf, toShape } from "../../types/shape.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { floatingOperand } from "../operands.ts";
import { gumbelFrom } from "./continuous.ts";
import { categorical, type DrawOptions, integersFrom } from "./discrete.ts";
import { keyFrom } from "./keys.ts";
import { orderFrom } from "./permutation.ts";

export interface ChoiceOptions extends DrawOptions {
  /** Of the result; a scalar unless given. */
  readonly shape?: Shape;
  /** Whether an item may be drawn again; true unless given. */
  readonly replace?: boolean;
  /** How probable each item is: n numbers, at least 0, relative to their sum. All alike unless given. */
  readonly p?: TensorLike;
}

/**
 * Indices (int32) of items drawn from n, each as often as the others or as `p` says, with replacement or without. The
 * draws of `jax.random.choice` for the same key, but with p and replacement, where the Gumbel-max trick is used (see
 * `categorical`); without replacement and with p it is Gumbel-top-k (Kool et al., "Stochastic beams and where to find
 * them", ICML 2019). The derivative by p is zero. A tensor of the given shape.
 * @throws StateError for a number of items that is none, for more draws without replacement than there are items,
 *   and for numbers p that are negative, not finite, or positive for fewer items than there are drawn; ShapeError
 *   unless p is [n]
 */
export function choice(n: number, options: ChoiceOptions = {}): Tensor {
  const operation = "random.choice";
  checkOptions(operation, options, ["shape", "replace", "p", "key", "seed"]);
  const { replace = true, p } = options;
  const shape = toShape(options.shape ?? [], operation);
  const count = sizeOf(shape);
  if (!Number.isInteger(n) || n < (count === 0 ? 0 : 1) || n >= 2 ** 31) {
    throw new StateError(`${n} is not a number of items`, {
      operation,
      remedy: "Give a whole number from 1 to 2^31 - 1",
    });
  }
  const least = replace ? Math.min(count, 1) : count;
  checkEnough(n, least, operation);
  const weights = p === undefined ? undefined : weightsOf(p, n, least, operation);
  const from = keyFrom(options, operation);
  if (count === 0) return builder.constant(0, shape, "int32");
  if (replace) {
    return weights === undefined
      ? integersFrom(from, shape, 0, n, "int32")
      : categorical(builder.log(weights), { key: from, shape });
  }
  const order = weights === undefined ? orderFrom(from, n) : weightedOrder(from, weights, n);
  return builder.reshape(builder.slice(order, [0], [count]), shape);
}

function checkEnough(items: number, least: number, operation: string): void {
  if (items >= least) return;
  throw new StateError(`${least} of ${items} items cannot be drawn without replacement`, {
    operation,
    remedy: "Draw fewer, or use replace: true",
  });
}

/** p in a floating dtype; what it holds is checked where it is written out. */
function weightsOf(p: TensorLike, n: number, least: number, operation: string): Tensor {
  const weights = floatingOperand(operation, p);
  if (weights.rank !== 1 || weights.shape[0] !== n) {
    throw new ShapeError(`p has shape ${formatShape(weights.shape)} for ${n} items`, {
      operation,
      shapes: [weights.shape],
      remedy: "Give one number for each item",
    });
  }
  if (isTensor(p) || !Array.isArray(p)) return weights;
  const numbers = flattenNested(p, operation).values.map(Number);
  const wrong = numbers.find((x) => !(x >= 0 && x < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) {
    throw new StateError(`p holds ${wrong}`, {
      operation,
      remedy: "Probabilities are finite and at least 0",
    });
  }
  checkEnough(numbers.filter((x) => x > 0).length, least, operation);
  return weights;
}

/** All items, the first ones drawn first. */
function weightedOrder(from: Tensor, weights: Tensor, n: number): Tensor {
  const noise = gumbelFrom(from, toShape([n]), weights.dtype);
  return builder.argSort(builder.add(noise, builder.log(weights)), 0, true);
}
