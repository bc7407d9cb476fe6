import { activeFrames, compileFrame } from "../../ir/frames.ts";
import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { fromValues, scalarData } from "../../prims/convert.ts";
import { weakKind } from "../../prims/leaves.ts";
import { foldIn as foldedWords } from "../../prims/threefry.ts";
import { builder } from "../../transform/vjp.ts";
import type { DType, TypedArray } from "../../types/dtype.ts";
import { formatShape, toShape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { DTypeError, ShapeError, StateError } from "../../util/errors.ts";
import { shared } from "../../util/shared.ts";

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

/**
 * Runs `body` with the default generator started at `seed`, and puts the generator back to where it was, however `body`
 * ends: what draws without a key or a seed draws the same every time, and nobody else's draws change.
 */
export function withSeed<T>(seed: number, body: () => T): T {
  const before = { ...generator };
  generator.key = words(seed);
  generator.counter = 0;
  try {
    return body();
  } finally {
    Object.assign(generator, before);
  }
}

/** A key for a seed, a whole number: uint32 of shape [2]. */
export const key = (value: number): Tensor => fromValues(words(value), { copy: false }, "random.key");

const REMEDY = "Make keys with random.key(seed), random.split(key) and random.foldIn(key, data)";

/** Refuses what is not a key: uint32 of shape [2]. */
function checkedKey(given: Tensor, operation: string): Tensor {
  if (!isTensor(given)) {
    throw new StateError(`a key is a tensor, not ${describeValue(given)}`, { operation, remedy: REMEDY });
  }
  if (given.dtype !== "uint32") {
    const dtypes = [given.dtype];
    throw new DTypeError(`a key has dtype uint32, not ${given.dtype}`, { operation, dtypes, remedy: REMEDY });
  }
  if (given.rank !== 1 || given.shape[0] !== 2) {
    throw new ShapeError(`a key has shape [2], not ${formatShape(given.shape)}`, {
      operation,
      shapes: [given.shape],
      remedy: `${REMEDY}; vmap draws with several`,
    });
  }
  return given;
}

/** `count` independent keys made of one, each of shape [2]. Use each key once. */
export function split(parent: Tensor, count = 2): Tensor[] {
  if (!Number.isInteger(count) || count < 0) {
    throw new StateError(`${count} is not a number of keys`, {
      operation: "random.split",
      remedy: "Give a whole number, at least 0",
    });
  }
  const keys = builder.randomBits(checkedKey(parent, "random.split"), [count], true);
  return Array.from({ length: count }, (_, i) =>
    builder.reshape(builder.slice(keys, [i, 0], [i + 1, 2]), [2]),
  );
}

/**
 * A key made of a key and a number: of a step, a layer, a lane. Different numbers give independent keys; use `parent` for
 * nothing else then but more of them, since `split(parent, n)[i]` is `foldIn(parent, i)`. That of `jax.random.fold_in`.
 *
 * `data` is a whole number from 0 to 2^32 - 1, or an int32 or uint32 scalar (also one of a traced function), of which
 * the 32 bits count. A number is read at run time: another one does not compile anything again.
 * @throws StateError for other numbers, DTypeError or ShapeError for other tensors
 */
export function foldIn(parent: Tensor, data: number | Tensor): Tensor {
  const operation = "random.foldIn";
  const from = checkedKey(parent, operation);
  return builder.randomBits(from, [], true, foldedNumber(data, operation));
}

function foldedNumber(data: number | Tensor, operation: string): Tensor {
  if (!isTensor(data)) {
    if (typeof data === "number" && Number.isInteger(data) && data >= 0 && data < 2 ** 32)
      return scalarData(data, "uint32");
    throw new StateError(`${typeof data === "number" ? data : describeValue(data)} cannot be folded in`, {
      operation,
      remedy: "Give a whole number from 0 to 2^32 - 1, or an integer scalar",
    });
  }
  const isWhole = weakKind(data) === "integer" || data.dtype === "int32" || data.dtype === "uint32";
  if (!isWhole) {
    throw new DTypeError(`data has dtype ${data.dtype}`, {
      operation,
      dtypes: [data.dtype],
      remedy: 'Use cast("int32")',
    });
  }
  if (data.rank !== 0) {
    throw new ShapeError(`data has shape ${formatShape(data.shape)}`, {
      operation,
      shapes: [data.shape],
      remedy: "Fold in one number at a time; vmap folds in several",
    });
  }
  return builder.cast(data, "uint32");
}

/** The key of the default generator's next draw; in a compiled function, of the next draw at each call. */
function nextKey(): Tensor {
  const frame = compileFrame();
  const shape = toShape([2]);
  let drawn: Tensor;
  if (frame === null) {
    drawn = fromValues(foldedWords(generator.key, generator.counter++), { copy: false }, "random");
  } else {
    // Draws of one call follow one another; the next call goes on where this one ends.
    const trace = frame.local(generator, () => ({ draws: 0 }));
    const draws = trace.draws++;
    frame.afterCall(() => {
      generator.counter++;
    });
    const fill = (elements: TypedArray) =>
      elements.set(foldedWords(generator.key, generator.counter + draws));
    drawn = frame.hiddenSlot(fill, shape, "uint32");
  }
  // In a mapped body each lane draws with a key of its own, in a loop each step.
  for (const frame of activeFrames()) drawn = frame.laneKey?.(drawn) ?? drawn;
  return drawn;
}

/** The key that options name, or the default generator's next. */
export function keyFrom(options: RandomOptions, operation: string): Tensor {
  if (options.key !== undefined && options.seed !== undefined) {
    throw new StateError("both key and seed are given", {
      operation,
      remedy: "Give one of them, or neither",
    });
  }
  if (options.key !== undefined) return checkedKey(options.key, operation);
  return options.seed !== undefined ? key(options.seed) : nextKey();
}
