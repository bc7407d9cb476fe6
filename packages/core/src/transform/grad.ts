import type { Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import type { TensorLike } from "../prims/convert.ts";
import { identity, mayVary, stemsFrom } from "../prims/identity.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import { checkOptions } from "../types/options.ts";
import { describeValue } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import {
  type AnyFunction,
  checkFunction,
  checkTensor,
  cotangentFor,
  type GradientOf,
  run,
  type Wrapped,
  wrap,
  zerosLike,
} from "./arguments.ts";
import { pullback } from "./vjp.ts";

export interface GradOptions {
  /** Which arguments to differentiate by: a position, or several. By default the first. */
  readonly argnums?: number | readonly number[];
  /** The function returns [value, anything else]; the rest is handed on as it is. */
  readonly hasAux?: boolean;
}

export const GRAD_OPTIONS = ["argnums", "hasAux"] as const;

/** @throws GradientError when y uses an argument's variable other than through the argument */
export function checkClosure(y: Tensor, wrapped: Wrapped, i: number, operation: string): void {
  let original = wrapped.originals[i].node;
  // A transform around this one has given it another name.
  while (applies(original, identity)) original = original.inputs[0];
  if (!applies(original, read)) return;
  const { version } = original.params as ReadParams;
  const used = topology([y], (node) => node !== wrapped.leaves[i] && mayVary(node)).nodes.some((node) =>
    stemsFrom(node, version.cell),
  );
  if (!used) return;
  throw new GradientError(
    `the function uses variable ${version.label} itself, not the argument that stands for it`,
    {
      operation,
      variable: version.label,
      remedy: "Use the argument inside the function, or gradients(loss, [variable])",
    },
  );
}

/** The arguments to differentiate by. @throws GradientError for one that is not there */
function positions(argnums: number | readonly number[], count: number, operation: string): number[] {
  const list = typeof argnums === "number" ? [argnums] : [...argnums];
  for (const position of list) {
    if (!Number.isInteger(position) || position < 0 || position >= count) {
      throw new GradientError(
        `argnums names argument ${position}, but the function was called with ${count}`,
        { operation, remedy: "Positions are counted from 0" },
      );
    }
  }
  return list;
}

/**
 * f called with the chosen arguments wrapped: what it returned, the leaves to differentiate by, and how what belongs to
 * each of them is put together like the arguments.
 */
export function called(f: AnyFunction, args: readonly unknown[], options: GradOptions, operation: string) {
  const argnums = options.argnums ?? 0;
  const chosen = positions(argnums, args.length, operation);
  const wrapped = new Map(chosen.map((position) => [position, wrap(args[position], operation)]));
  const passed = args.map((arg, position) => wrapped.get(position)?.value ?? arg);
  const result = run(f as (...all: unknown[]) => unknown, passed, "grad", operation);
  const [value, aux] = options.hasAux ? splitAux(result, operation) : [result, undefined];
  const own = chosen.map((position) => wrapped.get(position) as Wrapped);
  /** A tree like the arguments of what is found for each leaf by its place; else `zero`, if y does not use it otherwise. */
  const likeArguments = (
    y: Tensor,
    found: readonly (Tensor | null)[],
    zero: (leaf: Tensor) => Tensor,
  ): unknown => {
    let next = 0;
    const trees = own.map((argument) =>
      argument.unflatten(
        argument.leaves.map((leaf, i) => {
          const one = found[next++];
          if (one === null) checkClosure(y, argument, i, operation);
          return one ?? zero(leaf);
        }),
      ),
    );
    return typeof argnums === "number" ? trees[0] : trees;
  };
  return { value, aux, leaves: own.flatMap((argument) => argument.leaves), likeArguments };
}

/** Value, gradients and the rest for one call; what all of the public functions stand on. */
export function differentiate(
  f: AnyFunction,
  args: readonly unknown[],
  options: GradOptions,
  operation: string,
) {
  const { value, aux, leaves, likeArguments } = called(f, args, options, operation);
  checkTensor(value, operation, "Return a tensor of dtype float32 or float64");
  const output = value.node;
  const cts = pullback([output], [cotangentFor(output, undefined, operation)], leaves);
  return { value: output, aux, gradient: likeArguments(output, cts, zerosLike) };
}

/** What a function with `hasAux` returned. @throws GradientError unless it is a pair */
function splitAux(result: unknown, operation: string): [unknown, unknown] {
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]];
  throw new GradientError(`with hasAux the function returns [value, rest], not ${describeValue(result)}`, {
    operation,
    remedy: "Return [loss, anything else], or leave out hasAux",
  });
}

type Differentiable<A extends readonly unknown[]> = (...args: A) => Tensor;
type Rest = readonly TensorLike[];

/**
 * The function that gives f's gradient by its first argument, or by those that `argnums` names; trees work. Gradients
 * have the shapes of the arguments.
 */
export function grad(
  f: (...args: Tensor[]) => Tensor,
  options?: GradOptions & { argnums?: number; hasAux?: false },
): (...args: Rest) => Tensor;
export function grad(
  f: (...args: Tensor[]) => Tensor,
  options: GradOptions & { argnums: readonly number[]; hasAux?: false },
): (...args: Rest) => Tensor[];
export function grad<A extends readonly unknown[], R, const N extends number = 0>(
  f: (...args: A) => readonly [Tensor, R],
  options: { argnums?: N; hasAux: true },
): (...args: A) => [GradientOf<A[N]>, R];
export function grad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: { argnums?: 0; hasAux?: false },
): (...args: A) => GradientOf<A[0]>;
export function grad<A extends readonly unknown[], const N extends number>(
  f: Differentiable<A>,
  options: { argnums: N; hasAux?: false },
): (...args: A) => GradientOf<A[N]>;
export function grad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: GradOptions,
): (...args: A) => unknown;
export function grad(f: AnyFunction, options: GradOptions = {}): unknown {
  checkFunction(f, "grad");
  checkOptions("grad", options, GRAD_OPTIONS);
  return (...args: unknown[]) => {
    const { gradient, aux } = differentiate(f, args, options, "grad");
    return options.hasAux ? [gradient, aux] : gradient;
  };
}

/** As `grad`, with the value: [value, gradient], or [[value, rest], gradient] with `hasAux`. */
export function valueAndGrad(
  f: (...args: Tensor[]) => Tensor,
  options?: GradOptions & { argnums?: number; hasAux?: false },
): (...args: Rest) => [Tensor, Tensor];
export function valueAndGrad(
  f: (...args: Tensor[]) => Tensor,
  options: GradOptions & { argnums: readonly number[]; hasAux?: false },
): (...args: Rest) => [Tensor, Tensor[]];
export function valueAndGrad<A extends readonly unknown[], R, const N extends number = 0>(
  f: (...args: A) => readonly [Tensor, R],
  options: { argnums?: N; hasAux: true },
): (...args: A) => [[Tensor, R], GradientOf<A[N]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: { argnums?: 0; hasAux?: false },
): (...args: A) => [Tensor, GradientOf<A[0]>];
export function valueAndGrad<A extends readonly unknown[], const N extends number>(
  f: Differentiable<A>,
  options: { argnums: N; hasAux?: false },
): (...args: A) => [Tensor, GradientOf<A[N]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: GradOptions,
): (...args: A) => [Tensor, unknown];
export function valueAndGrad(f: AnyFunction, options: GradOptions = {}): unknown {
  checkFunction(f, "valueAndGrad");
  checkOptions("valueAndGrad", options, GRAD_OPTIONS);
  return (...args: unknown[]) => {
    const { value, gradient, aux } = differentiate(f, args, options, "valueAndGrad");
    return [options.hasAux ? [value, aux] : value, gradient];
  };
}
