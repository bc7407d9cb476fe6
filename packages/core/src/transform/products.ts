import type { Tensor } from "../ir/tensor.ts";
import { isTensorOrNumber, type TensorLike } from "../prims/convert.ts";
import { flattenTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import {
  type AnyFunction,
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
  const wrapped = primals.map((primal) => wrap(primal, "vjp"));
  const result = run(
    f as (...all: unknown[]) => unknown,
    wrapped.map(({ value }) => value),
    "grad",
    "vjp",
  );
  const flat = flattenResult(result, "vjp");
  const outputs = flat.leaves.map((leaf) => leaf.node);
  const back = (cotangent: unknown) => {
    const given = flattenTree(cotangent, isTensorOrNumber, "vjp");
    if (given.structure !== flat.structure) {
      throw new GradientError("the cotangent must have the structure of the result", {
        operation: "vjp",
        remedy: "Pass a tensor for each tensor of the result, in the same arrays and objects",
      });
    }
    const seeds = outputs.map((output, i) => cotangentFor(output, given.leaves[i], "vjp"));
    const leaves = wrapped.flatMap((argument) => argument.leaves);
    const cts = pullback(outputs, seeds, leaves);
    let next = 0;
    return wrapped.map((argument) =>
      argument.unflatten(
        argument.leaves.map((leaf, i) => {
          const ct = cts[next++];
          if (ct === null) for (const output of outputs) checkClosure(output, argument, i, "vjp");
          return ct ?? zerosLike(leaf);
        }),
      ),
    );
  };
  return [result, back];
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
  const { result, along } = linearized(f, primals, "jvp");
  return [result, along(tangents)];
}

/**
 * `[f(...primals), linear]`: what `jvp` gives, with f run once for any number of directions. `linear(...tangents)` takes one
 * tangent for each primal, of its shape, and gives the derivative of the result along them.
 * @throws GradientError when a primal is not floating, or the function returns a Promise; of `linear`, when tangents are not
 * like primals
 */
export function linearize<R = Tensor>(
  f: (...args: Tensor[]) => R,
  ...primals: readonly TensorLike[]
): [R, (...tangents: readonly TensorLike[]) => GradientOf<R>];
export function linearize<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [R, (...tangents: { [K in keyof A]: GradientOf<A[K]> }) => GradientOf<R>];
export function linearize(f: AnyFunction, ...primals: readonly unknown[]): unknown {
  const { result, along } = linearized(f, primals, "linearize");
  return [result, (...tangents: unknown[]) => along(tangents)];
}

/** The tangent of each leaf of the primals. @throws GradientError for tangents that are not like primals */
export function directionsFor(
  { leaves }: Wrapped,
  primals: readonly unknown[],
  tangents: readonly unknown[],
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

/** f run at the primals, and its derivative there along whatever tangents. */
function linearized(f: AnyFunction, primals: readonly unknown[], operation: string) {
  const wrapped = wrap(primals, operation);
  const result = run(f as (...all: unknown[]) => unknown, wrapped.value as unknown[], "jvp", operation);
  const flat = flattenResult(result, operation);
  const outputs = flat.leaves.map((leaf) => leaf.node);
  const along = (tangents: readonly unknown[]): unknown => {
    const directions = directionsFor(wrapped, primals, tangents, operation);
    const dots = pushforward(outputs, wrapped.leaves, directions);
    const tangentOf = (output: Tensor, dot: Tensor | null): Tensor => {
      for (let i = 0; dot === null && i < wrapped.leaves.length; i++)
        checkClosure(output, wrapped, i, operation);
      return dot ?? zerosLike(output);
    };
    return flat.unflatten(outputs.map((output, i) => tangentOf(output, dots[i])));
  };
  return { result, along };
}
