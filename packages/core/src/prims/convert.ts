import { apply } from "../ir/apply.ts";
import { flattenNested } from "../ir/nested.ts";
import { Storage } from "../ir/storage.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { checkDType, createArray, type DType, type TypedArray } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf, toShape } from "../types/shape.ts";
import { describeValue } from "../types/trees.ts";
import { ShapeError, StateError } from "../util/errors.ts";
import { dataLeaf, weakKind } from "./leaves.ts";
import { cast } from "./scalar/logic.ts";

/** Whatever can stand where an operation expects a tensor; numbers take the other operand's dtype. */
export type TensorLike = Tensor | number | boolean | NestedValues | TypedArray;
/** Numbers or booleans in nested arrays. */
export type NestedValues = readonly (number | boolean | NestedValues)[];

/** What tensors are made of; typed arrays of other integers become int32. */
export type TensorData =
  | number
  | boolean
  | NestedValues
  | TypedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint8ClampedArray;

export interface TensorOptions {
  /** By default that of the data: numbers float32, booleans bool, typed arrays their own. */
  readonly dtype?: DType;
  /** By default that of the nested arrays; for a typed array, one axis. */
  readonly shape?: Shape;
  /** With `false`, a typed array of the right dtype is used as it is: do not write to it afterwards. */
  readonly copy?: boolean;
}

const SMALL_INTEGERS = [Int8Array, Int16Array, Uint8Array, Uint8ClampedArray, Uint16Array];

/** The dtype of a typed array: Float64Array float64, Uint32Array uint32, Float32Array float32, other integers int32. */
function dtypeOfArray(array: ArrayBufferView, operation: string): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Uint32Array) return "uint32";
  if (array instanceof Int32Array || SMALL_INTEGERS.some((type) => array instanceof type)) return "int32";
  throw new StateError(`${describeValue(array)} cannot be a tensor's data`, {
    operation,
    remedy: "Use a Float32Array, Float64Array, Int32Array or Uint32Array",
  });
}

/** A tensor made of JavaScript values. See `tensor`. */
export function fromValues(value: unknown, options: TensorOptions = {}, operation = "tensor"): Tensor {
  const dtype = options.dtype === undefined ? undefined : checkDType(options.dtype, operation);
  if (ArrayBuffer.isView(value)) return fromTypedArray(value as TypedArray, { ...options, dtype }, operation);
  const { values, shape } = flattenNested(value, operation);
  const own =
    dtype ?? (values.length > 0 && values.every((item) => typeof item === "boolean") ? "bool" : "float32");
  const host = createArray(own, values.length);
  for (let i = 0; i < values.length; i++) host[i] = own === "bool" ? (values[i] ? 1 : 0) : Number(values[i]);
  return leafOf(host, own, options.shape ?? shape, operation);
}

function fromTypedArray(array: TypedArray, { dtype, shape, copy }: TensorOptions, operation: string): Tensor {
  const source = dtypeOfArray(array, operation);
  const own = dtype ?? source;
  const holder = createArray(own, 0).constructor;
  const usable = array.constructor === holder && (own !== "bool" || array.every((value) => value <= 1));
  if (copy === false && !usable) {
    throw new StateError(`${describeValue(array)} cannot hold ${own} without a copy`, {
      operation,
      remedy:
        "Leave out copy: false, or pass the typed array of that dtype (for bool, a Uint8Array of 0 and 1)",
    });
  }
  let host = array;
  if (copy !== false) {
    host = createArray(own, array.length);
    if (own === "bool") for (let i = 0; i < array.length; i++) host[i] = array[i] ? 1 : 0;
    else host.set(array);
  }
  return leafOf(host, own, shape ?? [array.length], operation);
}

function leafOf(host: TypedArray, dtype: DType, dims: Shape, operation: string): Tensor {
  const shape = toShape(dims, operation);
  if (sizeOf(shape) !== host.length) {
    throw new ShapeError(
      `${host.length} values do not fill shape ${formatShape(shape)} of ${sizeOf(shape)} elements`,
      {
        operation,
        shapes: [shape],
        remedy: "Give the shape that the values have, or leave it out",
      },
    );
  }
  return dataLeaf(new Storage(dtype, host.length, host), shape, dtype);
}

/** A scalar whose value is a run-time slot: plans are the same for every number. */
export const scalarData = (value: number, dtype: DType): Tensor =>
  dataLeaf(Storage.scalar(dtype, value), toShape([]), dtype);

/** `value` as a tensor; numbers are float32 scalars here. @throws StateError for what is not a number */
export function asTensor(value: TensorLike, operation: string): Tensor {
  if (isTensor(value))
    return weakKind(value) === undefined ? value : apply(cast, [value], { dtype: "float32" });
  if (typeof value === "number") return scalarData(value, "float32");
  if (typeof value === "boolean") return scalarData(value ? 1 : 0, "bool");
  return fromValues(value, {}, operation);
}

/** True for tensors and for what becomes a scalar. */
export const isTensorOrNumber = (value: unknown): value is Tensor | number =>
  typeof value === "number" || isTensor(value);
