import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { scalarData, type TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkDType, type DType } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import {
  broadcastShapes,
  formatShape,
  normalizeAxis,
  type Shape,
  sameShape,
  toShape,
} from "../../types/shape.ts";
import type { Known } from "../../types/static/index.ts";
import { DTypeError, ShapeError, StateError } from "../../util/errors.ts";
import { floatingOperand } from "../operands.ts";
import { gumbelFrom, uniformFrom } from "./continuous.ts";
import { keyFrom, type RandomOptions, split } from "./keys.ts";

/** Where the bits of a draw come from that has a dtype of its own. */
export type DrawOptions = Omit<RandomOptions, "dtype">;

const KEY_OPTIONS = ["key", "seed"];

/** 32 random bits for each element, as uint32; those of `jax.random.bits` for the same key and shape. */
export function bits<const S extends Shape>(shape: S, options?: DrawOptions): Tensor<Known<S>>;
export function bits(shape: Shape, options: DrawOptions = {}): Tensor {
  checkOptions("random.bits", options, KEY_OPTIONS);
  return builder.randomBits(keyFrom(options, "random.bits"), toShape(shape, "random.bits"));
}

/** Refuses a number that is no probability. */
function probability(p: number, operation: string): number {
  if (p >= 0 && p <= 1) return p;
  throw new StateError(`p is ${p}`, { operation, remedy: "A probability is a number from 0 to 1" });
}

/** x stretched to a shape that it must not change. */
function within(x: Tensor, shape: Shape, operation: string, what: string): Tensor {
  if (!sameShape(broadcastShapes(operation, x.shape, shape), shape)) {
    throw new ShapeError(`${what} ${formatShape(x.shape)} does not fit into shape ${formatShape(shape)}`, {
      operation,
      shapes: [x.shape, shape],
      remedy: `The shape of the draw begins with new axes and ends with those of ${what}`,
    });
  }
  return builder.broadcast(x, shape);
}

export interface BernoulliOptions extends DrawOptions {
  /** The probability of true, for all elements or for each (it broadcasts to the shape); 0.5 unless given. */
  readonly p?: TensorLike;
}

/**
 * True with probability p, else false: bool. `bernoulli([2, 3], { p: 0.1 })` of a shape, `bernoulli(p)` one draw for each
 * element of a tensor p. Uniform numbers of p's dtype (float32 for a number) are compared with p: those draws of
 * `jax.random.bernoulli` for the same key. The derivative by p is zero. Elements of a tensor are not checked: they are
 * true from 1 on, false from 0 down and for NaN.
 * @throws StateError for a number p outside of [0, 1], ShapeError where p does not broadcast to the shape
 */
export function bernoulli(shape: Shape | Tensor, options: BernoulliOptions = {}): Tensor {
  const operation = "random.bernoulli";
  checkOptions(operation, options, [...KEY_OPTIONS, "p"]);
  if (isTensor(shape) && options.p !== undefined) {
    throw new StateError("p is given twice", {
      operation,
      remedy: "Give a shape and p, or a tensor p alone",
    });
  }
  const given = isTensor(shape) ? shape : (options.p ?? 0.5);
  const p = floatingOperand(operation, typeof given === "number" ? probability(given, operation) : given);
  const dims = isTensor(shape) ? shape.shape : toShape(shape, operation);
  const limit = within(p, dims, operation, "p");
  return builder.compare("less", uniformFrom(keyFrom(options, operation), dims, p.dtype), limit);
}

/**
 * -1 or 1, each with probability 1/2: int32 unless a dtype is given. The draws of `jax.random.rademacher` for the same
 * key. A tensor of the given shape.
 * @throws DTypeError for bool and uint32
 */
export function rademacher<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Known<S>>;
export function rademacher(shape: Shape, options: RandomOptions = {}): Tensor {
  const operation = "random.rademacher";
  checkOptions(operation, options, [...KEY_OPTIONS, "dtype"]);
  const dtype = checkDType(options.dtype ?? "int32", operation);
  if (dtype === "bool" || dtype === "uint32") {
    throw new DTypeError(`dtype ${dtype} does not hold -1`, {
      operation,
      dtypes: [dtype],
      remedy: "Use int32, float32 or float64, or random.bernoulli",
    });
  }
  const drawn = uniformFrom(keyFrom(options, operation), toShape(shape, operation), "float32");
  const positive = builder.compare("less", drawn, 0.5);
  return builder.where(positive, builder.constant(1, positive.shape, dtype), -1);
}

export interface RandintOptions extends RandomOptions {
  /** Inclusive; 0 unless given. */
  readonly low?: number;
  /** Exclusive. */
  readonly high: number;
}

const RANGE: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31],
  uint32: [0, 2 ** 32],
};

function checkedRange({ low = 0, high }: RandintOptions, dtype: DType, operation: string) {
  const range = RANGE[dtype];
  if (range === undefined) {
    throw new DTypeError(`dtype ${dtype} is not one of integers`, {
      operation,
      dtypes: [dtype],
      remedy: "Use int32 or uint32, or random.bernoulli or random.uniform",
    });
  }
  const [least, most] = range;
  if (!(Number.isInteger(low) && Number.isInteger(high) && low >= least && high <= most)) {
    throw new StateError(`low ${low} and high ${high} are not whole numbers of ${dtype}`, {
      operation,
      remedy: `Give whole numbers from ${least} to ${most}, as in randint([2], { low: 0, high: 10 })`,
    });
  }
  if (low < high) return { low, span: high - low };
  throw new StateError(`low ${low} is not below high ${high}`, {
    operation,
    remedy: "low is inclusive, high exclusive",
  });
}

/**
 * Whole numbers from low (0 unless given) to high, which is exclusive: int32, or uint32. Each is the remainder of 64
 * random bits, so that some numbers come more often than others by no more than (high - low) / 2^64. The draws of
 * `jax.random.randint` for the same key. A tensor of the given shape.
 * @throws StateError unless low < high are whole numbers of the dtype, DTypeError for other dtypes
 */
export function randint<const S extends Shape>(shape: S, options: RandintOptions): Tensor<Known<S>>;
export function randint(shape: Shape, options: RandintOptions): Tensor {
  const operation = "random.randint";
  checkOptions(operation, options, ["low", "high", ...KEY_OPTIONS, "dtype"]);
  const dtype = checkDType(options.dtype ?? "int32", operation);
  const { low, span } = checkedRange(options, dtype, operation);
  return integersFrom(keyFrom(options, operation), toShape(shape, operation), low, span, dtype);
}

/** Whole numbers from low to low + span - 1, drawn with a key that is one. */
export function integersFrom(from: Tensor, shape: Shape, low: number, span: number, dtype: DType): Tensor {
  const [first, second] = split(from);
  // Numbers of the caller: slots, so that others do not compile anything again.
  const number = (value: number, own: DType) => builder.broadcast(scalarData(value, own), shape);
  let offset = builder.randomBits(second, shape);
  if (span < 2 ** 32) {
    const divisor = number(span, "uint32");
    const rest = (x: Tensor) => builder.mod(x, divisor);
    // 2^32 modulo span by way of 2^16; where that squared is 2^32 itself, the product wraps to 0, as it does in JAX.
    const multiplier = (((2 ** 16 % span) * (2 ** 16 % span)) % 2 ** 32) % span;
    const high = builder.mul(rest(builder.randomBits(first, shape)), number(multiplier, "uint32"));
    offset = rest(builder.add(high, rest(offset)));
  }
  return builder.add(builder.cast(offset, dtype), number(low, dtype));
}

export interface CategoricalOptions extends DrawOptions {
  /** Along which the logits of one distribution lie; the last unless given. */
  readonly axis?: number;
  /** Of the result: new leading axes for further draws, then the axes of the logits without `axis`, which it is unless given. */
  readonly shape?: Shape;
}

/**
 * Indices (int32) drawn with probabilities softmax(logits) along an axis: those of the greatest of logits plus Gumbel
 * noise (the Gumbel-max trick: Gumbel, "Statistical theory of extreme values", 1954). Logits of -infinity are never drawn
 * unless all are. The draws of `jax.random.categorical` for the same key, but for ties within rounding. The derivative by
 * the logits is zero.
 * @throws ShapeError for an axis of size 0, or a shape that does not end with the other axes of the logits
 */
export function categorical(logits: TensorLike, options: CategoricalOptions = {}): Tensor {
  const operation = "random.categorical";
  checkOptions(operation, options, ["axis", "shape", ...KEY_OPTIONS]);
  const scores = floatingOperand(operation, logits);
  const axis = normalizeAxis(operation, options.axis ?? -1, scores.rank);
  const own = scores.shape.filter((_, i) => i !== axis);
  const dims = options.shape === undefined ? toShape(own) : toShape(options.shape, operation);
  const leading = dims.length - own.length;
  if (leading < 0 || !broadcasts(own, dims.slice(leading))) {
    throw new ShapeError(`shape ${formatShape(dims)} for distributions ${formatShape(own)}`, {
      operation,
      shapes: [dims, scores.shape],
      remedy: "The shape is that of the logits without the axis, behind as many axes as you like",
    });
  }
  const full = [...dims];
  full.splice(leading + axis, 0, scores.shape[axis]);
  const shape = toShape(full);
  const noise = gumbelFrom(keyFrom(options, operation), shape, scores.dtype);
  return builder.argReduce("max", builder.add(noise, builder.broadcast(scores, shape)), leading + axis);
}

const broadcasts = (from: Shape, to: Shape): boolean => from.every((size, i) => size === 1 || size === to[i]);
