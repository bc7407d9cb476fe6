import type { Tensor } from "../ir/tensor.ts";
import { asTensor, type TensorLike } from "../prims/convert.ts";
import { iotaLeaf } from "../prims/leaves.ts";
import { builder } from "../transform/vjp.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxis } from "../types/shape.ts";
import type { Diag, Diagonals, Fits, Settled, ShapeOf, Traces } from "../types/static/index.ts";
import { IndexError, ShapeError } from "../util/errors.ts";
import { countable } from "./operands.ts";

export interface TriangleOptions {
  /** The last diagonal that is kept: 0 the main one, above it 1, 2, ..., below it -1, -2, ... */
  readonly offset?: number;
}

export interface DiagonalOptions {
  /** 0 the main diagonal, above it 1, 2, ..., below it -1, -2, ... */
  readonly offset?: number;
  /** The axis of rows, the first by default. */
  readonly axis1?: number;
  /** The axis of columns, the second by default. */
  readonly axis2?: number;
}

function checkOffset(operation: string, offset: number): number {
  if (Number.isInteger(offset)) return offset;
  throw new IndexError(`${offset} is no diagonal`, {
    operation,
    remedy: "0 is the main diagonal, above it are 1, 2, ..., below it -1, -2, ...",
  });
}

/** Keeps the elements for which column - row, compared with the offset, is as it should be. */
function triangle(operation: "tril" | "triu", x: TensorLike, options: TriangleOptions): Tensor {
  checkOptions(operation, options, ["offset"]);
  const { offset = 0 } = options;
  const tensor = asTensor(x, operation);
  checkOffset(operation, offset);
  if (tensor.rank < 2) {
    throw new ShapeError(`shape ${formatShape(tensor.shape)} has no rows and columns`, {
      operation,
      shapes: [tensor.shape],
      remedy: "Pass a matrix, or a batch of them along leading axes",
    });
  }
  const row = iotaLeaf(tensor.shape, tensor.rank - 2, "int32");
  const column = iotaLeaf(tensor.shape, tensor.rank - 1, "int32");
  const isKept = builder.compare(
    operation === "tril" ? "lessEqual" : "greaterEqual",
    builder.sub(column, row),
    offset,
  );
  return builder.where(isKept, tensor, builder.literal(0, tensor));
}

/** x on and below a diagonal of its last two axes, 0 above. @throws ShapeError for fewer than two axes */
export function tril<X extends TensorLike>(x: X, options?: TriangleOptions): Tensor<ShapeOf<X>>;
export function tril(x: TensorLike, options: TriangleOptions = {}): Tensor {
  return triangle("tril", x, options);
}

/** x on and above a diagonal of its last two axes, 0 below. @throws ShapeError for fewer than two axes */
export function triu<X extends TensorLike>(x: X, options?: TriangleOptions): Tensor<ShapeOf<X>>;
export function triu(x: TensorLike, options: TriangleOptions = {}): Tensor {
  return triangle("triu", x, options);
}

/** Two axes, counted from the front, become one at the end: the diagonal of the matrices that they span. */
export function diagonalAlong(x: Tensor, rows: number, columns: number, offset: number): Tensor {
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
  const leading = others.map((axis) => x.shape[axis]);
  const matrices = builder.permute(x, [...others, rows, columns]);
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
  const length = Math.max(Math.min(x.shape[rows] - row, x.shape[columns] - column), 0);
  if (length === 0) return builder.reshape(emptied(matrices), [...leading, 0]);
  const zeros = leading.map(() => 0);
  const square = builder.slice(
    matrices,
    [...zeros, row, column],
    [...leading, row + length, column + length],
  );
  // In row-major order, the next element of the diagonal is a row and a column further on.
  const flat = builder.reshape(square, [...leading, length * length]);
  return builder.slice(
    flat,
    [...zeros, 0],
    [...leading, length * length],
    [...leading.map(() => 1), length + 1],
  );
}

/** No element of x, as a node that depends on it. */
const emptied = (x: Tensor): Tensor =>
  builder.slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((size, axis) => (axis < x.rank - 1 ? size : 0)),
  );

/**
 * The diagonals of the matrices that two axes span (the first two by default): those axes disappear, the diagonal is the
 * last axis. @throws ShapeError for fewer than two axes, IndexError where axis1 is axis2, StateError for an unknown option
 */
export function diagonal<X extends TensorLike, const O extends DiagonalOptions = Record<never, never>>(
  x: X & Fits<Diagonals<ShapeOf<X>, O>>,
  options?: O,
): Tensor<Settled<Diagonals<ShapeOf<X>, O>>>;
export function diagonal(x: TensorLike, options: DiagonalOptions = {}): Tensor {
  checkOptions("diagonal", options, ["offset", "axis1", "axis2"]);
  const { offset = 0, axis1 = 0, axis2 = 1 } = options;
  return diagonalOf("diagonal", asTensor(x, "diagonal"), { offset, axis1, axis2 });
}

function diagonalOf(operation: string, x: Tensor, options: Required<DiagonalOptions>): Tensor {
  if (x.rank < 2) {
    throw new ShapeError(`shape ${formatShape(x.shape)} has no diagonal`, {
      operation,
      shapes: [x.shape],
      remedy: "diag puts a vector on the diagonal of a matrix",
    });
  }
  const rows = normalizeAxis(operation, options.axis1, x.rank);
  const columns = normalizeAxis(operation, options.axis2, x.rank);
  if (rows === columns) {
    throw new IndexError(`axis1 and axis2 are both axis ${rows} of ${formatShape(x.shape)}`, {
      operation,
      remedy: "Name two axes",
    });
  }
  return diagonalAlong(x, rows, columns, checkOffset(operation, options.offset));
}

/**
 * The sum of a diagonal, options as for `diagonal`; of bool, int32. A method only: the function `trace` is optim's, and
 * keeps a decaying sum of gradients. @throws ShapeError for fewer than two axes, StateError for an unknown option
 */
export function trace<X extends TensorLike, const O extends DiagonalOptions = Record<never, never>>(
  x: X & Fits<Traces<ShapeOf<X>, O>>,
  options?: O,
): Tensor<Settled<Traces<ShapeOf<X>, O>>>;
export function trace(x: TensorLike, options: DiagonalOptions = {}): Tensor {
  checkOptions("trace", options, ["offset", "axis1", "axis2"]);
  const { offset = 0, axis1 = 0, axis2 = 1 } = options;
  const elements = diagonalOf("trace", countable("trace", x), { offset, axis1, axis2 });
  return builder.reduce("sum", elements, [elements.rank - 1]);
}

/**
 * A vector as the diagonal of a square matrix that is 0 elsewhere; of a matrix, its diagonal as a vector.
 * @throws ShapeError for other ranks, StateError for an unknown option
 */
export function diag<X extends TensorLike, const O extends TriangleOptions = Record<never, never>>(
  x: X & Fits<Diag<ShapeOf<X>, O>>,
  options?: O,
): Tensor<Settled<Diag<ShapeOf<X>, O>>>;
export function diag(x: TensorLike, options: TriangleOptions = {}): Tensor {
  checkOptions("diag", options, ["offset"]);
  const { offset = 0 } = options;
  const tensor = asTensor(x, "diag");
  checkOffset("diag", offset);
  if (tensor.rank === 2) return diagonalAlong(tensor, 0, 1, offset);
  if (tensor.rank === 1) return matrixOf(tensor, offset);
  throw new ShapeError(`shape ${formatShape(tensor.shape)} is neither a vector nor a matrix`, {
    operation: "diag",
    shapes: [tensor.shape],
    remedy: "diagonal takes the diagonals of matrices along leading axes",
  });
}

/** The vector with as many zeros between its elements as lie between those of a diagonal, cut into rows. */
function matrixOf(x: Tensor, offset: number): Tensor {
  const { size } = x;
  const spread = builder.pad(x, [0], [0], [size]);
  const square = builder.reshape(spread, [size, size]);
  const [row, column] = [Math.max(-offset, 0), Math.max(offset, 0)];
  return builder.pad(square, [row, column], [column, row]);
}
