import {
  type Body,
  type DType,
  type LoopParams,
  type Params,
  type Primitive,
  primitives,
  type Shape,
} from "@cotangent/core";
import { cutAway, sliceOfPadded } from "./crops.ts";
import { type Graph, type Node, neededNodes, opName } from "./graph.ts";
import {
  anyOfOneHot,
  bitwiseOfMasks,
  literalInZeros,
  maskOfNumbers,
  sumOfOneHot,
  whereOfMasked,
} from "./masks.ts";
import { paramsKey } from "./paramsKey.ts";
import type { Rewriter, Rule } from "./rewriter.ts";

/**
 * Value numbering, and rewriting that never changes a bit: movements that move nothing, literals folded by the
 * primitives' own reference functions, arithmetic with neutral literals, reductions of nothing, masks that others imply.
 * Input slots are never looked into: a new learning rate is the same plan.
 */
export function simplify(graph: Graph, isLast: boolean): Graph {
  return new Simplifier(graph, isLast).run();
}

class Simplifier implements Rewriter {
  readonly nodes: Node[] = [];
  private readonly known = new Map<string, number>();
  private readonly bodies = new Map<Body, number>();
  private readonly prims = new Map(primitives().map((prim) => [prim.name, prim]));

  constructor(
    private readonly graph: Graph,
    readonly isLast: boolean,
  ) {}

  run(): Graph {
    const { nodes, outputs, updates } = this.graph;
    const needed = neededNodes(this.graph);
    const renamed = new Int32Array(nodes.length).fill(-1);
    nodes.forEach((node, id) => {
      if (!needed[id]) return;
      renamed[id] = this.add({ ...node, inputs: node.inputs.map((input) => renamed[input]) });
    });
    const claimed = new Map<number, number>();
    const result = (place: number): number => {
      const id = renamed[place];
      const owner = claimed.get(id);
      if (this.nodes[id].prim !== null && (owner === undefined || owner === place)) {
        claimed.set(id, place);
        return id;
      }
      return this.copyOf(id);
    };
    return removeUnneeded({
      nodes: this.nodes,
      outputs: outputs.map(result),
      updates: updates.map(({ node, slot }) => ({ node: result(node), slot })),
    });
  }

  /** The same value as a node of its own: two results never share memory, nor does a result with an input. */
  private copyOf(id: number): number {
    const { shape, dtype } = this.nodes[id];
    const prim = this.prims.get("reshape") as Primitive;
    return this.nodes.push({ prim, inputs: [id], params: { shape }, shape, dtype, slot: -1 }) - 1;
  }

  /** The number of a node equal to this one, perhaps a simpler one. */
  add(node: Node): number {
    if (node.prim === null) return this.nodes.push(node) - 1;
    const simpler = RULES[node.prim.name]?.(this, node) ?? null;
    if (simpler !== null) return simpler;
    const folded = foldLiterals(this, node);
    if (folded !== null) return folded;
    const key = `${node.prim.id}|${node.inputs.join()}|${node.shape.join()}|${node.dtype}|${paramsKey(node.params)}${this.bodyOf(node)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const id = this.nodes.push(node) - 1;
    this.known.set(key, id);
    return id;
  }

  /**
   * Which of equal bodies a loop has: its parts say by their places in it what they stack, and those differ. Loops with two of
   * them stay two here; `absorbLoops` joins them, and looks for the places.
   */
  private bodyOf(node: Node): string {
    if (opName(node) !== "loop") return "";
    const { body } = node.params as LoopParams;
    const number = this.bodies.get(body) ?? this.bodies.size;
    this.bodies.set(body, number);
    return `${number}`;
  }

  make(name: string, inputs: readonly number[], params: Params, shape: Shape, dtype: DType): number {
    return this.add({ prim: this.prims.get(name) as Primitive, inputs, params, shape, dtype, slot: -1 });
  }

  constant(value: number, shape: Shape, dtype: DType): number {
    return this.make("constant", [], { value, shape, dtype }, shape, dtype);
  }

  literal(id: number): number | null {
    const node = this.nodes[id];
    return opName(node) === "constant" ? (node.params as { value: number }).value : null;
  }
}

const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);
const same = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i]);

/** The first rule that applies. */
const firstOf =
  (...rules: readonly Rule[]): Rule =>
  (s, node) => {
    for (const rule of rules) {
      const simpler = rule(s, node);
      if (simpler !== null) return simpler;
    }
    return null;
  };

/** A literal stays one, wherever it is moved to. */
const movedLiteral = (s: Rewriter, node: Node): number | null => {
  const value = s.literal(node.inputs[0]);
  return value === null ? null : s.constant(value, node.shape, node.dtype);
};

const inputOf = (s: Rewriter, node: Node): Node => s.nodes[node.inputs[0]];

const identityIf =
  (isIdentity: (x: Node, node: Node) => boolean): Rule =>
  (s, node) =>
    isIdentity(inputOf(s, node), node) ? node.inputs[0] : movedLiteral(s, node);

/** x where the other operand is the literal `neutral`. */
const neutral =
  (value: number, sides: "right" | "both"): Rule =>
  (s, { inputs: [x, y] }) => {
    if (Object.is(s.literal(y), value)) return x;
    return sides === "both" && Object.is(s.literal(x), value) ? y : null;
  };

const reduction =
  (empty: number | null): Rule =>
  (s, node) => {
    const x = inputOf(s, node);
    const { axes } = node.params as { axes: readonly number[] };
    const sizes = axes.map((axis) => x.shape[x.shape.length + axis]);
    if (empty !== null && sizes.includes(0)) return s.constant(empty, node.shape, node.dtype);
    if (sizes.some((n) => n !== 1)) return null;
    const reshaped = s.make("reshape", [node.inputs[0]], { shape: node.shape }, node.shape, node.dtype);
    // A sum starts from 0, so that the sum of -0 is 0.
    if (node.prim?.name !== "reduceSum" || !node.dtype.startsWith("float")) return reshaped;
    const zero = s.constant(0, node.shape, node.dtype);
    return s.make("add", [reshaped, zero], {}, node.shape, node.dtype);
  };

/** A permutation of a permuted value as one. */
const ofPermuted: Rule = (s, node) => {
  const x = inputOf(s, node);
  if (opName(x) !== "permute") return null;
  const rank = node.shape.length;
  const whole = ({ params }: Node): number[] => {
    const { axes } = params as { axes: readonly number[] };
    const leading = rank - axes.length;
    return node.shape.map((_, axis) => (axis < leading ? axis : axes[axis - leading] + rank));
  };
  const [outer, inner] = [whole(node), whole(x)];
  const axes = outer.map((axis) => inner[axis] - rank);
  return s.make("permute", x.inputs, { axes }, node.shape, node.dtype);
};

/** The totals of one element each: x, or the terms of a recurrence. */
const ofOneStep: Rule = (_, node) => {
  const { axis } = node.params as { axis: number };
  return node.shape[node.shape.length + axis] === 1 ? node.inputs[node.inputs.length - 1] : null;
};

const RULES: Readonly<Record<string, Rule>> = {
  reshape: (s, node) => {
    const x = inputOf(s, node);
    if (same(x.shape, node.shape)) return node.inputs[0];
    if (opName(x) === "reshape") return s.make("reshape", x.inputs, node.params, node.shape, node.dtype);
    return movedLiteral(s, node);
  },
  permute: firstOf(
    ofPermuted,
    identityIf((x, node) => {
      const { axes } = node.params as { axes: readonly number[] };
      const sizes = x.shape.slice(x.shape.length - axes.length);
      // Axes of size 1 may stand anywhere: what counts is the order of the others.
      const moved = axes.map((axis) => axis + axes.length).filter((axis) => sizes[axis] !== 1);
      return same(x.shape, node.shape) && moved.every((axis, i) => i === 0 || axis > moved[i - 1]);
    }),
  ),
  broadcast: (s, node) => {
    const x = inputOf(s, node);
    if (same(x.shape, node.shape)) return node.inputs[0];
    if (opName(x) === "broadcast") return s.make("broadcast", x.inputs, node.params, node.shape, node.dtype);
    return movedLiteral(s, node);
  },
  slice: firstOf(
    sliceOfPadded,
    identityIf((x, node) => same(x.shape, node.shape)),
  ),
  flip: identityIf((x, node) => {
    const { axes } = node.params as { axes: readonly number[] };
    return axes.every((axis) => x.shape[x.shape.length + axis] <= 1);
  }),
  pad: (s, node) => {
    const { low, high, interior } = node.params as Record<"low" | "high" | "interior", readonly number[]>;
    const x = inputOf(s, node);
    if ([...low, ...high].every((n) => n === 0) && same(x.shape, node.shape) && interior.length >= 0) {
      return node.inputs[0];
    }
    if (sizeOf(x.shape) === 0) return s.constant(0, node.shape, node.dtype);
    if (Object.is(s.literal(node.inputs[0]), 0)) return s.constant(0, node.shape, node.dtype);
    return cutAway(s, node) ?? (s.isLast ? literalInZeros(s, node) : null);
  },
  concat: (s, node) => {
    const parts = node.inputs.filter((input) => sizeOf(s.nodes[input].shape) > 0);
    if (parts.length === 1) return parts[0];
    if (parts.length === node.inputs.length || parts.length === 0) return null;
    return s.make("concat", parts, node.params, node.shape, node.dtype);
  },
  cast: (s, node) => {
    if (inputOf(s, node).dtype === node.dtype) return node.inputs[0];
    return null;
  },
  mul: neutral(1, "both"),
  div: neutral(1, "right"),
  sub: neutral(0, "right"),
  neg: (s, node) => {
    const x = inputOf(s, node);
    return opName(x) === "neg" ? x.inputs[0] : null;
  },
  where: firstOf((s, { inputs: [condition, x, y] }) => {
    const value = s.literal(condition);
    return value === null ? null : value ? x : y;
  }, whereOfMasked),
  bitwise: bitwiseOfMasks,
  compare: maskOfNumbers,
  reduceSum: firstOf(reduction(0), sumOfOneHot),
  reduceProd: reduction(1),
  reduceAnd: reduction(1),
  reduceOr: firstOf(reduction(0), anyOfOneHot),
  reduceMax: reduction(null),
  reduceMin: reduction(null),
  cumulativeSum: ofOneStep,
  cumulativeProd: ofOneStep,
  cumulativeMax: ofOneStep,
  cumulativeMin: ofOneStep,
  cumulativeAffine: ofOneStep,
  dot: (s, node) => {
    const [x] = node.inputs;
    const { contract } = node.params as { contract: readonly [readonly number[], readonly number[]] };
    const { shape } = s.nodes[x];
    return contract[0].some((axis) => shape[axis] === 0) ? s.constant(0, node.shape, node.dtype) : null;
  },
  conv: (s, node) => {
    const isEmpty = node.inputs.some((input) => sizeOf(s.nodes[input].shape) === 0);
    return isEmpty ? s.constant(0, node.shape, node.dtype) : null;
  },
  fold: (s, node) => (sizeOf(inputOf(s, node).shape) === 0 ? s.constant(0, node.shape, node.dtype) : null),
};

const NEVER_FOLDED = new Set([
  "loop",
  "branch",
  "part",
  "constant",
  "iota",
  "randomBits",
  "concat",
  "pad",
  "dot",
  "conv",
  "windows",
  "fold",
  "bitcast",
  "gather",
  "scatterSet",
  "scatterAdd",
  "scatterMul",
  "scatterMin",
  "scatterMax",
  "loop",
  "branch",
  "part",
]);

const ALONG_AXES = /^(reduce|arg|cumulative)/;

/** An elementwise operation on literals, or a reduction of one element: a literal, by the reference function. */
function foldLiterals(s: Rewriter, node: Node): number | null {
  const prim = node.prim as Primitive;
  if (node.inputs.length === 0 || NEVER_FOLDED.has(prim.name) || sizeOf(node.shape) === 0) return null;
  const operands = node.inputs.map((input) => s.nodes[input]);
  const elementwise = operands.every((x) => same(x.shape, node.shape));
  if (!elementwise || ALONG_AXES.test(prim.name)) return null;
  const values = node.inputs.map((input) => s.literal(input));
  if (values.some((value) => value === null)) return null;
  const one = (dtype: DType, value: number) => {
    const data = ARRAYS[dtype](1);
    data[0] = value;
    return { data, shape: ONE, dtype };
  };
  const out = one(node.dtype, 0);
  prim.reference(
    values.map((value, i) => one(operands[i].dtype, value as number)),
    node.params,
    out,
  );
  return s.constant(out.data[0], node.shape, node.dtype);
}

const ONE: Shape = [1];
const ARRAYS: Readonly<
  Record<DType, (n: number) => Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array>
> = {
  bool: (n) => new Uint8Array(n),
  int32: (n) => new Int32Array(n),
  uint32: (n) => new Uint32Array(n),
  float32: (n) => new Float32Array(n),
  float64: (n) => new Float64Array(n),
};

/** The same graph without what nothing needs any more. */
function removeUnneeded(graph: Graph): Graph {
  const needed = neededNodes(graph);
  const renamed = new Int32Array(graph.nodes.length);
  const nodes: Node[] = [];
  graph.nodes.forEach((node, id) => {
    if (!needed[id]) return;
    renamed[id] = nodes.push({ ...node, inputs: node.inputs.map((input) => renamed[input]) }) - 1;
  });
  return {
    nodes,
    outputs: graph.outputs.map((id) => renamed[id]),
    updates: graph.updates.map(({ node, slot }) => ({ node: renamed[node], slot })),
  };
}
