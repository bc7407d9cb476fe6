import type { TensorMethods } from "../ops/methods.ts";
import { type DType, dtypeBytes, type TypedArray } from "../types/dtype.ts";
import { formatShape, type Shape, sizeOf } from "../types/shape.ts";
import { StateError } from "../util/errors.ts";
import { shared } from "../util/shared.ts";
import { abbreviate } from "./abbreviate.ts";
import { debugState, noteOrigin } from "./debug.ts";
import { type NestedArray, nest } from "./nested.ts";
import type { Params, Primitive } from "./primitive.ts";
import type { Storage } from "./storage.ts";
import { formula, isFormula } from "./text.ts";

/** What reads values; the runtime registers itself here, since graphs know nothing of engines. */
export interface Evaluator {
  /** Computes the tensors and everything pending, as one plan. */
  evaluate(tensors: readonly Tensor[]): void;
  /** The bytes of a tensor, computed if need be; not to be written to. */
  read(tensor: Tensor): TypedArray;
  readAsync(tensor: Tensor): Promise<TypedArray>;
}

interface GraphState {
  nextId: number;
  evaluator: Evaluator | null;
  /** The depth from which nodes are evaluated while they are built. */
  pendingLimit: number;
}

/** Unevaluated chains longer than this are evaluated while they are built, so that loops without reads stay flat. */
export const MAX_PENDING_DEPTH = 10_000;

const graph = shared<GraphState>("graph", () => ({
  nextId: 1,
  evaluator: null,
  pendingLimit: MAX_PENDING_DEPTH,
}));

/** Makes `evaluator` the one that all tensors read through. */
export function setEvaluator(evaluator: Evaluator): void {
  graph.evaluator = evaluator;
}

/** The evaluator in use. */
export function evaluator(): Evaluator {
  if (graph.evaluator === null)
    throw new StateError("no runtime is registered", {
      operation: "evaluate",
      remedy: "Import @cotangent/core by its index, not one of its files",
    });
  return graph.evaluator;
}

/**
 * Builds what follows from `roots` and is as large as they are, a derivative: however deep it is, nothing is evaluated on the
 * way, where each node would ask for other values of the same long chain, and each time for all that come before. What has
 * become too deep is evaluated in the end, together with the roots.
 */
export function builtInOneGo<T extends Tensor | null>(roots: readonly Tensor[], build: () => T[]): T[] {
  const limit = graph.pendingLimit;
  graph.pendingLimit = Number.POSITIVE_INFINITY;
  let results: T[];
  try {
    results = build();
  } finally {
    graph.pendingLimit = limit;
  }
  const pending = results.filter((one) => one !== null && one.storage === null && !one.symbolic) as Tensor[];
  if (pending.some(({ depth }) => depth > limit)) {
    evaluator().evaluate([...roots.filter(({ symbolic }) => !symbolic), ...pending]);
  }
  return results;
}

const BRAND = Symbol.for("cotangent/Tensor");

/** A plan that computed a node without handing it out, and can learn to. */
export interface PassedBy {
  learn(index: number): void;
}

/**
 * A node of the computation graph: an operation, its inputs and its parameters, with a shape and a dtype. Tensors
 * are immutable; building one checks shapes and dtypes and computes nothing; reading one computes what it needs.
 * Every operation is also a function; see `docs/first-network.md` for how they go together. `S` is the shape where it is
 * known while you write, such as `readonly [2, 3]`: see `docs/shapes-in-types.md`.
 */
export class Tensor<out S extends Shape = Shape> {
  /** Grows with creation: inputs have smaller ids than what is made of them. @internal */
  readonly id: number;
  /** @internal */
  readonly prim: Primitive;
  /** @internal */
  readonly inputs: readonly Tensor[];
  /** @internal */
  readonly params: Params;
  /** The sizes of the axes. */
  readonly shape: S;
  /** The type of the elements. */
  readonly dtype: DType;
  /** True when the value depends on a placeholder and so cannot be computed. @internal */
  readonly symbolic: boolean;
  /** The value, once computed. @internal */
  storage: Storage | null;
  /** The length of the unevaluated chain behind this node. @internal */
  depth: number;
  /** Nodes and bytes behind an evaluated node that its history keeps alive. @internal */
  historyNodes = 0;
  /** @internal */
  historyBytes = 0;
  /** True when the history was cut off because it had grown too long. @internal */
  cut = false;
  /** The plan that computed this node without handing it out, and the node's place in it. @internal */
  passedBy: PassedBy | null = null;
  /** @internal */
  passedIndex = 0;
  /** Which numbering saw this node last, and the place it gave. @internal */
  stamp = 0;
  /** @internal */
  place = 0;

  /** @internal */
  constructor(
    prim: Primitive,
    inputs: readonly Tensor[],
    params: Params,
    shape: S,
    dtype: DType,
    storage: Storage | null = null,
    symbolic = false,
  ) {
    this.id = graph.nextId++;
    this.prim = prim;
    this.inputs = inputs;
    this.params = params;
    this.shape = shape;
    this.dtype = dtype;
    this.storage = storage;
    let depth = 0;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i];
      if (input.symbolic) symbolic = true;
      if (input.storage === null && input.depth >= depth) depth = input.depth + 1;
    }
    this.symbolic = symbolic;
    this.depth = depth;
    if (debugState.origins !== null) noteOrigin(debugState.origins, this);
    if (depth > graph.pendingLimit && !symbolic && storage === null) {
      evaluator().evaluate(inputs);
      this.depth = 1;
    }
  }

  /** The node that stands for this tensor in a graph; a variable's is its current version. @internal */
  get node(): Tensor {
    return this;
  }

  get [BRAND](): true {
    return true;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Bytes of all elements. */
  get byteLength(): number {
    return this.size * dtypeBytes(this.dtype);
  }

  /** The elements in row-major order, in a typed array of the caller's own. */
  async data(): Promise<TypedArray> {
    return (await evaluator().readAsync(this.node)).slice();
  }

  /** As `data`, at once. @throws EngineError on engines that can only be read asynchronously */
  dataSync(): TypedArray {
    return evaluator().read(this.node).slice();
  }

  /** The elements as nested arrays; booleans for dtype bool, a plain value for a scalar. */
  async array(): Promise<NestedArray> {
    return nest(await evaluator().readAsync(this.node), this.shape, this.dtype);
  }

  /** As `array`, at once. */
  arraySync(): NestedArray {
    return nest(evaluator().read(this.node), this.shape, this.dtype);
  }

  /** The value of a tensor with one element, as a number (0 or 1 for bool). @throws StateError for other sizes */
  item(): number {
    if (this.size !== 1) {
      throw new StateError(`a tensor of shape ${formatShape(this.shape)} has ${this.size} elements`, {
        operation: "item",
        shapes: [this.shape],
        remedy: "Reduce it first (sum, mean ...), or read all elements with data() or array()",
      });
    }
    return evaluator().read(this.node)[0];
  }

  /**
   * The formula, for what depends on symbols (or is a literal number): `sin(a) + a * cos(a)`. For all other tensors what consoles show: dtype, shape and,
   * once they are computed, a few values, never the graph.
   */
  toString(): string {
    const { node } = this;
    return isFormula(node) ? formula(node) : abbreviate(node, "Tensor");
  }

  /** The formula in LaTeX, for what depends on symbols; of all other tensors, what `toString` says, as text. */
  toLatex(): string {
    const { node } = this;
    return isFormula(node) ? formula(node, { format: "latex" }) : `\\text{${this.toString()}}`;
  }

  /**
   * Arithmetic operators cannot be overloaded in JavaScript. In template strings formulas show themselves; other tensors
   * do not, since a tensor as the key of an object would pass for a string as well.
   * @throws StateError in all other cases
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string" && isFormula(this.node)) return this.toString();
    throw new StateError("JavaScript operators do not work on tensors", {
      operation: "Tensor",
      remedy: "Use methods (a.add(b), a.less(b)), item() for the number in a scalar, toString() for text",
    });
  }

  /** A graph is no data. @throws StateError always */
  toJSON(): never {
    throw new StateError(`JSON.stringify does not work on a tensor of shape ${formatShape(this.shape)}`, {
      operation: "Tensor",
      shapes: [this.shape],
      remedy: "Use arraySync() for nested arrays, or serializeState for the state of a model",
    });
  }

  /** What consoles show: dtype, shape and, once they are computed, a few values. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return abbreviate(this.node, "Tensor");
  }
}

// biome-ignore lint/correctness/noUnusedVariables: a class and its interface have the same parameters
export interface Tensor<out S extends Shape = Shape> extends TensorMethods {}

// Not among the types, so that TypeScript, too, says that tensors cannot be spread.
Object.defineProperty(Tensor.prototype, Symbol.iterator, {
  value(this: Tensor): never {
    throw new StateError(`a tensor of shape ${formatShape(this.shape)} is no list of its elements`, {
      operation: "Tensor",
      shapes: [this.shape],
      remedy: "Use arraySync() for the values, slice for parts as tensors, toBe to compare identity in tests",
    });
  },
  configurable: true,
});

/** True for tensors and variables, of whichever copy of core made them. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && (value as { [BRAND]?: true })[BRAND] === true;
