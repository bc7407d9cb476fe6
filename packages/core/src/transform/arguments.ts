import { type Frame, inFrame } from "../ir/frames.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { asTensor, isTensorOrNumber, scalarData, type TensorLike } from "../prims/convert.ts";
import { isFloating } from "../types/dtype.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import type { ShapeOf } from "../types/static/index.ts";
import { describeValue, type FlatTree, flattenTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { builder } from "./vjp.ts";

/** Gradients: shaped like the argument, tensors in the places of tensors and numbers. */
export type GradientOf<T> = T extends Tensor | number
  ? Tensor<ShapeOf<T>>
  : T extends readonly unknown[] | object
    ? { [K in keyof T]: GradientOf<T[K]> }
    : T;

/** Zeros like x. */
export const zerosLike = (x: Tensor): Tensor => builder.constant(0, x.shape, x.dtype);

/** The cotangent (or the tangent, in jvp) of y: what was given, as a tensor that fits, or 1 for a scalar. @throws GradientError */
export function cotangentFor(y: Tensor, given: TensorLike | undefined, operation: string): Tensor {
  if (!isFloating(y.dtype)) {
    throw new GradientError(`a ${y.dtype} value has no derivative`, {
      operation,
      dtypes: [y.dtype],
      remedy: "Derivatives need float32 or float64: cast before you compute",
    });
  }
  if (given !== undefined) {
    const ct =
      typeof given === "number"
        ? builder.broadcast(scalarData(given, y.dtype), y.shape)
        : builder.cast(asTensor(given, operation), y.dtype);
    if (sameShape(ct.shape, y.shape)) return ct;
    const what = operation === "jvp" ? "tangent" : "cotangent";
    throw new GradientError(
      `the ${what} has shape ${formatShape(ct.shape)}, but belongs to a tensor of shape ${formatShape(y.shape)}`,
      { operation, shapes: [ct.shape, y.shape], remedy: "Both have one shape; broadcastTo makes it so" },
    );
  }
  if (y.rank === 0) return builder.literal(1, y);
  throw new GradientError(`the value has shape ${formatShape(y.shape)}, but a gradient needs a scalar`, {
    operation,
    shapes: [y.shape],
    remedy: "Reduce it (sum, mean), give a cotangent, or use vjp",
  });
}

/** @throws GradientError unless `value` is a tensor */
export function checkTensor(
  value: unknown,
  operation: string,
  remedy = "Pass a tensor of dtype float32 or float64",
): asserts value is Tensor {
  if (isTensor(value)) return;
  if (value instanceof Promise) throw promised(operation);
  throw new GradientError(`expected a tensor, got ${describeValue(value)}`, {
    operation,
    remedy,
  });
}

/** @throws GradientError unless `f` is a function */
export function checkFunction(
  f: unknown,
  operation: string,
  remedy = "Pass the function itself, not what it returns: (x) => ...",
): void {
  if (typeof f === "function") return;
  throw new GradientError(`expected a function, got ${describeValue(f)}`, { operation, remedy });
}

/** Arguments, and what goes with each of them. @throws GradientError unless both are arrays, of at least so many */
export function checkLists(primals: unknown, tangents: unknown, least: number, operation: string): void {
  for (const list of [primals, tangents]) {
    if (Array.isArray(list) && list.length >= least) continue;
    throw new GradientError(
      `expected an array with one entry for each argument, got ${describeValue(list)}`,
      { operation, remedy: `${operation}(f, [x], [v])` },
    );
  }
}

const promised = (
  operation: string,
  remedy = "Functions to differentiate are synchronous: read values with item() and dataSync(), not with await",
): GradientError => new GradientError("the function returned a Promise", { operation, remedy });

/** @throws GradientError unless there can be a derivative by x */
export function checkFloating(x: Tensor, operation: string): void {
  if (isFloating(x.dtype)) return;
  throw new GradientError(`there is no derivative by a ${x.dtype} tensor`, {
    operation,
    dtypes: [x.dtype],
    remedy: "Cast it to float32 or float64 first, or leave it out of argnums",
  });
}

/** An argument whose leaves are new nodes, so that only what goes through it counts. */
export interface Wrapped {
  readonly value: unknown;
  readonly leaves: readonly Tensor[];
  readonly originals: readonly Tensor[];
  unflatten(leaves: readonly Tensor[]): unknown;
}

/** An argument and its leaves, each as a node of its own. */
export function wrap(argument: unknown, operation: string): Wrapped {
  const flat = flattenTree(argument, isTensorOrNumber, operation);
  const originals = flat.leaves.map((leaf) => asTensor(leaf, operation));
  for (const x of originals) checkFloating(x, operation);
  const leaves = originals.map((x) => builder.identity(x));
  return { value: flat.unflatten(leaves), leaves, originals, unflatten: flat.unflatten };
}

/** A function of anything. */
export type AnyFunction = (...args: never[]) => unknown;

/** An argument may be given as a number where the function takes a tensor. */
export type Given<A extends readonly unknown[]> = {
  [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K];
};

/** The tensors of a result. @throws StateError for anything that is no tree of tensors */
export const flattenResult = (result: unknown, operation: string): FlatTree<Tensor> =>
  flattenTree(result, isTensor, operation);

/** Runs what a user wrote inside a frame. @throws GradientError when it returns a Promise */
export function inside<R>(kind: Frame["kind"], operation: string, body: () => R, remedy?: string): R {
  const result = inFrame({ kind, name: operation }, body);
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw promised(operation, remedy);
}

/** Calls f inside a frame. @throws GradientError when it is no function or returns a Promise */
export function run<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  args: A,
  kind: "grad" | "jvp",
  operation: string,
): R {
  checkFunction(f, operation);
  return inside(kind, operation, () => f(...args));
}
