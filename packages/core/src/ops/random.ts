import { activeFrames, compileFrame } from "../ir/frames.ts";
import type { Tensor } from "../ir/tensor.ts";
import { fromValues } from "../prims/convert.ts";
import { foldIn } from "../prims/threefry.ts";
import type { VmapFrame } from "../transform/lanes.ts";
import { builder } from "../transform/vjp.ts";
import { checkDType, type DType, isFloating, type TypedArray } from "../types/dtype.ts";
import { type Shape, toShape } from "../types/shape.ts";
import type { Known } from "../types/static/index.ts";
import { DTypeError, StateError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";

export interface RandomOptions {
  /** Where the bits come from: the same key gives the same draw. */
  readonly key?: Tensor;
  /** Short for `key: random.key(seed)`. */
  readonly seed?: number;
  readonly dtype?: DType;
}

interface Generator {
  key: Uint32Array;
  counter: number;
}

const words = (seed: number): Uint32Array => {
  if (!Number.isSafeInteger(seed)) {
    throw new StateError(`${seed} is not a seed`, {
      operation: "random.key",
      remedy: "Seeds are whole numbers",
    });
  }
  return new Uint32Array([Math.floor(seed / 2 ** 32), seed]);
};

const generator = shared<Generator>("generator", () => ({ key: words(0), counter: 0 }));

/** Starts the default generator again: the draws without key or seed that follow are those of this seed. */
export function seed(value: number): void {
  generator.key = words(value);
  generator.counter = 0;
}

/** A key for a seed, a whole number: uint32 of shape [2]. */
export const key = (value: number): Tensor => fromValues(words(value), { copy: false }, "random.key");

/** `count` independent keys made of one. Use each key once. */
export function split(parent: Tensor, count = 2): Tensor[] {
  const keys = builder.randomBits(parent, [count], true);
  return Array.from({ length: count }, (_, i) =>
    builder.reshape(builder.slice(keys, [i, 0], [i + 1, 2]), [2]),
  );
}

/** The key of the default generator's next draw; in a compiled function, of the next draw at each call. */
function nextKey(): Tensor {
  const frame = compileFrame();
  const shape = toShape([2]);
  let drawn: Tensor;
  if (frame === null) {
    drawn = fromValues(foldIn(generator.key, generator.counter++), { copy: false }, "random");
  } else {
    // Draws of one call follow one another; the next call goes on where this one ends.
    const trace = frame.local(generator, () => ({ draws: 0 }));
    const draws = trace.draws++;
    frame.afterCall(() => {
      generator.counter++;
    });
    const fill = (elements: TypedArray) => elements.set(foldIn(generator.key, generator.counter + draws));
    drawn = frame.hiddenSlot(fill, shape, "uint32");
  }
  // In a mapped body each lane draws with a key of its own.
  for (const lane of activeFrames()) if (lane.kind === "vmap") drawn = (lane as VmapFrame).laneKey(drawn);
  return drawn;
}

function keyFrom(options: RandomOptions, operation: string): Tensor {
  if (options.key !== undefined && options.seed !== undefined) {
    throw new StateError("both key and seed are given", {
      operation,
      remedy: "Give one of them, or neither",
    });
  }
  if (options.key !== undefined) return options.key;
  return options.seed !== undefined ? key(options.seed) : nextKey();
}

/** 32 random bits for each element, as uint32; those of `jax.random.bits` for the same key and shape. */
export function bits<const S extends Shape>(
  shape: S,
  options?: Omit<RandomOptions, "dtype">,
): Tensor<Known<S>>;
export function bits(shape: Shape, options: Omit<RandomOptions, "dtype"> = {}): Tensor {
  return builder.randomBits(keyFrom(options, "random.bits"), toShape(shape, "random.bits"));
}

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
    remedy: "Use float32 or float64, or random.bits",
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

/** Numbers drawn uniformly from [minval, maxval), by default [0, 1); those of `jax.random.uniform` for the same key. */
export function uniform<const S extends Shape>(shape: S, options?: UniformOptions): Tensor<Known<S>>;
export function uniform(shape: Shape, { minval = 0, maxval = 1, ...options }: UniformOptions = {}): Tensor {
  const operation = "random.uniform";
  const dims = toShape(shape, operation);
  const dtype = floatingDType(options.dtype, operation);
  const drawn = unit(keyFrom(options, operation), dims, dtype);
  if (minval === 0 && maxval === 1) return drawn;
  // The bounds are numbers of the dtype before they are subtracted, as in JAX.
  const [low, high] = dtype === "float32" ? [Math.fround(minval), Math.fround(maxval)] : [minval, maxval];
  return builder.max(builder.add(builder.mul(drawn, high - low), low), low);
}

export interface NormalOptions extends RandomOptions {
  /** 0 unless given. */
  readonly mean?: number;
  /** The standard deviation; 1 unless given. */
  readonly std?: number;
}

/** Numbers drawn from the normal distribution, by inverting its distribution function. */
export function normal<const S extends Shape>(shape: S, options?: NormalOptions): Tensor<Known<S>>;
export function normal(shape: Shape, { mean = 0, std = 1, ...options }: NormalOptions = {}): Tensor {
  const operation = "random.normal";
  const dtype = floatingDType(options.dtype, operation);
  // The open interval (-1, 1): erfinv is infinite at both ends.
  const low = dtype === "float32" ? -1 + 2 ** -24 : -1 + 2 ** -53;
  const drawn = uniform(shape, { ...options, dtype, minval: low, maxval: 1 });
  const standard = builder.mul(builder.erfinv(drawn), Math.SQRT2);
  return builder.add(builder.mul(standard, std), mean);
}
