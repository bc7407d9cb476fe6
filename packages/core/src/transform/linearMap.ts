import { apply } from "../ir/apply.ts";
import { activeFrames } from "../ir/frames.ts";
import { builtInOneGo, evaluator, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { pushforward } from "./jvp.ts";

/** A graph that is linear in its sources: built once, and made again for whatever stands in their places. */
export class LinearMap {
  /** What depends on the sources, in topological order. */
  readonly nodes: readonly Tensor[];
  /** What the linear part takes from the rest: the factors of the tangents. */
  private readonly factors: readonly Tensor[];
  private calls = 0;

  constructor(
    readonly sources: readonly Tensor[],
    readonly results: readonly (Tensor | null)[],
    /** The values that stand beside the linear part and that are computed together with its factors. */
    private readonly values: readonly Tensor[] = [],
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

  /** The derivative of `outputs` by `leaves`. */
  static of(outputs: readonly Tensor[], leaves: readonly Tensor[]): LinearMap {
    const sources = leaves.map(({ shape, dtype }) => inputLeaf("tangent", shape, dtype));
    return new LinearMap(sources, pushforward(outputs, leaves, sources), outputs);
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
