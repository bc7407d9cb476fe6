import { type Params, type Primitive, primitives, type Shape } from "@cotangent/core";
import { sizeOf } from "../affine.ts";
import { type Graph, type Node, opName } from "../graph.ts";
import { kindOf } from "../kinds.ts";
import { type Apart, isApart, type Laid, ownersOf } from "./laid.ts";
import { RULES } from "./rules.ts";

/**
 * Decides in which order the axes of values lie in memory. Convolutions and windows speak of groups, channels and space in one
 * fixed order, users of channels that come last; between the two stand permutations, forward and backward. Here they sink: a
 * value that is made of permuted ones is computed in the order of theirs and permuted afterwards, until the permutations meet
 * their inverses. What is left of them is index arithmetic.
 *
 * No bit depends on it: reductions whose order counts are taken as they stand.
 */
export function chooseLayouts(graph: Graph): Graph {
  const moves = graph.nodes.some((node) => MOVERS.has(opName(node)));
  return moves ? new Layouts(graph).run() : graph;
}

const MOVERS = new Set(["permute", "conv", "windows", "fold", "pad"]);

/** Reductions whose order does not matter. */
const ORDERLESS = new Set(["reduceMax", "reduceMin", "reduceAnd", "reduceOr"]);
/** Reductions of windows of at most so many elements are written out. */
const MOST_UNROLLED = 32;

/** A graph in the making, each value in an order of its own. */
export class Layouts {
  private readonly nodes: Node[] = [];
  private readonly laid: Laid[] = [];
  private readonly wholes = new Map<string, Laid>();
  private readonly prims = new Map(primitives().map((prim) => [prim.name, prim]));

  constructor(private readonly graph: Graph) {}

  run(): Graph {
    this.graph.nodes.forEach((node, id) => {
      this.laid[id] = this.lay(node);
    });
    return {
      nodes: this.nodes,
      outputs: this.graph.outputs.map((id) => this.plain(id)),
      updates: this.graph.updates.map(({ node, slot }) => ({ node: this.plain(node), slot })),
    };
  }

  private lay(node: Node): Laid {
    const name = opName(node);
    const rule = RULES[name];
    if (rule !== undefined) return rule(this, node);
    if (kindOf(name) === "scalar" && name !== "randomBits" && name !== "barrier") return this.scalar(node);
    if (ORDERLESS.has(name) || name === "reduceSum" || name === "reduceProd") return this.reduction(node);
    return this.asItIs(node);
  }

  /** A node on operands as the primitive speaks of them. */
  asItIs(node: Node, isWindowed = false): Laid {
    const inputs = node.inputs.map((input) => this.plain(input));
    return { id: this.nodes.push({ ...node, inputs }) - 1, order: null, isWindowed };
  }

  add(node: Node, params: Params, inputs: readonly number[], shape: Shape): number {
    return this.nodes.push({ ...node, params, inputs, shape }) - 1;
  }

  /** The value, its axes whole. */
  get(id: number): Laid {
    const laid = this.laid[id];
    return isApart(laid) ? this.whole(laid) : laid;
  }

  /** The value as it was computed, its axes perhaps apart. */
  raw(id: number): Laid {
    return this.laid[id];
  }

  /** The shape in which primitives speak of the value. */
  logical(id: number): Shape {
    return this.graph.nodes[id].shape;
  }

  /** Axes that are apart as one: what is stored in that order lies as it should. */
  whole(laid: Apart): Laid {
    const key = `${laid.id} ${laid.order.join()} ${laid.parts.join(";")}`;
    const known = this.wholes.get(key);
    if (known !== undefined) return known;
    const owners = ownersOf(laid);
    const order = laid.order.map((part) => owners[part]).filter((axis, i, all) => axis !== all[i - 1]);
    const shape = order.map((axis) => sizeOf(laid.parts[axis]));
    const id = this.make("reshape", laid.id, { shape, isOfStored: true }, shape);
    const whole = { id, order, isWindowed: false };
    this.wholes.set(key, whole);
    return whole;
  }

  /** A node with axes of size 1 that have come or gone. */
  reshapedApart(id: number, apart: Apart): Apart {
    const sizes = apart.parts.flat();
    const shape = apart.order.map((part) => sizes[part]);
    return { ...apart, id: this.make("reshape", id, { shape }, shape) };
  }

  /** The value with its axes apart, in that order. */
  private apart(id: number, { parts, order }: Pick<Apart, "parts" | "order">): number {
    const raw = this.laid[id];
    if (isApart(raw) && raw.parts.join(";") === parts.join(";")) {
      return this.permute(
        raw.id,
        order.map((part) => raw.order.indexOf(part)),
      );
    }
    const owners = ownersOf({ parts });
    const sizes = parts.flat();
    const axes = order.map((part) => owners[part]).filter((axis, i, all) => axis !== all[i - 1]);
    const node = this.inOrder(id, axes);
    const shape = order.map((part) => sizes[part]);
    return this.reshape(node, shape);
  }

  private reshape(id: number, shape: Shape): number {
    const node = this.nodes[id];
    if (opName(node) === "constant") return this.add(node, { ...node.params, shape }, [], shape);
    return node.shape.join() === shape.join() ? id : this.make("reshape", id, { shape }, shape);
  }

  shapeOf(id: number): Shape {
    return this.nodes[id].shape;
  }

  /** The value in the order in which primitives speak of it. */
  plain(id: number): number {
    const { order } = this.get(id);
    return this.inOrder(id, order === null ? null : order.map((_, axis) => axis));
  }

  /** The value with its axes in that order. */
  inOrder(id: number, order: readonly number[] | null): number {
    const laid = this.get(id);
    if (order === null && laid.order === null) return laid.id;
    const rank = this.nodes[laid.id].shape.length;
    const to = order ?? Array.from({ length: rank }, (_, axis) => axis);
    const from = laid.order ?? Array.from({ length: rank }, (_, axis) => axis);
    return this.permute(
      laid.id,
      to.map((axis) => from.indexOf(axis)),
    );
  }

  /** Axis i of the result is axis axes[i] of the node. */
  permute(id: number, axes: readonly number[]): number {
    if (axes.every((axis, i) => axis === i)) return id;
    const node = this.nodes[id];
    const shape = axes.map((axis) => node.shape[axis]);
    if (opName(node) === "constant") return this.add(node, { ...node.params, shape }, [], shape);
    return this.make("permute", id, { axes: axes.map((axis) => axis - axes.length) }, shape);
  }

  make(name: string, input: number, params: Params, shape: Shape): number {
    const { dtype } = this.nodes[input];
    const prim = this.prims.get(name) as Primitive;
    return this.nodes.push({ prim, inputs: [input], params, shape, dtype, slot: -1 }) - 1;
  }

  /** Elementwise: in the order of the first operand that has one of its own. */
  private scalar(node: Node): Laid {
    const isWindowed = node.inputs.some((input) => this.laid[input].isWindowed);
    const apart = node.inputs.map((input) => this.laid[input]).find(isApart);
    if (apart !== undefined) {
      // Without axes of size 1: the same value may have been reshaped in several ways.
      const sizes = apart.parts.flat();
      const full = apart.order.map((part) => sizes[part]);
      const shape = full.filter((size) => size !== 1);
      const inputs = node.inputs.map((input) => this.reshape(this.apart(input, apart), shape));
      const id = this.reshape(this.add(node, node.params, inputs, shape), full);
      return { ...apart, id, isWindowed };
    }
    const order = node.inputs.map((input) => this.laid[input].order).find((one) => one !== null) ?? null;
    if (order === null) return this.asItIs(node, isWindowed);
    const inputs = node.inputs.map((input) => this.inOrder(input, order));
    const shape = order.map((axis) => node.shape[axis]);
    return { id: this.add(node, node.params, inputs, shape), order, isWindowed };
  }

  private reduction(node: Node): Laid {
    const [input] = node.inputs;
    const { order, isWindowed, id } = this.get(input);
    const { axes } = node.params as { axes: readonly number[] };
    const shape = this.graph.nodes[input].shape;
    const reduced = axes.map((axis) => axis + shape.length);
    const size = sizeOf(reduced.map((axis) => shape[axis]));
    const isUnrolled = isWindowed && size > 0 && size <= MOST_UNROLLED;
    const params: Params = isUnrolled ? { ...node.params, isUnrolled } : node.params;
    if (order === null || !(isUnrolled || ORDERLESS.has(opName(node)))) {
      return { ...this.asItIs({ ...node, params }), isWindowed: false };
    }
    const kept = order.filter((axis) => !reduced.includes(axis));
    const own = reduced.map((axis) => order.indexOf(axis) - order.length);
    const keptShape = kept.map((axis) => shape[axis]);
    // Axes of the result are numbered without those that are gone.
    const rank = (axis: number): number => axis - reduced.filter((gone) => gone < axis).length;
    return {
      id: this.add(node, { ...params, axes: own }, [id], keptShape),
      order: kept.map(rank),
      isWindowed: false,
    };
  }
}
