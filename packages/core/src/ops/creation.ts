import type { Tensor } from "../ir/tensor.ts";
import {
  asTensor,
  fromValues,
  type TensorData,
  type TensorLike,
  type TensorOptions,
} from "../prims/convert.ts";
import { iotaLeaf } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import { checkDType, type DType, isFloating } from "../types/dtype.ts";
import { checkOptions } from "../types/options.ts";
import { type Shape, toShape } from "../types/shape.ts";
import type { GivenShape, Known, Natural, Settled, ShapeOf, WithLast } from "../types/static/index.ts";
import { DTypeError, IndexError, StateError } from "../util/errors.ts";

export interface CreationOptions {
  /** float32 unless given. */
  readonly dtype?: DType;
}

/**
 * A tensor made of numbers, booleans, nested arrays of them, or a typed array (with `shape`). The data is copied
 * unless `copy` is false. @throws ShapeError for ragged rows or a shape that does not fit
 */
export function tensor<const V extends TensorData, const O extends TensorOptions = Record<never, never>>(
  values: V,
  options?: O,
): Tensor<GivenShape<O, [V] extends [number | boolean] ? readonly [] : Shape>>;
export function tensor(values: TensorData, options: TensorOptions = {}): Tensor {
  checkOptions("tensor", options, ["dtype", "shape", "copy"]);
  return fromValues(values, options, "tensor");
}

/** The same number everywhere. In the given shape. */
export function full<const S extends Shape>(
  shape: S,
  value: number,
  options?: CreationOptions,
): Tensor<Known<S>>;
export function full(shape: Shape, value: number, options?: CreationOptions): Tensor {
  return filled("full", shape, value, options);
}

/** The dtype that the only option of an operation may name. @throws StateError, DTypeError */
function dtypeOf(operation: string, options: CreationOptions, usual: DType = "float32"): DType {
  checkOptions(operation, options, ["dtype"]);
  return checkDType(options.dtype ?? usual, operation);
}

function filled(operation: string, shape: Shape, value: number, options: CreationOptions = {}): Tensor {
  if (typeof value !== "number")
    throw new StateError(`the value must be a number, not ${typeof value}`, {
      operation: "full",
      remedy: "Use tensor(value) for arrays, broadcastTo for tensors",
    });
  return builder.constant(value, toShape(shape, operation), dtypeOf(operation, options));
}

/** 0 everywhere. In the given shape. */
export function zeros<const S extends Shape>(shape: S, options?: CreationOptions): Tensor<Known<S>>;
export function zeros(shape: Shape, options?: CreationOptions): Tensor {
  return filled("zeros", shape, 0, options);
}
/** 1 everywhere. In the given shape. */
export function ones<const S extends Shape>(shape: S, options?: CreationOptions): Tensor<Known<S>>;
export function ones(shape: Shape, options?: CreationOptions): Tensor {
  return filled("ones", shape, 1, options);
}

/** 0 in x's shape and dtype. */
export function zerosLike<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function zerosLike(x: TensorLike): Tensor {
  return builder.literal(0, asTensor(x, "zerosLike"));
}
/** 1 in x's shape and dtype. */
export function onesLike<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function onesLike(x: TensorLike): Tensor {
  return builder.literal(1, asTensor(x, "onesLike"));
}

/** The same number everywhere, in x's shape and dtype. */
export function fullLike<X extends TensorLike>(x: X, value: number): Tensor<ShapeOf<X>>;
export function fullLike(x: TensorLike, value: number): Tensor {
  if (typeof value !== "number") {
    throw new StateError(`the value must be a number, not ${typeof value}`, {
      operation: "fullLike",
      remedy: "Pass one number; broadcastTo repeats a tensor",
    });
  }
  return builder.literal(value, asTensor(x, "fullLike"));
}

/**
 * start, start + step ... up to but not including stop; `arange(n)` is 0 to n - 1. int32 for whole numbers. A vector.
 */
export function arange<const N extends number>(count: N): Tensor<readonly [Natural<N>]>;
export function arange(
  start: number,
  stop?: number,
  step?: number,
  options?: CreationOptions,
): Tensor<readonly [number]>;
export function arange(start: number, stop?: number, step = 1, options: CreationOptions = {}): Tensor {
  const [first, last] = stop === undefined ? [0, start] : [start, stop];
  if (![first, last, step].every(Number.isFinite) || step === 0) {
    throw new IndexError(`${first}, ${last}, ${step} is no range`, {
      operation: "arange",
      remedy: "Use finite numbers and a step other than 0",
    });
  }
  const whole = [first, last, step].every(Number.isInteger);
  const dtype = dtypeOf("arange", options, whole ? "int32" : "float32");
  if (dtype === "bool") {
    throw new DTypeError("numbers that count up are not bool", {
      operation: "arange",
      dtypes: [dtype],
      remedy: "Use int32 or another dtype of numbers",
    });
  }
  const count = Math.max(Math.ceil((last - first) / step), 0);
  const index = iotaLeaf(toShape([count]), 0, dtype);
  const scaled = step === 1 ? index : builder.mul(index, step);
  return first === 0 ? scaled : builder.add(scaled, first);
}

/** The identity matrix, or one of `rows` x `columns` with ones on the diagonal: `eye(3, { dtype })`, `eye(3, 4, { dtype })`. */
export function eye<const N extends number>(rows: N, options?: CreationOptions): Tensor<readonly [N, N]>;
export function eye<const N extends number, const M extends number = N>(
  rows: N,
  columns?: M,
  options?: CreationOptions,
): Tensor<readonly [N, M]>;
export function eye(
  rows: number,
  columns: number | CreationOptions = rows,
  options: CreationOptions = {},
): Tensor {
  if (typeof columns === "object") return eye(rows, rows, columns);
  const dtype = dtypeOf("eye", options);
  const shape = toShape([rows, columns], "eye");
  return builder.cast(
    builder.compare("equal", iotaLeaf(shape, 0, "int32"), iotaLeaf(shape, 1, "int32")),
    dtype,
  );
}

/** A new last axis of size `depth` with 1 at the index and 0 elsewhere; an index out of range gives zeros. */
export function oneHot<X extends TensorLike, const N extends number>(
  indices: X,
  depth: N,
  options?: CreationOptions,
): Tensor<Settled<WithLast<ShapeOf<X>, Natural<N>>>>;
export function oneHot(indices: TensorLike, depth: number, options: CreationOptions = {}): Tensor {
  const dtype = dtypeOf("oneHot", options);
  const index = asTensor(indices, "oneHot");
  const whole = typeof indices === "number" || Array.isArray(indices) ? builder.cast(index, "int32") : index;
  if (isFloating(whole.dtype) || whole.dtype === "bool") {
    throw new DTypeError(`indices have dtype ${whole.dtype}`, {
      operation: "oneHot",
      dtypes: [whole.dtype],
      remedy: "Cast them to int32",
    });
  }
  const shape = toShape([...whole.shape, depth], "oneHot");
  const spread = builder.broadcast(builder.reshape(whole, [...whole.shape, 1]), shape);
  return builder.cast(builder.compare("equal", spread, iotaLeaf(shape, whole.rank, whole.dtype)), dtype);
}
