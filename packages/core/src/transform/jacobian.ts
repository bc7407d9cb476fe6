import type { Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { iotaLeaf } from "../prims/leaves.ts";
import { checkOptions } from "../types/options.ts";
import { type Shape, sizeOf, toShape } from "../types/shape.ts";
import { describeValue, type MapTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { type AnyFunction, checkFunction, cotangentFor, flattenResult, type Given } from "./arguments.ts";
import { called } from "./grad.ts";
import { pushforward } from "./jvp.ts";
import { Lanes } from "./lanes.ts";
import { builder, pullback } from "./vjp.ts";

/** A Jacobian: in the place of each tensor of the result R, a tree like the argument A. */
export type JacobianOf<R, A> = MapTree<R, Tensor, MapTree<A, Tensor | number, Tensor>>;

/** Of `jacobian`. */
export interface JacobianOptions {
  /** Which arguments to differentiate by: a position, or several. By default the first. */
  readonly argnums?: number | readonly number[];
  /**
   * One backward pass for all elements of the result together, or one forward pass for all elements of the arguments.
   * By default whichever has fewer.
   */
  readonly mode?: "reverse" | "forward";
  /** The function returns [value, anything else]; the rest is handed on as it is. */
  readonly hasAux?: boolean;
}

/** For each element of a tensor of this shape, that element's direction: `[size, ...shape]`. */
function basis(x: Tensor): Tensor {
  const size = sizeOf(x.shape);
  const square = toShape([size, size]);
  const rows = iotaLeaf(square, 0, "int32");
  const equal = builder.compare("equal", rows, iotaLeaf(square, 1, "int32"));
  return builder.reshape(builder.cast(equal, x.dtype), [size, ...x.shape]);
}

/** A block for each result and each leaf, by one backward pass for each result. */
function reverseBlocks(outputs: readonly Tensor[], leaves: readonly Tensor[], operation: string) {
  return outputs.map((output) => {
    const lanes = new Lanes(output.size, operation);
    const seed = lanes.placeholder(basis(output));
    const cts = lanes.trace(() => pullback([output], [seed], leaves));
    const full = lanes.collectFull(cts.filter((ct) => ct !== null));
    let next = 0;
    return cts.map((ct, i) =>
      ct === null ? null : builder.reshape(full[next++], [...output.shape, ...leaves[i].shape]),
    );
  });
}

/** The same by one forward pass for each leaf. */
function forwardBlocks(outputs: readonly Tensor[], leaves: readonly Tensor[], operation: string) {
  const blocks: (Tensor | null)[][] = outputs.map(() => []);
  for (const leaf of leaves) {
    const lanes = new Lanes(leaf.size, operation);
    const seed = lanes.placeholder(basis(leaf));
    const dots = lanes.trace(() => pushforward(outputs, [leaf], [seed]));
    const full = lanes.collectFull(dots.filter((dot) => dot !== null));
    let next = 0;
    outputs.forEach((output, k) => {
      if (dots[k] === null) blocks[k].push(null);
      else blocks[k].push(builder.cast(inputsLast(full[next++], leaf.shape, output.shape), leaf.dtype));
    });
  }
  return blocks;
}

/** `[elements of the input, ...output]` as `[...output, ...input]`. */
function inputsLast(x: Tensor, input: Shape, output: Shape): Tensor {
  const axes = [...output.map((_, axis) => axis + 1), 0];
  return builder.reshape(builder.permute(x, axes), [...output, ...input]);
}

function checkMode(mode: unknown, operation: string): void {
  if (mode === undefined || mode === "reverse" || mode === "forward") return;
  throw new GradientError(`there is no mode ${describeValue(mode)}`, {
    operation,
    remedy: 'Use "reverse", "forward", or leave it out',
  });
}

/** The Jacobian for one call, and the rest of what f returned. */
export function jacobianOf(
  f: AnyFunction,
  args: readonly unknown[],
  options: JacobianOptions,
  operation: string,
): { jacobian: unknown; aux: unknown } {
  checkMode(options.mode, operation);
  const { value, aux, leaves, likeArguments } = called(f, args, options, operation);
  const flat = flattenResult(value, operation);
  const outputs = flat.leaves.map((leaf) => leaf.node);
  for (const output of outputs) cotangentFor(output, 0, operation);
  const mode = options.mode ?? (total(leaves) < total(outputs) ? "forward" : "reverse");
  const blocks = (mode === "forward" ? forwardBlocks : reverseBlocks)(outputs, leaves, operation);
  const rows = outputs.map((output, k) =>
    likeArguments(output, blocks[k], (leaf) =>
      builder.constant(0, [...output.shape, ...leaf.shape], leaf.dtype),
    ),
  );
  return { jacobian: flat.unflatten(rows), aux };
}

const total = (tensors: readonly Tensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

type Rest = readonly TensorLike[];

/**
 * The function that gives the Jacobian of f by its first argument, or by those that `argnums` names: for a result of shape
 * `[...r]` and an argument of shape `[...a]`, the derivatives in a tensor of shape `[...r, ...a]`, of the argument's dtype. Trees
 * work on both sides: in the place of each tensor of the result stands a tree like the argument. One batched pass for
 * all directions together, not one for each; differentiable again, to any order.
 * @throws GradientError for arguments or results that are not floating, and when f returns a Promise
 */
export function jacobian(
  f: (...args: Tensor[]) => Tensor,
  options?: JacobianOptions & { argnums?: number; hasAux?: false },
): (...args: Rest) => Tensor;
export function jacobian(
  f: (...args: Tensor[]) => Tensor,
  options: JacobianOptions & { argnums: readonly number[]; hasAux?: false },
): (...args: Rest) => Tensor[];
export function jacobian<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  options: JacobianOptions & { argnums?: 0; hasAux: true },
): (...args: Given<A>) => [JacobianOf<R, A[0]>, X];
export function jacobian<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options?: JacobianOptions & { argnums?: 0; hasAux?: false },
): (...args: Given<A>) => JacobianOf<R, A[0]>;
export function jacobian<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  options?: JacobianOptions,
): (...args: Given<A>) => unknown;
export function jacobian(f: AnyFunction, options: JacobianOptions = {}): unknown {
  checkFunction(f, "jacobian");
  checkOptions("jacobian", options, ["argnums", "mode", "hasAux"]);
  return (...args: unknown[]) => {
    const { jacobian: value, aux } = jacobianOf(f, args, options, "jacobian");
    return options.hasAux ? [value, aux] : value;
  };
}
