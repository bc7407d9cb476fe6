import { isTensor, type Tensor } from "../ir/tensor.ts";
import { asTensor, scalarData, type TensorLike } from "../prims/convert.ts";
import { weakKind } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import { type DType, dtypeRank, isFloating, promote } from "../types/dtype.ts";
import { broadcastShapes } from "../types/shape.ts";
import { DTypeError } from "../util/errors.ts";

/** The dtype that a JavaScript number takes beside a tensor: the tensor's, or one that can hold the number. */
function weakDType(other: DType, integer: boolean): DType {
  if (isFloating(other)) return other;
  if (!integer) return "float32";
  return other === "bool" ? "int32" : other;
}

/** What is weak about an operand: nothing, or whether its number is whole. */
const weakness = (x: TensorLike): "integer" | "fractional" | undefined => {
  if (typeof x === "number") return Number.isInteger(x) ? "integer" : "fractional";
  return isTensor(x) ? weakKind(x) : undefined;
};

const withDType = (x: TensorLike, dtype: DType, operation: string): Tensor => {
  if (typeof x === "number") return scalarData(x, dtype);
  return builder.cast(isTensor(x) ? x : asTensor(x, operation), dtype);
};

/** A tensor that is not the placeholder of a number, and so has a dtype of its own. */
const isStrong = (x: TensorLike): x is Tensor => isTensor(x) && weakKind(x) === undefined;

/** What most operands are: two tensors of one dtype, or a tensor and a number that it can hold. Else null. */
function promoteSimply(x: TensorLike, y: TensorLike): [Tensor, Tensor] | null {
  if (isStrong(x)) {
    if (isStrong(y)) return x.dtype === y.dtype ? [x.node, y.node] : null;
    return typeof y === "number" && isFloating(x.dtype) ? [x.node, scalarData(y, x.dtype)] : null;
  }
  return typeof x === "number" && isStrong(y) && isFloating(y.dtype)
    ? [scalarData(x, y.dtype), y.node]
    : null;
}

/** The operands in their common dtype. Numbers are weak: they take the tensors' dtype where it can hold them. */
export function promoteOperands(operation: string, operands: readonly TensorLike[]): Tensor[] {
  const simple = operands.length === 2 ? promoteSimply(operands[0], operands[1]) : null;
  if (simple !== null) return simple;
  const converted = operands.map((x) =>
    typeof x === "number" || weakness(x) !== undefined ? x : asTensor(x, operation),
  );
  let common: DType | null = null;
  for (const x of converted) {
    if (isTensor(x) && weakness(x) === undefined)
      common = common === null ? x.dtype : promote(common, x.dtype);
  }
  let target: DType = common ?? "float32";
  if (common !== null) {
    for (const x of converted) {
      const weak = weakness(x);
      if (weak === undefined) continue;
      const wanted = weakDType(common, weak === "integer");
      if (dtypeRank(wanted) > dtypeRank(target)) target = wanted;
    }
  }
  return converted.map((x) => withDType(x, target, operation));
}

/** The operands in their common dtype and shape. */
export function broadcastOperands(operation: string, operands: readonly TensorLike[]): Tensor[] {
  const tensors = promoteOperands(operation, operands);
  if (tensors.length === 2) {
    const [x, y] = tensors;
    if (x.shape === y.shape) return tensors;
    const common = broadcastShapes(operation, x.shape, y.shape);
    return [builder.broadcast(x, common), builder.broadcast(y, common)];
  }
  const shape = broadcastShapes(operation, ...tensors.map((x) => x.shape));
  return tensors.map((x) => builder.broadcast(x, shape));
}

/** The operands, which are numbers. @throws DTypeError for bool */
export function numbers(operation: string, operands: readonly Tensor[]): readonly Tensor[] {
  if (operands[0].dtype !== "bool") return operands;
  throw new DTypeError("dtype bool is not accepted", {
    operation,
    dtypes: operands.map(({ dtype }) => dtype),
    remedy: "Cast to int32 or float32",
  });
}

/** x in a floating dtype: integers and bool become float32. */
export function floatingOperand(operation: string, x: TensorLike): Tensor {
  const tensor = asTensor(x, operation);
  return isFloating(tensor.dtype) ? tensor : builder.cast(tensor, "float32");
}

/** The operands in one shape and one floating dtype. */
export const floatingOperands = (operation: string, operands: readonly TensorLike[]): Tensor[] =>
  broadcastOperands(operation, operands).map((x) => floatingOperand(operation, x));

/** x as numbers: bool is counted as int32. */
export function countable(operation: string, x: TensorLike): Tensor {
  const tensor = asTensor(x, operation);
  return tensor.dtype === "bool" ? builder.cast(tensor, "int32") : tensor;
}

/** True where an element is not 0. */
export function truth(operation: string, x: TensorLike): Tensor {
  const tensor = asTensor(x, operation);
  return tensor.dtype === "bool" ? tensor.node : builder.compare("notEqual", tensor, 0);
}
