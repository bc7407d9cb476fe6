import type { Tensor } from "../../ir/tensor.ts";
import type { TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape } from "../../types/shape.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { section } from "../arrange.ts";
import { factors } from "../products.ts";

export interface SequenceOptions {
  /**
   * Of the m + n - 1 places where the sequences overlap, all ("full"), as many as the longer one has, from the middle
   * ("same"), or those where the shorter one lies within the longer one ("valid").
   */
  readonly mode?: "full" | "same" | "valid";
}

/** Two vectors with elements. @throws ShapeError */
function sequences(operation: string, x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const [left, right] = factors(operation, [x, y]);
  if (left.rank === 1 && right.rank === 1 && left.size > 0 && right.size > 0) return [left, right];
  throw new ShapeError(`${formatShape(left.shape)} and ${formatShape(right.shape)} are no two sequences`, {
    operation,
    shapes: [left.shape, right.shape],
    remedy: "Both are vectors with one element or more; vmap maps over further axes, conv1d over channels",
  });
}

/** Sums of products at all shifts of y along x, the last element of y first. */
function correlated(x: Tensor, y: Tensor): Tensor {
  const ends = [y.size - 1];
  const one = [1];
  const params = { strides: one, low: ends, high: ends, inputDilation: one, kernelDilation: one };
  const lanes = builder.conv(
    builder.reshape(x, [1, 1, 1, x.size]),
    builder.reshape(y, [1, 1, 1, y.size]),
    params,
  );
  return builder.reshape(lanes, [x.size + y.size - 1]);
}

/** What the mode keeps of all m + n - 1 places. `early` says to which side an odd place goes in the middle. */
function kept(
  operation: string,
  all: Tensor,
  sizes: readonly number[],
  mode: SequenceOptions["mode"],
  early: boolean,
): Tensor {
  const [shorter, longer] = [Math.min(...sizes), Math.max(...sizes)];
  if (mode === "full") return all;
  if (mode === "valid") return section(all, 0, shorter - 1, longer);
  if (mode === "same") {
    const from = early ? Math.floor((shorter - 1) / 2) : Math.ceil((shorter - 1) / 2);
    return section(all, 0, from, from + longer);
  }
  throw new StateError(`mode is ${JSON.stringify(mode)}`, {
    operation,
    remedy: 'Use "full", "same" or "valid"',
  });
}

/**
 * The discrete convolution of two sequences, as NumPy's `convolve`: element k of all is the sum of x[i] * y[k - i], as in
 * the product of two polynomials; mode "full" unless given. @throws ShapeError unless both are vectors with elements
 */
export function convolve(x: TensorLike, y: TensorLike, options: SequenceOptions = {}): Tensor {
  checkOptions("convolve", options, ["mode"]);
  const [left, right] = sequences("convolve", x, y);
  const all = correlated(left, builder.flip(right, [0]));
  return kept("convolve", all, [left.size, right.size], options.mode ?? "full", true);
}

/**
 * The cross-correlation of two sequences: all shifts of y along x, as NumPy's `correlate`; mode "valid" unless
 * given. Element k of all is the sum of x[i] * y[i - k + n - 1], for a y of n elements.
 * @throws ShapeError unless both are vectors with elements
 */
export function correlate(x: TensorLike, y: TensorLike, options: SequenceOptions = {}): Tensor {
  checkOptions("correlate", options, ["mode"]);
  const [left, right] = sequences("correlate", x, y);
  const all = correlated(left, right);
  return kept("correlate", all, [left.size, right.size], options.mode ?? "valid", left.size >= right.size);
}
