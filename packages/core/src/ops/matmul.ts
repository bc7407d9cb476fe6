import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { builder } from "../transform/vjp.ts";
import { broadcastShapes, formatShape, type Shape } from "../types/shape.ts";
import { ShapeError } from "../util/errors.ts";
import { promoteOperands } from "./operands.ts";
import type { Matmul } from "./typed.ts";

const range = (length: number): number[] => Array.from({ length }, (_, axis) => axis);

/**
 * The matrix product, as NumPy's: [.., m, k] x [.., k, n] gives [.., m, n]; leading axes broadcast; a vector on the
 * left is a row, one on the right a column, and their axis disappears.
 * @throws ShapeError when the inner dimensions differ
 */
export const matmul = product as Matmul;

function product(x: TensorLike, y: TensorLike): Tensor {
  const [left, right] = promoteOperands("matmul", [x, y]);
  if (left.rank === 0 || right.rank === 0) {
    throw new ShapeError(
      `a scalar has no inner dimension: ${formatShape(left.shape)} x ${formatShape(right.shape)}`,
      {
        operation: "matmul",
        shapes: [left.shape, right.shape],
        remedy: "Use mul to scale",
      },
    );
  }
  const inner = left.shape[left.rank - 1];
  const rightAxis = Math.max(right.rank - 2, 0);
  if (right.shape[rightAxis] !== inner) throw innerMismatch(left, right, inner, right.shape[rightAxis]);
  if (right.rank <= 2) {
    return builder.dot(left, right, { contract: [[left.rank - 1], [rightAxis]], batch: [[], []] });
  }
  return batchedProduct(left, right);
}

function batchedProduct(left: Tensor, right: Tensor): Tensor {
  const row = left.rank === 1 ? builder.reshape(left, [1, ...left.shape]) : left;
  const leading = broadcastShapes("matmul", row.shape.slice(0, -2), right.shape.slice(0, -2));
  const spread = (z: Tensor): Tensor => builder.broadcast(z, [...leading, ...z.shape.slice(-2)]);
  const n = leading.length;
  const product = builder.dot(spread(row), spread(right), {
    contract: [[n + 1], [n]],
    batch: [range(n), range(n)],
  });
  return left.rank === 1 ? builder.reshape(product, [...leading, right.shape[right.rank - 1]]) : product;
}

function innerMismatch(left: Tensor, right: Tensor, m: number, n: number): ShapeError {
  const shapes: Shape[] = [left.shape, right.shape];
  const fits = right.rank === 2 && right.shape[1] === m;
  const otherFits = left.rank === 2 && left.shape[0] === n;
  const remedy = fits
    ? "Did you mean x.matmul(w.transpose())?"
    : otherFits
      ? "Did you mean x.transpose().matmul(w)?"
      : "The last axis of the left operand must match the second to last (or only) axis of the right one";
  return new ShapeError(
    `inner dimensions differ: ${formatShape(left.shape)} x ${formatShape(right.shape)} (${m} vs ${n})`,
    {
      operation: "matmul",
      shapes,
      remedy,
    },
  );
}
