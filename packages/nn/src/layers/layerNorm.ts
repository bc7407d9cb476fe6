import {
  checkOptions,
  type DType,
  DTypeError,
  describeValue,
  formatShape,
  full,
  isFloating,
  ones,
  ShapeError,
  StateError,
  type Tensor,
  type Variable,
  variable,
  zeros,
} from "@cotangent/core";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";
import { checkFloating, checkSize } from "./options.ts";

export interface LayerNormOptions {
  /** Added to the variance, so that a constant input does not divide by 0: 1e-5 unless given. */
  readonly epsilon?: number;
  /** Whether the result is multiplied by a learned scale, 1 at first: true unless given. */
  readonly useScale?: boolean;
  /** Whether a learned bias is added, 0 at first: true unless given. */
  readonly useBias?: boolean;
  /** The dtype of the weights: float32 unless given. */
  readonly dtype?: DType;
  /** For messages and the names of variables: "layerNorm" unless given. */
  readonly name?: string;
}

const OPTIONS = ["epsilon", "useScale", "useBias", "dtype", "name"];

/**
 * Each example by itself to mean 0 and variance 1 along the last axes, then scaled and shifted:
 * (x - mean) / sqrt(variance + epsilon) * scale + bias. The same in training and evaluation.
 *
 * x is [..., ...sizes] with any leading axes, and so is the result; scale and bias are [...sizes]. Ba, Kiros and Hinton,
 * "Layer normalization", 2016.
 */
export class LayerNorm extends Module {
  /** null without `useScale`. */
  readonly scale: Variable | null;
  /** null without `useBias`. */
  readonly bias: Variable | null;
  readonly sizes: readonly number[];
  readonly epsilon: number;
  readonly name: string;

  /**
   * `sizes` are those of the last axes, one number for the last alone.
   * @throws StateError for sizes below 1 and options that are unknown or out of range; DTypeError for a dtype that is not
   *   floating
   */
  constructor(sizes: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions("LayerNorm", options, OPTIONS);
    this.sizes = checkSizes(sizes);
    this.epsilon = checkEpsilon(options.epsilon ?? 1e-5);
    this.name = options.name ?? "layerNorm";
    const dtype = checkFloating(options.dtype ?? "float32", "LayerNorm");
    const made = (value: Tensor, name: string): Variable => variable(value, { name: `${this.name}.${name}` });
    this.scale = options.useScale === false ? null : made(ones(this.sizes, { dtype }), "scale");
    this.bias = options.useBias === false ? null : made(zeros(this.sizes, { dtype }), "bias");
  }

  override get inputShape(): readonly number[] {
    return this.sizes;
  }

  /** @throws ShapeError when x's last axes have other sizes, DTypeError for an input that is not floating */
  forward(x: Tensor): Tensor {
    const { sizes, scale, bias } = this;
    const leading = x.rank - sizes.length;
    if (leading < 0 || !sizes.every((size, axis) => x.shape[leading + axis] === size))
      throw this.wrongInput(x);
    if (!isFloating(x.dtype)) {
      throw new DTypeError(`the input has dtype ${x.dtype}`, {
        operation: "LayerNorm",
        dtypes: [x.dtype],
        remedy: "Cast it to float32 or float64 before",
      });
    }
    const axes = sizes.map((_, axis) => leading + axis);
    const centred = x.sub(x.mean(axes, { keepDims: true }));
    const variance = centred.square().mean(axes, { keepDims: true });
    const spread = variance.add(full([], this.epsilon, { dtype: x.dtype })).sqrt();
    const normal = centred.div(spread);
    const scaled = scale === null ? normal : normal.mul(scale);
    return bias === null ? scaled : scaled.add(bias);
  }

  private wrongInput({ shape }: Tensor): ShapeError {
    const wanted = this.sizes.join(", ");
    return new ShapeError(
      `layer ${this.name} takes [..., ${wanted}], but its input has shape ${formatShape(shape)}`,
      { operation: "LayerNorm", shapes: [shape], remedy: `Its last axes must have the sizes ${wanted}` },
    );
  }
}

function checkSizes(sizes: number | readonly number[]): readonly number[] {
  const list: readonly unknown[] = Array.isArray(sizes) ? sizes : [sizes];
  if (list.length === 0) {
    throw new StateError("there are no sizes", {
      operation: "LayerNorm",
      remedy: "Give those of the last axes, such as [64]",
    });
  }
  return list.map((size) => checkSize(size, "each size", "LayerNorm"));
}

function checkEpsilon(epsilon: unknown): number {
  if (typeof epsilon === "number" && Number.isFinite(epsilon) && epsilon >= 0) return epsilon;
  throw new StateError(`epsilon is ${typeof epsilon === "number" ? epsilon : describeValue(epsilon)}`, {
    operation: "LayerNorm",
    remedy: "Give a finite number of at least 0, such as 1e-5",
  });
}

/** A LayerNorm over the last axis for `sequential`, which tells it the size. */
export function layerNorm(options: LayerNormOptions = {}): LayerFactory {
  checkOptions("layerNorm", options, OPTIONS);
  return {
    build({ inputShape, name }) {
      if (inputShape.length > 0)
        return new LayerNorm(inputShape[inputShape.length - 1], { name, ...options });
      throw new ShapeError("one example has no axes, but layerNorm needs one", {
        operation: "layerNorm",
        shapes: [inputShape],
        remedy: "Use an inputShape such as [64]",
      });
    },
  };
}
