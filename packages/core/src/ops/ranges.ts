import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { iotaLeaf } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import { checkDType, type DType, isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, toShape } from "../types/shape.ts";
import type { Natural } from "../types/static/index.ts";
import { describeValue } from "../types/trees.ts";
import { DTypeError, IndexError, ShapeError, StateError } from "../util/errors.ts";

export interface LinspaceOptions {
  /** Whether stop is the last number (true unless given), or the one behind it. */
  readonly endpoint?: boolean;
  /** float32 unless given. */
  readonly dtype?: DType;
}

export interface LogspaceOptions extends LinspaceOptions {
  /** 10 unless given. */
  readonly base?: number;
}

export interface MeshgridOptions {
  /** "xy" (the default): the first two axes are y, then x, as on a plane; "ij": in the order of the vectors. */
  readonly indexing?: "xy" | "ij";
}

/** Numbers at equal distances in float64, before they are rounded. */
function evenly(operation: string, start: number, stop: number, count: number, endpoint: boolean): Tensor {
  if (![start, stop].every(Number.isFinite) || !Number.isInteger(count) || count < 0) {
    throw new IndexError(`${count} numbers from ${start} to ${stop} are no range`, {
      operation,
      remedy: "Use finite numbers and a whole count, 0 or more",
    });
  }
  const steps = endpoint ? count - 1 : count;
  const index = iotaLeaf(toShape([count], operation), 0, "float64");
  if (steps <= 0) return builder.constant(start, [count], "float64");
  // Two products instead of a difference: start and stop may be far apart.
  const share = builder.div(index, steps);
  return builder.add(builder.mul(builder.sub(1, share), start), builder.mul(share, stop));
}

const rounded = (x: Tensor, dtype: DType): Tensor =>
  builder.cast(isFloating(dtype) ? x : builder.floor(x), dtype);

function numbersOf(operation: string, dtype: DType): DType {
  if (checkDType(dtype, operation) !== "bool") return dtype;
  throw new DTypeError("numbers at equal distances are not bool", {
    operation,
    dtypes: [dtype],
    remedy: "Use float32 or another dtype of numbers",
  });
}

/**
 * `count` numbers (50 unless given) at equal distances from start to stop, both included unless `endpoint` is false;
 * computed in float64 and rounded once (to integers, down, as in NumPy). A vector.
 * @throws IndexError for what is not finite
 */
export function linspace<const N extends number = 50>(
  start: number,
  stop: number,
  count?: N,
  options?: LinspaceOptions,
): Tensor<readonly [Natural<N>]>;
export function linspace(start: number, stop: number, count = 50, options: LinspaceOptions = {}): Tensor {
  checkOptions("linspace", options, ["endpoint", "dtype"]);
  const { endpoint = true, dtype = "float32" } = options;
  const own = numbersOf("linspace", dtype);
  return rounded(evenly("linspace", start, stop, count, endpoint), own);
}

/**
 * Powers of `base` (10 unless given) whose exponents are `linspace(start, stop, count)`: `count` numbers at equal
 * ratios. Computed in float64 and rounded once. A vector.
 * @throws IndexError for what is not finite
 */
export function logspace<const N extends number = 50>(
  start: number,
  stop: number,
  count?: N,
  options?: LogspaceOptions,
): Tensor<readonly [Natural<N>]>;
export function logspace(start: number, stop: number, count = 50, options: LogspaceOptions = {}): Tensor {
  checkOptions("logspace", options, ["endpoint", "dtype", "base"]);
  const { endpoint = true, dtype = "float32", base = 10 } = options;
  const own = numbersOf("logspace", dtype);
  const exponents = evenly("logspace", start, stop, count, endpoint);
  return rounded(builder.pow(builder.literal(base, exponents), exponents), own);
}

/**
 * The coordinates of all points of a grid, given those along each side: for vectors x of [m] and y of [n], two tensors of
 * shape [n, m] whose rows are x and whose columns are y ([m, n], the other way round, with indexing "ij"). Scalars are sides
 * of one point. @throws ShapeError for what is neither a vector nor a scalar
 */
export function meshgrid(xs: readonly TensorLike[], options: MeshgridOptions = {}): Tensor[] {
  checkOptions("meshgrid", options, ["indexing"]);
  const { indexing = "xy" } = options;
  if (!Array.isArray(xs)) {
    throw new StateError(`expected an array of vectors, got ${describeValue(xs)}`, {
      operation: "meshgrid",
      remedy: "Such as meshgrid([x, y])",
    });
  }
  if (indexing !== "xy" && indexing !== "ij") {
    throw new StateError(`indexing is ${describeValue(indexing)}`, {
      operation: "meshgrid",
      remedy: 'Use "xy" or "ij"',
    });
  }
  const sides = xs.map((x) => sideOf(asTensor(x as TensorLike, "meshgrid")));
  const order = sides.map((_, i) => (indexing === "xy" && i < 2 && sides.length > 1 ? 1 - i : i));
  const shape = order.map((i) => sides[i].size);
  return sides.map((side, i) => {
    const alone = order.map((which) => (which === i ? side.size : 1));
    return builder.broadcast(builder.reshape(side, alone), shape);
  });
}

function sideOf(x: Tensor): Tensor {
  if (x.rank <= 1) return builder.reshape(x, [x.size]);
  throw new ShapeError(`shape ${formatShape(x.shape)} is no vector`, {
    operation: "meshgrid",
    shapes: [x.shape],
    remedy: "Pass the coordinates along each side",
  });
}
