import type { BitwiseOp } from "../ir/builder.ts";
import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { checkAccepts } from "../prims/scalar/define.ts";
import { builder } from "../transform/vjp.ts";
import { checkDType, type DType } from "../types/dtype.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { broadcastOperands } from "./operands.ts";
import { typed } from "./shaped.ts";

/** Operations on the bits of integers. None has a derivative. */

const bitwise = <Op extends string>(operation: Op, op: BitwiseOp) =>
  typed<Op>((x, y) => {
    const [left, right] = broadcastOperands(operation, [x, y]);
    checkAccepts(operation, left.dtype, "logical");
    return builder.bitwise(op, left, right);
  });

/** The bits that both have, with broadcasting; of bool, logical and. @throws DTypeError for floating dtypes */
export const bitwiseAnd = bitwise("bitwiseAnd", "and");
/** The bits that one or both have, with broadcasting; of bool, logical or. @throws DTypeError for floating dtypes */
export const bitwiseOr = bitwise("bitwiseOr", "or");
/** The bits that exactly one has, with broadcasting; of bool, unequal. @throws DTypeError for floating dtypes */
export const bitwiseXor = bitwise("bitwiseXor", "xor");

/**
 * Every bit turned over: -x - 1 for int32; of bool, logical not. Element by element.
 * @throws DTypeError for floating dtypes
 */
export function bitwiseNot<X extends TensorLike>(x: X): Tensor<ShapeOf<X>>;
export function bitwiseNot(x: TensorLike): Tensor {
  const tensor = asTensor(x, "bitwiseNot");
  checkAccepts("bitwiseNot", tensor.dtype, "logical");
  if (tensor.dtype === "bool") return builder.not(tensor);
  const ones = tensor.dtype === "uint32" ? 2 ** 32 - 1 : -1;
  return builder.bitwise("xor", tensor, builder.literal(ones, tensor));
}

function integers(operation: string, x: TensorLike, count: TensorLike): [Tensor, Tensor] {
  const [left, right] = broadcastOperands(operation, [x, count]);
  checkAccepts(operation, left.dtype, "integer");
  return [left, right];
}

/**
 * x with its bits moved y places up, with broadcasting; zeros come in. Counts outside of [0, 31] give 0, as in JAX.
 * @throws DTypeError unless both are integers
 */
export const leftShift = typed<"leftShift">((x, count) => {
  const [left, right] = integers("leftShift", x, count);
  return builder.shift("left", left, right);
});

/**
 * x with its bits moved y places down, with broadcasting. On int32 the sign is kept (the result is x / 2^y, rounded
 * down), on uint32 zeros come in. Counts outside of [0, 31] move all bits out: then it is 0, or -1 for negative x.
 * @throws DTypeError unless both are integers
 */
export const rightShift = typed<"rightShift">((x, count) => {
  const [left, right] = integers("rightShift", x, count);
  return builder.shift(left.dtype === "uint32" ? "logical" : "arithmetic", left, right);
});

/**
 * The same bits read as another dtype of the same size: float32, int32 and uint32 among themselves, any dtype as itself. It
 * has no derivative; `cast` converts values. @throws DTypeError for dtypes of other sizes
 */
export function bitcast<X extends TensorLike>(x: X, dtype: DType): Tensor<ShapeOf<X>>;
export function bitcast(x: TensorLike, dtype: DType): Tensor {
  return builder.bitcast(asTensor(x, "bitcast"), checkDType(dtype, "bitcast"));
}
