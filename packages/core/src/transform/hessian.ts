import type { Tensor } from "../ir/tensor.ts";
import { isTensorOrNumber, type TensorLike } from "../prims/convert.ts";
import { checkOptions } from "../types/options.ts";
import { flattenTree, type MapTree } from "../types/trees.ts";
import {
  type AnyFunction,
  checkFunction,
  checkLists,
  type Given,
  type GradientOf,
  wrap,
  zerosLike,
} from "./arguments.ts";
import { differentiate, GRAD_OPTIONS, type GradOptions } from "./grad.ts";
import { jacobianOf } from "./jacobian.ts";
import { pushforward } from "./jvp.ts";
import { directionsFor } from "./products.ts";

/** A Hessian: in the place of each tensor of the argument A, a tree like A. */
export type HessianOf<A> = MapTree<A, Tensor | number, MapTree<A, Tensor | number, Tensor>>;

type Rest = readonly TensorLike[];

/**
 * The function that gives the second derivatives of f, a function with a scalar value, by its first argument: for one of
 * shape `[...a]` a tensor of shape `[...a, ...a]`; for a tree, a tree of trees of the mixed derivatives. With several
 * `argnums`, an array of arrays. Forward mode over reverse mode: one batched pass over the gradient. Where only the product with
 * a vector is needed, `hvp` gives it at about the price of a gradient.
 * @throws GradientError for arguments that are not floating, for values that are no floating scalars
 */
export function hessian(
  f: (...args: Tensor[]) => Tensor,
  options?: GradOptions & { argnums?: number; hasAux?: false },
): (...args: Rest) => Tensor;
export function hessian(
  f: (...args: Tensor[]) => Tensor,
  options: GradOptions & { argnums: readonly number[]; hasAux?: false },
): (...args: Rest) => Tensor[][];
export function hessian<A extends readonly unknown[], X>(
  f: (...args: A) => readonly [Tensor, X],
  options: GradOptions & { argnums?: 0; hasAux: true },
): (...args: Given<A>) => [HessianOf<A[0]>, X];
export function hessian<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  options?: GradOptions & { argnums?: 0; hasAux?: false },
): (...args: Given<A>) => HessianOf<A[0]>;
export function hessian<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  options?: GradOptions,
): (...args: Given<A>) => unknown;
export function hessian(f: AnyFunction, options: GradOptions = {}): unknown {
  checkFunction(f, "hessian");
  checkOptions("hessian", options, GRAD_OPTIONS);
  const gradientOf = (...args: unknown[]): unknown => {
    const { gradient, aux } = differentiate(f, args, options, "hessian");
    return [gradient, aux];
  };
  return (...args: unknown[]) => {
    const own = { argnums: options.argnums, mode: "forward", hasAux: true } as const;
    const { jacobian, aux } = jacobianOf(gradientOf as AnyFunction, args, own, "hessian");
    return options.hasAux ? [jacobian, aux] : jacobian;
  };
}

/**
 * The product of the Hessian of f at `primals`, all arguments of f together, with the vector `tangents`, which is made like
 * them: one cotangent for each argument, or for a single one that alone, `hvp(f, [x], [v])`, shaped like x. f has a scalar
 * value; the matrix is never made. The derivative of the gradient along the vector, forward mode over reverse mode
 * (Pearlmutter, Fast Exact Multiplication by the Hessian, Neural Computation 6, 1994).
 * @throws GradientError when tangents are not like primals, for arguments that are not floating, for values that are no
 * floating scalars
 */
export function hvp(
  f: (...args: Tensor[]) => Tensor,
  primals: readonly [TensorLike],
  tangents: readonly [TensorLike],
): Tensor;
export function hvp<A>(
  f: (x: A) => Tensor,
  primals: readonly [A],
  tangents: readonly [GradientOf<NoInfer<A>>],
): GradientOf<A>;
export function hvp<A extends readonly unknown[]>(
  f: (...args: A) => Tensor,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: GradientOf<A[K]> },
): { [K in keyof A]: GradientOf<A[K]> };
export function hvp(f: AnyFunction, primals: readonly unknown[], tangents: readonly unknown[]): unknown {
  checkLists(primals, tangents, 1, "hvp");
  const wrapped = wrap(primals, "hvp");
  const directions = directionsFor(wrapped, primals, tangents, "hvp");
  const argnums = primals.map((_, position) => position);
  const { gradient } = differentiate(f, wrapped.value as unknown[], { argnums }, "hvp");
  const outputs = flattenTree(gradient, isTensorOrNumber, "hvp").leaves as Tensor[];
  const dots = pushforward(outputs, wrapped.leaves, directions);
  const product = wrapped.unflatten(outputs.map((output, i) => dots[i] ?? zerosLike(output))) as unknown[];
  return primals.length === 1 ? product[0] : product;
}
