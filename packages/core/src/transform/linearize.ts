import { apply } from "../ir/apply.ts";
import { activeFrames } from "../ir/frames.ts";
import { builtInOneGo, evaluator, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import type { TensorLike } from "../prims/convert.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { GradientError } from "../util/errors.ts";
import { type AnyFunction, type GradientOf, wrap, zerosLike } from "./arguments.ts";
import { pushforward } from "./jvp.ts";
import { directionsFor, pulledBack, runForward } from "./products.ts";

/** A graph that is linear in its sources: built once, and made again for whatever stands in their places. */
class LinearMap {
  /** What depends on the sources, in topological order. */
  private readonly nodes: readonly Tensor[];
  /** What the linear part takes from the rest: the factors of the tangents. */
  private readonly factors: readonly Tensor[];
  private calls = 0;

  constructor(
    private readonly sources: readonly Tensor[],
    private readonly results: readonly (Tensor | null)[],
    /** The values that stand beside the linear part and that are computed together with its factors. */
    private readonly values: readonly Tensor[],
  ) {
    const roots = results.filter((one) => one !== null);
    const oldest = sources.reduce((id, source) => Math.min(id, source.id), Number.POSITIVE_INFINITY);
    const depends = new Set(sources);
    const factors = new Set<Tensor>();
    this.nodes = topology(roots, (node) => node.id >= oldest && node.symbolic).nodes.filter((node) => {
      if (!node.inputs.some((input) => depends.has(input))) return false;
      depends.add(node);
      return true;
    });
    for (const { inputs } of this.nodes) for (const one of inputs) if (!depends.has(one)) factors.add(one);
    this.factors = [...factors].filter(({ inputs, symbolic }) => inputs.length > 0 && !symbolic);
  }

  along(given: readonly Tensor[]): (Tensor | null)[] {
    // Whoever asks for a second direction gets the factors computed once for all: what is read later needs only them.
    if (++this.calls > 1 && activeFrames().length === 0) {
      const pending = [...this.factors, ...this.values].filter(
        ({ storage, symbolic }) => storage === null && !symbolic,
      );
      if (pending.length > 0) evaluator().evaluate(pending);
    }
    return builtInOneGo(this.values, () => this.madeOf(given));
  }

  private madeOf(given: readonly Tensor[]): (Tensor | null)[] {
    const made = new Map(this.sources.map((source, i) => [source, given[i]]));
    for (const node of this.nodes) {
      const own = node.inputs.map((input) => made.get(input) ?? input);
      made.set(node, apply(node.prim, own, node.params));
    }
    return this.results.map((result) => (result === null ? null : (made.get(result) ?? result)));
  }
}

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
  const sources = wrapped.leaves.map(({ shape, dtype }) => inputLeaf("tangent", shape, dtype));
  const map = new LinearMap(sources, pushforward(outputs, wrapped.leaves, sources), outputs);
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
