import type { Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import type { TensorLike } from "../prims/convert.ts";
import { GradientError } from "../util/errors.ts";
import { type AnyFunction, type GradientOf, wrap, zerosLike } from "./arguments.ts";
import { LinearMap } from "./linearMap.ts";
import { directionsFor, pulledBack, runForward } from "./products.ts";

/**
 * `[f(...primals), linear]`: what `jvp` gives, with f run and its derivative built once for any number of directions.
 * `linear(...tangents)` takes one tangent for each primal, of its shape, and gives the derivative of the result along
 * them. From the second direction on, only the linear part is computed: what it needs of f is kept.
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
  const { result, wrapped, outputs, like } = runForward(f, primals, "linearize");
  const map = LinearMap.of(outputs, wrapped.leaves);
  const linear = (...tangents: unknown[]): unknown =>
    like(map.along(directionsFor(wrapped, primals, tangents, "linearize")));
  return [result, linear];
}

/**
 * The transpose of a linear function: `linearTranspose(f, x)` takes a cotangent, shaped like f's result, to an array with
 * one for each argument. `like` says only what the arguments look like. Of a function that is linear but for a constant,
 * that of the linear part.
 * @throws GradientError when f is not linear, for arguments or results that are not floating, or for a cotangent that is not
 * like the result
 */
export function linearTranspose<R = Tensor>(
  f: (...args: Tensor[]) => R,
  ...like: readonly TensorLike[]
): (cotangent: GradientOf<R> | TensorLike) => Tensor[];
export function linearTranspose<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...like: A
): (cotangent: GradientOf<R> | TensorLike) => { [K in keyof A]: GradientOf<A[K]> };
export function linearTranspose(f: AnyFunction, ...like: readonly unknown[]): unknown {
  const zeros = like.map((argument) => {
    const { leaves, unflatten } = wrap(argument, "linearTranspose");
    return unflatten(leaves.map(zerosLike));
  });
  const { leaves, back } = pulledBack(f, zeros, "linearTranspose");
  return (cotangent: unknown) => {
    const { trees, cts } = back(cotangent);
    const oldest = leaves.reduce((id, { id: own }) => Math.min(id, own), Number.POSITIVE_INFINITY);
    const found = cts.filter((ct) => ct !== null);
    if (topology(found, ({ id }) => id >= oldest).nodes.some((node) => leaves.includes(node))) {
      throw new GradientError("the function is not linear: its derivative depends on its arguments", {
        operation: "linearTranspose",
        remedy: "Take the transpose of its derivative at a point: vjp(f, x)[1]",
      });
    }
    return trees;
  };
}
