import type { Tensor } from "../../ir/tensor.ts";
import { erf as erfValue } from "../../prims/scalar/special.ts";
import { builder } from "../../transform/vjp.ts";
import { checkDType, type DType, isFloating } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import { type Shape, toShape } from "../../types/shape.ts";
import type { Known } from "../../types/static/index.ts";
import { DTypeError, StateError } from "../../util/errors.ts";
import { keyFrom, type RandomOptions } from "./keys.ts";
import { nextAfter } from "./nextAfter.ts";

const OPTIONS = ["key", "seed", "dtype"];

export interface UniformOptions extends RandomOptions {
  /** Inclusive; 0 unless given. */
  readonly minval?: number;
  /** Exclusive; 1 unless given. */
  readonly maxval?: number;
}

function floatingDType(dtype: DType | undefined, operation: string): DType {
  const own = checkDType(dtype ?? "float32", operation);
  if (isFloating(own)) return own;
  throw new DTypeError(`dtype ${own} is not floating`, {
    operation,
    dtypes: [own],
    remedy: "Use float32 or float64, or random.bits or random.randint for integers",
  });
}

/** Numbers in [0, 1) from all bits of the mantissa: 23 in float32, 52 in float64. */
function unit(from: Tensor, shape: Shape, dtype: DType): Tensor {
  if (dtype === "float32") {
    const drawn = builder.quotient(builder.randomBits(from, shape), 2 ** 9);
    return builder.mul(builder.cast(drawn, dtype), 2 ** -23);
  }
  const pairs = builder.randomBits(from, shape, true);
  const zeros = shape.map(() => 0);
  const word = (i: number) => builder.reshape(builder.slice(pairs, [...zeros, i], [...shape, i + 1]), shape);
  const low = builder.cast(builder.quotient(word(1), 2 ** 12), dtype);
  return builder.mul(builder.add(builder.mul(builder.cast(word(0), dtype), 2 ** 20), low), 2 ** -52);
}

/** Numbers from [low, high), drawn with a key that is one. */
export function uniformFrom(from: Tensor, shape: Shape, dtype: DType, low = 0, high = 1): Tensor {
  const drawn = unit(from, shape, dtype);
  if (low === 0 && high === 1) return drawn;
  // The bounds are numbers of the dtype before they are subtracted, as in JAX.
  const [least, most] = dtype === "float32" ? [Math.fround(low), Math.fround(high)] : [low, high];
  return builder.max(builder.add(builder.mul(drawn, most - least), least), least);
}

/** What all draws of floating numbers begin with: the shape, the dtype and the key, checked. */
function prepared(operation: string, shape: Shape, options: RandomOptions, more: readonly string[] = []) {
  checkOptions(operation, options, [...OPTIONS, ...more]);
  const dims = toShape(shape, operation);
  const dtype = floatingDType(options.dtype, operation);
  return { dims, dtype, from: keyFrom(options, operation) };
}

/**
 * Numbers drawn uniformly from [minval, maxval), by default [0, 1); those of `jax.random.uniform` for the same key. A
 * tensor of the given shape.
 */
export function uniform<const S extends Shape>(shape: S, options?: UniformOptions): Tensor<Known<S>>;
export function uniform(shape: Shape, options: UniformOptions = {}): Tensor {
  const { dims, dtype, from } = prepared("random.uniform", shape, options, ["minval", "maxval"]);
  return uniformFrom(from, dims, dtype, options.minval, options.maxval);
}

/** Uniform in the open interval (-1, 1), at whose ends logarithms and erfinv are infinite. */
const signedUnit = (from: Tensor, shape: Shape, dtype: DType): Tensor =>
  uniformFrom(from, shape, dtype, dtype === "float32" ? -1 + 2 ** -24 : -1 + 2 ** -53, 1);

export interface NormalOptions extends RandomOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation; 1 unless given. */
  readonly std?: number;
}

/**
 * Numbers drawn from the normal distribution, by inverting its distribution function. A tensor of the given shape.
 */
export function normal<const S extends Shape>(shape: S, options?: NormalOptions): Tensor<Known<S>>;
export function normal(shape: Shape, options: NormalOptions = {}): Tensor {
  const { dims, dtype, from } = prepared("random.normal", shape, options, ["mean", "std"]);
  const { mean = 0, std = 1 } = options;
  const standard = builder.mul(builder.erfinv(signedUnit(from, dims, dtype)), Math.SQRT2);
  return builder.add(builder.mul(standard, std), mean);
}

export interface TruncatedNormalOptions extends RandomOptions {
  /** In standard deviations, exclusive; -2 unless given, may be -Infinity. */
  readonly lower?: number;
  /** In standard deviations, exclusive; 2 unless given, may be Infinity. */
  readonly upper?: number;
}

/**
 * Numbers drawn from the standard normal distribution, those within (lower, upper) only: sqrt(2) erfinv(u) for u uniform
 * between erf(lower / sqrt(2)) and erf(upper / sqrt(2)). For another mean and deviation multiply and add; the bounds,
 * like all of a draw, are constants of the graph. The draws of `jax.random.truncated_normal` for the same key, up to the
 * rounding of erf and erfinv. Intervals far out in a tail (from 5 in float32, from 8 in float64) hold few numbers u, so
 * that draws there repeat. A tensor of the given shape.
 * @throws StateError unless there are numbers between the bounds, and as `uniform` does
 */
export function truncatedNormal<const S extends Shape>(
  shape: S,
  options?: TruncatedNormalOptions,
): Tensor<Known<S>>;
export function truncatedNormal(shape: Shape, options: TruncatedNormalOptions = {}): Tensor {
  const operation = "random.truncatedNormal";
  const { dims, dtype, from } = prepared(operation, shape, options, ["lower", "upper"]);
  const { lower = -2, upper = 2 } = options;
  const round = dtype === "float32" ? Math.fround : (x: number) => x;
  // Rounding may reach the bounds, or go beyond: draws are limited to the numbers between them.
  const least = nextAfter(round(lower), Number.POSITIVE_INFINITY, dtype);
  const most = nextAfter(round(upper), Number.NEGATIVE_INFINITY, dtype);
  if (!(lower < upper && least <= most)) {
    throw new StateError(`there is no ${dtype} number between lower ${lower} and upper ${upper}`, {
      operation,
      remedy: "Give the ends of an interval, the lower one first",
    });
  }
  const [low, high] = [lower, upper].map((x) => round(erfValue(round(round(x) / round(Math.SQRT2)))));
  const drawn = uniformFrom(from, dims, dtype, low, high);
  const inside = builder.mul(builder.erfinv(drawn), Math.SQRT2);
  return builder.min(builder.max(inside, least), most);
}

/** The least positive number of full precision: a draw of 0 is moved there, where a logarithm is finite. */
const TINY = { float32: 2 ** -126, float64: 2 ** -1022 };

/** Standard Gumbel numbers drawn with a key that is one. */
export function gumbelFrom(from: Tensor, shape: Shape, dtype: DType): Tensor {
  const drawn = uniformFrom(from, shape, dtype, TINY[dtype as keyof typeof TINY], 1);
  return builder.neg(builder.log(builder.neg(builder.log(drawn))));
}

/**
 * Numbers drawn from the standard Gumbel distribution, whose distribution function is exp(-exp(-x)): -log(-log(u)) for u
 * uniform. For another location and scale multiply and add. The draws of `jax.random.gumbel` for the same key, up to the
 * rounding of logarithms. A tensor of the given shape.
 */
export function gumbel<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Known<S>>;
export function gumbel(shape: Shape, options: RandomOptions = {}): Tensor {
  const { dims, dtype, from } = prepared("random.gumbel", shape, options);
  return gumbelFrom(from, dims, dtype);
}

/**
 * Numbers drawn from the exponential distribution of rate 1, whose density is exp(-x) for x >= 0: -log(1 - u) for u
 * uniform. Divide by a rate for another one. The draws of `jax.random.exponential` for the same key, up to the rounding
 * of the logarithm. A tensor of the given shape.
 */
export function exponential<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Known<S>>;
export function exponential(shape: Shape, options: RandomOptions = {}): Tensor {
  const { dims, dtype, from } = prepared("random.exponential", shape, options);
  return builder.neg(builder.log1p(builder.neg(uniformFrom(from, dims, dtype))));
}

/**
 * Numbers drawn from the standard Laplace distribution, whose density is exp(-|x|) / 2: sign(u) log(1 - |u|) for u
 * uniform in (-1, 1). For another location and scale multiply and add. The draws of `jax.random.laplace` for the same
 * key, up to the rounding of the logarithm. A tensor of the given shape.
 */
export function laplace<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Known<S>>;
export function laplace(shape: Shape, options: RandomOptions = {}): Tensor {
  const { dims, dtype, from } = prepared("random.laplace", shape, options);
  const drawn = signedUnit(from, dims, dtype);
  return builder.mul(builder.sign(drawn), builder.log1p(builder.neg(builder.abs(drawn))));
}
