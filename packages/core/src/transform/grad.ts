import { activeFrames, inFrame } from "../ir/frames.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import { asTensor, isTensorOrNumber, type TensorLike } from "../prims/convert.ts";
import { type ReadParams, read } from "../prims/leaves.ts";
import { isFloating } from "../types/dtype.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { describe, flattenTree, type MapTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { pushforward } from "./jvp.ts";
import { builder, pullback } from "./vjp.ts";

export interface GradOptions {
  /** Which arguments to differentiate by: a position, or several. By default the first. */
  readonly argnums?: number | readonly number[];
  /** The function returns [value, anything else]; the rest is handed on as it is. */
  readonly hasAux?: boolean;
}

/** Gradients: shaped like the argument, tensors in the places of tensors and numbers. */
export type GradientOf<T> = MapTree<T, Tensor | number, Tensor>;

const zerosLike = (x: Tensor): Tensor => builder.constant(0, x.shape, x.dtype);

/**
 * The gradients of y by each of `xs`, as new nodes of the graph, differentiable again. y is a floating scalar, or
 * `cotangent` says how its elements are weighed. For a variable its current version is meant. An x that y does not
 * depend on gets zeros.
 * @throws GradientError when y is no floating scalar, or depends only on an older version of a variable
 */
export function gradients(
  y: Tensor,
  xs: readonly Tensor[],
  options: { readonly cotangent?: TensorLike } = {},
): Tensor[] {
  checkTensor(y, "gradients");
  const targets = xs.map((x) => {
    checkTensor(x, "gradients");
    checkFloating(x, "gradients");
    return x.node;
  });
  const output = y.node;
  const seed = cotangentFor(output, options.cotangent, "gradients");
  const results = pullback([output], [seed], targets);
  return results.map((ct, i) => {
    if (ct === null) checkOlderVersions(output, targets[i], xs[i]);
    return ct ?? zerosLike(targets[i]);
  });
}

function cotangentFor(y: Tensor, given: TensorLike | undefined, operation: string): Tensor {
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
        ? builder.literal(given, y)
        : builder.cast(asTensor(given, operation), y.dtype);
    if (sameShape(ct.shape, y.shape)) return ct;
    throw new GradientError(
      `the cotangent has shape ${formatShape(ct.shape)}, the value ${formatShape(y.shape)}`,
      {
        operation,
        shapes: [ct.shape, y.shape],
      },
    );
  }
  if (y.rank === 0) return builder.literal(1, y);
  throw new GradientError(`the value has shape ${formatShape(y.shape)}, but a gradient needs a scalar`, {
    operation,
    shapes: [y.shape],
    remedy: "Reduce it (sum, mean), give a cotangent, or use vjp",
  });
}

/** @throws GradientError when y depends on another version of the variable that `target` is a version of */
function checkOlderVersions(y: Tensor, target: Tensor, x: Tensor): void {
  if (!applies(target, read)) return;
  const { version } = target.params as ReadParams;
  for (const node of topology([y]).nodes) {
    if (!applies(node, read) || (node.params as ReadParams).version.cell !== version.cell) continue;
    throw new GradientError(
      `the value depends on an older version of variable ${version.label}, which was assigned since`,
      {
        operation: "gradients",
        variable: (x as { name?: string }).name ?? version.label,
        remedy: "Ask for gradients before the assignment, or compute the value again",
      },
    );
  }
}

function checkTensor(value: unknown, operation: string): asserts value is Tensor {
  if (isTensor(value)) return;
  if (value instanceof Promise) throw promised(operation);
  throw new GradientError(`expected a tensor, got ${describe(value)}`, { operation });
}

const promised = (operation: string): GradientError =>
  new GradientError("the function returned a Promise", {
    operation,
    remedy:
      "Functions to differentiate are synchronous: read values with item() and dataSync(), not with await",
  });

function checkFloating(x: Tensor, operation: string): void {
  if (isFloating(x.dtype)) return;
  throw new GradientError(`there is no derivative by a ${x.dtype} tensor`, {
    operation,
    dtypes: [x.dtype],
    remedy: "Cast it to float32 or float64 first, or leave it out of argnums",
  });
}

/** An argument whose leaves are new nodes, so that only what goes through it counts. */
interface Wrapped {
  readonly value: unknown;
  readonly leaves: readonly Tensor[];
  readonly originals: readonly Tensor[];
  unflatten(leaves: readonly Tensor[]): unknown;
}

function wrap(argument: unknown, operation: string): Wrapped {
  const flat = flattenTree(argument, isTensorOrNumber, operation);
  const originals = flat.leaves.map((leaf) => asTensor(leaf, operation));
  for (const x of originals) checkFloating(x, operation);
  const leaves = originals.map((x) => builder.identity(x));
  return { value: flat.unflatten(leaves), leaves, originals, unflatten: flat.unflatten };
}

/** @throws GradientError when y uses an argument's variable other than through the argument */
function checkClosure(y: Tensor, wrapped: Wrapped, i: number, operation: string): void {
  const original = wrapped.originals[i].node;
  if (!applies(original, read)) return;
  const { version } = original.params as ReadParams;
  const used = topology([y], (node) => node !== wrapped.leaves[i]).nodes.some(
    (node) => applies(node, read) && (node.params as ReadParams).version.cell === version.cell,
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

function run<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  args: A,
  kind: "grad" | "jvp",
  operation: string,
): R {
  if (typeof f !== "function")
    throw new GradientError(`expected a function, got ${describe(f)}`, { operation });
  const result = inFrame({ kind, name: operation }, () => f(...args));
  if (result instanceof Promise) {
    result.catch(() => {});
    throw promised(operation);
  }
  return result;
}

function positions(argnums: number | readonly number[], count: number, operation: string): number[] {
  const list = typeof argnums === "number" ? [argnums] : [...argnums];
  for (const position of list) {
    if (!Number.isInteger(position) || position < 0 || position >= count) {
      throw new GradientError(
        `argnums names argument ${position}, but the function was called with ${count}`,
        { operation },
      );
    }
  }
  return list;
}

type AnyFunction = (...args: never[]) => unknown;

/** Value, gradients and the rest for one call; what all of the public functions stand on. */
function differentiate(f: AnyFunction, args: readonly unknown[], options: GradOptions, operation: string) {
  const argnums = options.argnums ?? 0;
  const chosen = positions(argnums, args.length, operation);
  const wrapped = new Map(chosen.map((position) => [position, wrap(args[position], operation)]));
  const passed = args.map((arg, position) => wrapped.get(position)?.value ?? arg);
  const result = run(f as (...all: unknown[]) => unknown, passed, "grad", operation);
  const [value, aux] = options.hasAux ? splitAux(result, operation) : [result, undefined];
  checkTensor(value, operation);
  const output = value.node;
  const leaves = chosen.flatMap((position) => (wrapped.get(position) as Wrapped).leaves);
  const cts = pullback([output], [cotangentFor(output, undefined, operation)], leaves);
  let next = 0;
  const trees = chosen.map((position) => {
    const argument = wrapped.get(position) as Wrapped;
    const own = argument.leaves.map((leaf, i) => {
      const ct = cts[next++];
      if (ct === null) checkClosure(output, argument, i, operation);
      return ct ?? zerosLike(leaf);
    });
    return argument.unflatten(own);
  });
  return { value: output, aux, gradient: typeof argnums === "number" ? trees[0] : trees };
}

function splitAux(result: unknown, operation: string): [unknown, unknown] {
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]];
  throw new GradientError(`with hasAux the function returns [value, rest], not ${describe(result)}`, {
    operation,
  });
}

type Differentiable<A extends readonly unknown[]> = (...args: A) => Tensor;
type Rest = readonly TensorLike[];

/** The function that gives f's gradient by its first argument, or by those that `argnums` names; trees work. */
export function grad(
  f: (...args: Tensor[]) => Tensor,
  options?: GradOptions & { argnums?: number; hasAux?: false },
): (...args: Rest) => Tensor;
export function grad(
  f: (...args: Tensor[]) => Tensor,
  options: GradOptions & { argnums: readonly number[]; hasAux?: false },
): (...args: Rest) => Tensor[];
export function grad<A extends readonly unknown[], R>(
  f: (...args: A) => [Tensor, R],
  options: { argnums?: number; hasAux: true },
): (...args: A) => [GradientOf<A[0]>, R];
export function grad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: { argnums?: 0; hasAux?: false },
): (...args: A) => GradientOf<A[0]>;
export function grad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: GradOptions,
): (...args: A) => unknown;
export function grad(f: AnyFunction, options: GradOptions = {}): unknown {
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
export function valueAndGrad<A extends readonly unknown[], R>(
  f: (...args: A) => [Tensor, R],
  options: { argnums?: number; hasAux: true },
): (...args: A) => [[Tensor, R], GradientOf<A[0]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: { argnums?: 0; hasAux?: false },
): (...args: A) => [Tensor, GradientOf<A[0]>];
export function valueAndGrad<A extends readonly unknown[]>(
  f: Differentiable<A>,
  options?: GradOptions,
): (...args: A) => [Tensor, unknown];
export function valueAndGrad(f: AnyFunction, options: GradOptions = {}): unknown {
  return (...args: unknown[]) => {
    const { value, gradient, aux } = differentiate(f, args, options, "valueAndGrad");
    return [options.hasAux ? [value, aux] : value, gradient];
  };
}

/** Flattens what a function returned. */
const flattenResult = (result: unknown, operation: string) => flattenTree(result, isTensor, operation);

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
      throw new GradientError("the cotangent must have the structure of the result", { operation: "vjp" });
    }
    const seeds = outputs.map((output, i) => cotangentFor(output, given.leaves[i], "vjp"));
    const leaves = wrapped.flatMap((argument) => argument.leaves);
    const cts = pullback(outputs, seeds, leaves);
    let next = 0;
    return wrapped.map((argument) =>
      argument.unflatten(argument.leaves.map((leaf) => cts[next++] ?? zerosLike(leaf))),
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
  const wrapped = wrap(primals, "jvp");
  const seeds = flattenTree(tangents, isTensorOrNumber, "jvp");
  const expected = flattenTree(primals, isTensorOrNumber, "jvp");
  if (seeds.structure !== expected.structure) {
    throw new GradientError("tangents must have the structure of primals", {
      operation: "jvp",
      remedy: "Give one tangent for each primal, of its shape",
    });
  }
  const directions = wrapped.leaves.map((leaf, i) => cotangentFor(leaf, seeds.leaves[i], "jvp"));
  const result = run(f as (...all: unknown[]) => unknown, wrapped.value as unknown[], "jvp", "jvp");
  const flat = flattenResult(result, "jvp");
  const outputs = flat.leaves.map((leaf) => leaf.node);
  const dots = pushforward(outputs, wrapped.leaves, directions);
  return [result, flat.unflatten(outputs.map((output, i) => dots[i] ?? zerosLike(output)))];
}

/** x as a constant: derivatives stop here. */
export const stopGradient = (x: TensorLike): Tensor => builder.stopGradient(asTensor(x, "stopGradient"));

/** True while a function is being differentiated or traced, when compiled functions become part of the graph. */
export const isTracing = (): boolean => activeFrames().length > 0;
