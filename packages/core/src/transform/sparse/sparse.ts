import type { Tensor } from "../../ir/tensor.ts";
import { fromValues } from "../../prims/convert.ts";
import { iotaLeaf } from "../../prims/leaves.ts";
import { type DType, promote } from "../../types/dtype.ts";
import { checkOptions } from "../../types/options.ts";
import { toShape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { GradientError } from "../../util/errors.ts";
import {
  type AnyFunction,
  checkFunction,
  cotangentFor,
  flattenResult,
  type Given,
  type GradientOf,
} from "../arguments.ts";
import { called, differentiate } from "../grad.ts";
import { Lanes } from "../lanes.ts";
import { LinearMap } from "../linearMap.ts";
import { builder, pullback } from "../vjp.ts";
import { colorCount, columnColoring, diagonalColoring, starColoring, widest } from "./coloring.ts";
import { dependenceOf } from "./dependence.ts";
import { Pattern, type Sparsity } from "./pattern.ts";
import { pick, SparseMatrix } from "./sparseMatrix.ts";

/** Of `sparseHessian` and `hessianDiagonal`. */
export interface SparseOptions {
  /** Which argument to differentiate by; by default the first. */
  readonly argnums?: number;
  /**
   * Where the matrix may differ from zero; found from the graph unless given. What is given must not leave out any entry:
   * what it leaves out is added to others.
   */
  readonly sparsity?: Sparsity;
  /** A color for each column, such as `coloring` of an earlier result: found unless given. */
  readonly coloring?: ArrayLike<number>;
}

/** Of `sparseJacobian`. */
export interface SparseJacobianOptions extends SparseOptions {
  /**
   * Columns of one color together by a forward pass, or rows of one color by a backward pass. By default whichever needs
   * fewer colors.
   */
  readonly mode?: "reverse" | "forward";
}

const OPTIONS = ["argnums", "sparsity", "coloring"] as const;

const total = (tensors: readonly Tensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

/** For each color a direction: ones where that color is, in the shapes of `like`. */
function seedsFor(coloring: Int32Array, colors: number, like: readonly Tensor[]): Tensor[] {
  const row = fromValues(coloring, { shape: [1, coloring.length], copy: false });
  const shape = toShape([colors, coloring.length]);
  const isOwn = builder.compare("equal", builder.broadcast(row, shape), iotaLeaf(shape, 0, "int32"));
  let first = 0;
  return like.map((x) => {
    const part = builder.slice(isOwn, [0, first], [colors, first + x.size]);
    first += x.size;
    return builder.reshape(builder.cast(part, x.dtype), [colors, ...x.shape]);
  });
}

/** The results of one batched pass in all directions, as one vector: direction after direction, leaf after leaf. */
function compressed(
  seeds: readonly Tensor[],
  colors: number,
  like: readonly Tensor[],
  dtype: DType,
  operation: string,
  pass: (seeds: readonly Tensor[]) => readonly (Tensor | null)[],
): Tensor {
  const lanes = new Lanes(colors, operation);
  const own = seeds.map((seed) => lanes.placeholder(seed));
  const results = lanes.trace(() => pass(own)).map((one, i) => one ?? builder.literal(0, like[i]));
  const rows = lanes
    .collectFull(results)
    .map((one, i) => builder.cast(builder.reshape(one, [colors, like[i].size]), dtype));
  return builder.reshape(rows.length === 1 ? rows[0] : builder.concat(rows, 1), [colors * total(like)]);
}

/** Which entries are the only one of their color in their row. */
function aloneInRow({ height, starts, cols }: Pattern, coloring: Int32Array, colors: number): Uint8Array {
  const alone = new Uint8Array(cols.length);
  const counts = new Int32Array(colors);
  for (let r = 0; r < height; r++) {
    for (let p = starts[r]; p < starts[r + 1]; p++) counts[coloring[cols[p]]]++;
    for (let p = starts[r]; p < starts[r + 1]; p++) alone[p] = counts[coloring[cols[p]]] === 1 ? 1 : 0;
    for (let p = starts[r]; p < starts[r + 1]; p++) counts[coloring[cols[p]]] = 0;
  }
  return alone;
}

/** @throws GradientError: two entries are only known as their sum */
function ambiguous(row: number, col: number, operation: string): GradientError {
  return new GradientError(`entry [${row}, ${col}] shares its color with others of its row`, {
    operation,
    remedy: "Leave out coloring, or give that of a result with the same sparsity",
  });
}

/** A coloring that was given, as it is used. @throws GradientError for what is none */
function checkColoring(given: ArrayLike<number>, size: number, operation: string): Int32Array {
  const isList = Array.isArray(given) || ArrayBuffer.isView(given);
  const wrong = isList ? Array.from(given).find((color) => !Number.isInteger(color) || color < 0) : undefined;
  if (isList && given.length === size && wrong === undefined) return Int32Array.from(given);
  const what = !isList
    ? describeValue(given)
    : wrong === undefined
      ? `${given.length} colors for ${size}`
      : wrong;
  throw new GradientError(`coloring is ${what}`, {
    operation,
    remedy: `Give a whole number from 0 on for each of the ${size}`,
  });
}

/** The gradient of f as a function of the argument, and where its derivative may differ from zero. */
function hessianOf(f: AnyFunction, args: readonly unknown[], options: SparseOptions, operation: string) {
  const position = options.argnums ?? 0;
  const gradientOf = (...all: unknown[]) => differentiate(f, all, { argnums: position }, operation).gradient;
  const { value, leaves, likeArguments } = called(
    gradientOf as AnyFunction,
    args,
    { argnums: position },
    operation,
  );
  const gradient = flattenResult(value, operation).leaves.map((leaf) => leaf.node);
  const map = LinearMap.of(gradient, leaves);
  const size = total(leaves);
  const pattern =
    options.sparsity === undefined
      ? patternOf(map, gradient, operation)
      : Pattern.fromLists(options.sparsity, size, size, operation);
  const products = (coloring: Int32Array): Tensor => {
    const colors = colorCount(coloring);
    return compressed(
      seedsFor(coloring, colors, leaves),
      colors,
      gradient,
      dtypeOf(leaves),
      operation,
      (seeds) => map.along(seeds),
    );
  };
  return { leaves, size, likeArguments, gradient, pattern: pattern.symmetric(), products };
}

function patternOf(map: LinearMap, outputs: readonly Tensor[], operation: string): Pattern {
  const { sets, elements } = dependenceOf(map);
  return Pattern.fromSets(
    sets,
    elements,
    outputs.map(({ size }) => size),
    operation,
  );
}

const dtypeOf = (leaves: readonly Tensor[]): DType =>
  leaves.map(({ dtype }) => dtype).reduce((a, b) => promote(a, b), "float32");

/**
 * The function that gives the Hessian of f, a function with a scalar value, by one argument in coordinate form: its
 * entries alone, at the price of a few products. Where entries are is found from the graph: whatever may depend on an element
 * counts. Columns are given colors such that one product with the Hessian for each color, all of them in one batched pass, shows
 * every entry, or the one across the diagonal, by itself (Coleman and Moré, 1984; Gebremedhin, Manne and Pothen, What Color
 * Is Your Jacobian?, SIAM Review 47, 2005). A tridiagonal Hessian of whatever size takes 3 products, a diagonal one 1.
 *
 * Rows and columns count the elements of the argument; a tree counts leaf after leaf. Indices that depend on the argument
 * (of a sort, say) are taken as they are at this point. Works under vmap and compile as far as `values` and `toDense()` go.
 * @throws GradientError for arguments that are not floating, for values that are no scalars, for a sparsity or a coloring
 * that does not fit
 */
export function sparseHessian<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: SparseOptions = {},
): (...args: Given<A>) => SparseMatrix {
  const operation = "sparseHessian";
  checkFunction(f, operation);
  checkOptions(operation, options, OPTIONS);
  return (...args) => {
    const { size, pattern, products } = hessianOf(f as AnyFunction, args, options, operation);
    const coloring =
      options.coloring === undefined
        ? starColoring(pattern)
        : checkColoring(options.coloring, size, operation);
    const rows = pattern.rows();
    const { cols } = pattern;
    const across = pattern.mirrored();
    const alone = aloneInRow(pattern, coloring, colorCount(coloring));
    const places = rows.map((row, p) => {
      if (alone[p] === 1) return coloring[cols[p]] * size + row;
      if (alone[across[p]] === 1) return coloring[row] * size + cols[p];
      throw ambiguous(row, cols[p], operation);
    });
    return new SparseMatrix(rows, cols, pick(products(coloring), places), [size, size], coloring);
  };
}

/**
 * The function that gives the diagonal of the Hessian of f, a function with a scalar value, by one argument: shaped like
 * that. Exact, and cheaper than the Hessian: elements that do not meet in the Hessian share a product, so that a separable
 * function takes one product, a chain two, and only a full Hessian as many as there are elements, in one batched pass. See
 * `sparseHessian`.
 * @throws GradientError as `sparseHessian` does
 */
export function hessianDiagonal<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options: SparseOptions = {},
): (...args: Given<A>) => GradientOf<A[0]> {
  const operation = "hessianDiagonal";
  checkFunction(f, operation);
  checkOptions(operation, options, OPTIONS);
  return (...args) => {
    const { size, leaves, likeArguments, gradient, pattern, products } = hessianOf(
      f as AnyFunction,
      args,
      options,
      operation,
    );
    const coloring =
      options.coloring === undefined
        ? diagonalColoring(pattern)
        : checkColoring(options.coloring, size, operation);
    const { starts, cols } = pattern;
    for (let v = 0; v < size; v++) {
      for (let p = starts[v]; p < starts[v + 1]; p++)
        if (cols[p] !== v && coloring[cols[p]] === coloring[v]) throw ambiguous(v, cols[p], operation);
    }
    const diagonal = pick(
      products(coloring),
      coloring.map((color, i) => color * size + i),
    );
    let first = 0;
    const parts = leaves.map((leaf) => {
      const part = builder.slice(diagonal, [first], [first + leaf.size]);
      first += leaf.size;
      return builder.reshape(builder.cast(part, leaf.dtype), leaf.shape);
    });
    return likeArguments(gradient[0], parts, (leaf) => leaf) as GradientOf<A[0]>;
  };
}

/**
 * The function that gives the Jacobian of f by one argument in coordinate form: its entries alone, at the price of a few
 * products. Where entries are is found from the graph: whatever may depend on an element counts. Columns that have no row in
 * common share a forward pass, or rows that have no column in common a backward pass, all of them in one batched pass
 * (Curtis, Powell and Reid, On the Estimation of Sparse Jacobian Matrices, IMA Journal of Applied Mathematics 13, 1974).
 *
 * Rows count the elements of the result, columns those of the argument; a tree counts leaf after leaf. Indices that
 * depend on the argument (of a sort, say) are taken as they are at this point.
 * @throws GradientError for arguments or results that are not floating, for a sparsity or a coloring that does not fit
 */
export function sparseJacobian<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: SparseJacobianOptions = {},
): (...args: Given<A>) => SparseMatrix {
  const operation = "sparseJacobian";
  checkFunction(f, operation);
  checkOptions(operation, options, [...OPTIONS, "mode"]);
  checkMode(options, operation);
  return (...args) => {
    const { value, leaves } = called(f as AnyFunction, args, { argnums: options.argnums }, operation);
    const outputs = flattenResult(value, operation).leaves.map((leaf) => leaf.node);
    for (const output of outputs) cotangentFor(output, 0, operation);
    const map = LinearMap.of(outputs, leaves);
    const [height, width] = [total(outputs), total(leaves)];
    const pattern =
      options.sparsity === undefined
        ? patternOf(map, outputs, operation)
        : Pattern.fromLists(options.sparsity, height, width, operation);
    const { mode, coloring } = chosen(pattern, options, operation);
    const colors = colorCount(coloring);
    const [seeded, found] = mode === "forward" ? [leaves, outputs] : [outputs, leaves];
    const products = compressed(
      seedsFor(coloring, colors, seeded),
      colors,
      found,
      dtypeOf(leaves),
      operation,
      (seeds) => (mode === "forward" ? map.along(seeds) : pullback(outputs, seeds, leaves)),
    );
    const rows = pattern.rows();
    const { cols } = pattern;
    const places = rows.map((row, p) =>
      mode === "forward" ? coloring[cols[p]] * height + row : coloring[row] * width + cols[p],
    );
    return new SparseMatrix(rows, cols, pick(products, places), [height, width], coloring);
  };
}

function checkMode({ mode, coloring }: SparseJacobianOptions, operation: string): void {
  if (mode !== undefined && mode !== "reverse" && mode !== "forward") {
    throw new GradientError(`there is no mode ${describeValue(mode)}`, {
      operation,
      remedy: 'Use "reverse", "forward", or leave it out',
    });
  }
  if (coloring !== undefined && mode === undefined) {
    throw new GradientError("a coloring is given, but not what it colors", {
      operation,
      remedy: 'Give mode: "forward" for colors of columns, "reverse" for colors of rows',
    });
  }
}

/** The way with fewer colors, or the one that was asked for. */
function chosen(pattern: Pattern, { mode, coloring }: SparseJacobianOptions, operation: string) {
  const across = pattern.transposed();
  if (coloring !== undefined && mode !== undefined) {
    const own = mode === "forward" ? pattern : across;
    const given = checkColoring(coloring, own.width, operation);
    const alone = aloneInRow(own, given, colorCount(given));
    const wrong = alone.indexOf(0);
    if (wrong >= 0) throw ambiguous(own.rows()[wrong], own.cols[wrong], operation);
    return { mode, coloring: given };
  }
  const forward = () => ({ mode: "forward", coloring: columnColoring(pattern, across) }) as const;
  const reverse = () => ({ mode: "reverse", coloring: columnColoring(across, pattern) }) as const;
  if (mode !== undefined) return mode === "forward" ? forward() : reverse();
  // No coloring has fewer colors than the widest row has entries.
  const [best, other] = widest(pattern) <= widest(across) ? [forward, reverse] : [reverse, forward];
  const first = best();
  if (Math.max(widest(pattern), widest(across)) >= colorCount(first.coloring)) return first;
  const second = other();
  return colorCount(second.coloring) < colorCount(first.coloring) ? second : first;
}
