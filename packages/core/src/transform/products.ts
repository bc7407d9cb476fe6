import type { Tensor } from "../ir/tensor.ts";
import { isTensorOrNumber, type TensorLike } from "../prims/convert.ts";
import { flattenTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import {
  type AnyFunction,
  checkLists,
  cotangentFor,
  flattenResult,
  type GradientOf,
  run,
  type Wrapped,
  wrap,
  zerosLike,
} from "./arguments.ts";
import { checkClosure } from "./grad.ts";
import { pushforward } from "./jvp.ts";
import { pullback } from "./vjp.ts";

/**
 * Reverse mode: [f(...primals), pullback]. The pullback takes a cotangent shaped like the result and gives one
 * cotangent for each primal.
 */
export function vjp<R = Tensor>(
  f: (...args: Tensor[]) => R,
  ...primals: readonly TensorLike[]
): [R, (cotangent: GradientOf<R> | TensorLike) => Tensor[]];
export function vjp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [R, (cotangent: GradientOf<R> | TensorLike) => { [K in keyof A]: GradientOf<A[K]> }];
export function vjp(f: AnyFunction, ...primals: readonly unknown[]): unknown {
  const { result, back } = pulledBack(f, primals, "vjp");
  return [result, (cotangent: unknown) => back(cotangent).trees];
}

/** f run at the primals, and how cotangents of its result flow back to them: as trees like them, and leaf by leaf. */
export function pulledBack(f: AnyFunction, primals: readonly unknown[], operation: string) {
  const wrapped = primals.map((primal) => wrap(primal, operation));
  const result = run(
    f as (...all: unknown[]) => unknown,
    wrapped.map(({ value }) => value),
    "grad",
    operation,
  );
  const flat = flattenResult(result, operation);
  const outputs = flat.leaves.map((leaf) => leaf.node);
  const leaves = wrapped.flatMap((argument) => argument.leaves);
  const back = (cotangent: unknown) => {
    const given = flattenTree(cotangent, isTensorOrNumber, operation);
    if (given.structure !== flat.structure) {
      throw new GradientError("the cotangent must have the structure of the result", {
        operation,
        remedy: "Pass a tensor for each tensor of the result, in the same arrays and objects",
      });
    }
    const seeds = outputs.map((output, i) => cotangentFor(output, given.leaves[i], operation));
    const cts = pullback(outputs, seeds, leaves);
    let next = 0;
    const trees = wrapped.map((argument) =>
      argument.unflatten(
        argument.leaves.map((leaf, i) => {
          const ct = cts[next++];
          if (ct === null) for (const output of outputs) checkClosure(output, argument, i, operation);
          return ct ?? zerosLike(leaf);
        }),
      ),
    );
    return { trees, cts };
  };
  return { result, leaves, back };
}

/** Forward mode: [f(...primals), the derivative of the result along the tangents]. */
export function jvp<R = Tensor>(
  f: (...args: Tensor[]) => R,
  primals: readonly TensorLike[],
  tangents: readonly TensorLike[],
): [R, GradientOf<R>];
export function jvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: A,
  tangents: NoInfer<A>,
): [R, GradientOf<R>];
export function jvp(f: AnyFunction, primals: readonly unknown[], tangents: readonly unknown[]): unknown {
  checkLists(primals, tangents, 0, "jvp");
  const { result, wrapped, outputs, like } = runForward(f, primals, "jvp");
  const directions = directionsFor(wrapped, primals, tangents, "jvp");
  return [result, like(pushforward(outputs, wrapped.leaves, directions))];
}

/** The tangent of each leaf of the primals. @throws GradientError for tangents that are not like primals */
export function directionsFor(
  { leaves }: Wrapped,
  primals: unknown,
  tangents: unknown,
  operation: string,
): Tensor[] {
  const { structure } = flattenTree(primals, isTensorOrNumber, operation);
  const seeds = flattenTree(tangents, isTensorOrNumber, operation);
  if (seeds.structure !== structure) {
    throw new GradientError("tangents must have the structure of primals", {
      operation,
      remedy: "Give one tangent for each primal, of its shape",
    });
  }
  return leaves.map((leaf, i) => cotangentFor(leaf, seeds.leaves[i], operation));
}

/** f run at the primals, and how what belongs to its results is put together like them. */
export function runForward(f: AnyFunction, primals: readonly unknown[], operation: string) {
  const wrapped = wrap(primals, operation);
  const result = run(f as (...all: unknown[]) => unknown, wrapped.value as unknown[], "jvp", operation);
  const flat = flattenResult(result, operation);
  const outputs = flat.leaves.map((leaf) => leaf.node);
  const tangentOf = (output: Tensor, dot: Tensor | null): Tensor => {
    for (let i = 0; dot === null && i < wrapped.leaves.length; i++)
      checkClosure(output, wrapped, i, operation);
    return dot ?? zerosLike(output);
  };
  const like = (dots: readonly (Tensor | null)[]): unknown =>
    flat.unflatten(outputs.map((output, i) => tangentOf(output, dots[i])));
  return { result, wrapped, outputs, like };
}
