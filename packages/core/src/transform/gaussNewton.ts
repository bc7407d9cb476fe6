import type { Tensor } from "../ir/tensor.ts";
import {
  type AnyFunction,
  checkFunction,
  checkTensor,
  cotangentFor,
  flattenResult,
  type GradientOf,
  run,
  wrap,
  zerosLike,
} from "./arguments.ts";
import { checkClosure } from "./grad.ts";
import type { HessianOf } from "./hessian.ts";
import { jacobianOf } from "./jacobian.ts";
import { pushforward } from "./jvp.ts";
import { directionsFor } from "./products.ts";
import { builder, pullback } from "./vjp.ts";

/** f run at the parameters, and its Gauss-Newton matrix there as a product with whatever vectors. */
function gaussNewtonAt(
  f: AnyFunction,
  loss: AnyFunction | undefined,
  [params, ...rest]: readonly unknown[],
  operation: string,
) {
  const wrapped = wrap(params, operation);
  const { leaves } = wrapped;
  const result = run(f as (...all: unknown[]) => unknown, [wrapped.value, ...rest], "grad", operation);
  const flat = flattenResult(result, operation);
  const outputs = flat.leaves.map((leaf) => leaf.node);
  for (const output of outputs) cotangentFor(output, 0, operation);
  const bent = curvature(loss, outputs, flat.unflatten, operation);
  const product = (v: unknown): unknown => {
    const directions = directionsFor(wrapped, params, v, operation);
    const cts = pullback(outputs, bent(pushforward(outputs, leaves, directions)), leaves);
    return wrapped.unflatten(
      cts.map((ct, i) => {
        if (ct === null) for (const output of outputs) checkClosure(output, wrapped, i, operation);
        return ct ?? zerosLike(leaves[i]);
      }),
    );
  };
  return { product, zeros: () => wrapped.unflatten(leaves.map(zerosLike)) };
}

type Vectors = readonly (Tensor | null)[];

/** The product with the Hessian of the loss by the outputs; of half the sum of squares, the vector itself. */
function curvature(
  loss: AnyFunction | undefined,
  outputs: readonly Tensor[],
  unflatten: (leaves: readonly Tensor[]) => unknown,
  operation: string,
): (dots: Vectors) => Vectors {
  if (loss === undefined) return (dots) => dots;
  const own = outputs.map((output) => builder.identity(output));
  const value = run(loss as (z: unknown) => unknown, [unflatten(own)], "grad", operation);
  checkTensor(value, operation, "The loss returns a scalar tensor of dtype float32 or float64");
  const slopes = pullback([value.node], [cotangentFor(value.node, undefined, operation)], own);
  return (dots) => {
    const seeds = dots.map((dot, i) => dot ?? zerosLike(own[i]));
    const bent = pushforward(
      slopes.filter((slope) => slope !== null),
      own,
      seeds,
    );
    let next = 0;
    return slopes.map((slope) => (slope === null ? null : bent[next++]));
  };
}

function checkFunctions(f: unknown, loss: unknown, operation: string): void {
  checkFunction(f, operation, `${operation}(f, loss)(params)`);
  if (loss !== undefined) checkFunction(loss, operation, `${operation}(f, loss): loss takes what f returns`);
}

/**
 * Products with the Gauss-Newton matrix: `gvp(f, loss)(params)(v)` is J^T H J v, where J is the Jacobian of f, a model's
 * outputs by its parameters, and H the Hessian of `loss` by the outputs: the part of the loss's Hessian that bends with
 * the loss and not with the model, positive semidefinite wherever the loss is convex. Without a loss it is half the
 * sum of squares of the outputs, and the product J^T J v. Parameters, outputs and v are trees; further arguments of f are passed
 * on. f runs once for any number of vectors; a product costs a forward and a backward pass, and no matrix is made.
 * (Schraudolph, Fast Curvature Matrix-Vector Products for Second-Order Gradient Descent, Neural Computation 14, 2002.)
 * @throws GradientError for parameters or outputs that are not floating, for a loss that is no scalar, for a v that is not
 * like the parameters
 */
export function gvp<A, Rest extends readonly unknown[], R>(
  f: (params: A, ...rest: Rest) => R,
  loss?: (outputs: NoInfer<R>) => Tensor,
): (params: A, ...rest: Rest) => (v: GradientOf<A>) => GradientOf<A> {
  checkFunctions(f, loss, "gvp");
  return (params, ...rest) => {
    const { product } = gaussNewtonAt(f, loss, [params, ...rest], "gvp");
    return (v) => product(v) as GradientOf<A>;
  };
}

/**
 * The Gauss-Newton matrix itself, as `hessian` gives the Hessian: for parameters of shape `[...a]` a tensor of shape
 * `[...a, ...a]`, for a tree a tree of trees. As many products as there are parameters, in one batched pass: see `gvp`.
 * @throws GradientError as `gvp` does
 */
export function gaussNewton<A, Rest extends readonly unknown[], R>(
  f: (params: A, ...rest: Rest) => R,
  loss?: (outputs: NoInfer<R>) => Tensor,
): (params: A, ...rest: Rest) => HessianOf<A> {
  checkFunctions(f, loss, "gaussNewton");
  return (params, ...rest) => {
    const { product, zeros } = gaussNewtonAt(f, loss, [params, ...rest], "gaussNewton");
    const { jacobian } = jacobianOf(product as AnyFunction, [zeros()], { mode: "forward" }, "gaussNewton");
    return jacobian as HessianOf<A>;
  };
}
