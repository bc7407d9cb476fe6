import { EngineError } from "@cotangent/core";
import { type Affine, affineConstant, type Domain, plus, rowMajor, scaled, sizeOf } from "./affine.ts";
import { type Graph, type Node, opName } from "./graph.ts";
import { kindOf } from "./kinds.ts";
import { isMovement, movedPosition, ownPosition, type Position } from "./position.ts";
import { ValueList } from "./values.ts";

/** The computation of one value at each point of a domain, down to what is stored. */
export interface Trace {
  readonly domain: Domain;
  readonly values: ValueList;
  readonly root: number;
}

/** Inputs, and primitives that a kernel's body cannot hold: their results are stored. */
export function isStored(node: Node): boolean {
  const kind = kindOf(opName(node));
  return kind !== "scalar" && kind !== "leaf" && kind !== "movement";
}

/**
 * Writes node `root` as operations on scalars over its own elements. What is stored (`isWanted`) is loaded; where a
 * movement is no index arithmetic, its source is stored too: `want` is told.
 */
export function traceNode(
  graph: Graph,
  root: number,
  domain: Domain,
  isWanted: (id: number) => boolean,
  want: (id: number) => void,
): Trace {
  const values = new ValueList();
  const tracer = new Tracer(graph, values, domain.length, isWanted, want);
  const node = graph.nodes[root];
  return { domain, values, root: tracer.body(root, ownPosition(node.shape, domain)) };
}

/** How a reduction joins two values. */
const JOINS: Readonly<Record<string, readonly [name: string, variant: string]>> = {
  reduceSum: ["add", ""],
  reduceProd: ["mul", ""],
  reduceMax: ["max", ""],
  reduceMin: ["min", ""],
  reduceAnd: ["bitwise", "and"],
  reduceOr: ["bitwise", "or"],
};

/**
 * Writes a reduction of few elements over its own elements: each of them traced, and joined in order. Sums and products of
 * float32 are made in float64, and rounded once.
 */
export function traceReduction(
  graph: Graph,
  root: number,
  domain: Domain,
  isWanted: (id: number) => boolean,
  want: (id: number) => void,
): Trace {
  const values = new ValueList();
  const tracer = new Tracer(graph, values, domain.length, isWanted, want);
  const node = graph.nodes[root];
  const [source] = node.inputs;
  const { shape, dtype } = graph.nodes[source];
  const { axes } = node.params as { axes: readonly number[] };
  const reduced = axes.map((axis) => axis + shape.length);
  const kept = (ownPosition(node.shape, domain).axes ?? []).slice();
  const [name, variant] = JOINS[opName(node)];
  // Counts are exact as they are.
  const isCount =
    opName(graph.nodes[source]) === "cast" && graph.nodes[graph.nodes[source].inputs[0]].dtype === "bool";
  const isRounded = dtype === "float32" && (name === "add" || name === "mul") && !isCount;
  const wide = isRounded ? "float64" : dtype;
  const strides = rowMajor(shape);
  // Where the order counts, four running totals, as of a reduction that goes over rows: to write it out makes no difference.
  const lanes = wide.startsWith("float") && (name === "add" || name === "mul") && !isCount ? 4 : 1;
  const totals: number[] = [];
  const join = (a: number, b: number): number => values.scalar(name, [a, b], wide, variant);
  for (let i = 0; i < sizeOf(reduced.map((axis) => shape[axis])); i++) {
    let rest = i;
    const at = new Map<number, number>();
    for (const axis of [...reduced].reverse()) {
      at.set(axis, rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    let next = 0;
    const place = shape.map((_, axis): Affine => {
      const index = at.get(axis);
      return index === undefined ? kept[next++] : affineConstant(index, domain.length);
    });
    const linear = place.reduce(
      (sum, axis, d) => plus(sum, scaled(axis, strides[d])),
      affineConstant(0, domain.length),
    );
    let value = tracer.at(source, { axes: place, linear });
    if (wide !== dtype) value = values.scalar("cast", [value], wide);
    const lane = i % lanes;
    // A sum starts from 0, so that the sum of -0 is 0.
    if (i === 0 && name === "add") value = join(values.add({ op: "constant", value: 0, dtype: wide }), value);
    totals[lane] = lane in totals ? join(totals[lane], value) : value;
  }
  const [a, b, c, d] = totals;
  const both = (x: number, y: number | undefined): number => (y === undefined ? x : join(x, y));
  let total = both(both(a, c), b === undefined ? undefined : both(b, d));
  if (wide !== node.dtype) total = values.scalar("cast", [total], node.dtype);
  return { domain, values, root: total };
}

class Tracer {
  private readonly memo = new Map<number, Map<Position, number>>();

  constructor(
    private readonly graph: Graph,
    private readonly values: ValueList,
    private readonly rank: number,
    private readonly isWanted: (id: number) => boolean,
    private readonly want: (id: number) => void,
  ) {}

  /** The value of a node, loaded if it is stored. */
  at(id: number, position: Position): number {
    const known = this.memo.get(id)?.get(position);
    if (known !== undefined) return known;
    const value =
      this.isWanted(id) || isStored(this.graph.nodes[id]) ? this.load(id, position) : this.body(id, position);
    let byPosition = this.memo.get(id);
    if (byPosition === undefined) {
      byPosition = new Map();
      this.memo.set(id, byPosition);
    }
    byPosition.set(position, value);
    return value;
  }

  private load(id: number, position: Position): number {
    this.want(id);
    return this.values.add({
      op: "load",
      buffer: id,
      access: position.linear,
      dtype: this.graph.nodes[id].dtype,
    });
  }

  /** The value of a node, computed. */
  body(id: number, position: Position): number {
    const node = this.graph.nodes[id];
    if (isMovement(node)) {
      const [source] = node.inputs;
      const moved = movedPosition(node, this.graph.nodes[source], position);
      // A result that is known in row-major order only is stored, and loaded in that order.
      return moved === null ? this.load(id, position) : this.at(source, moved);
    }
    const special = SPECIAL[opName(node)];
    if (special !== undefined) return special(this, id, node, position);
    const args = node.inputs.map((input) => this.at(input, position));
    const { op, n } = node.params as { op?: string; n?: number };
    const variant = op ?? (n === undefined ? "" : String(n));
    return this.values.scalar(opName(node), args, node.dtype, variant);
  }

  index(access: Affine, dtype: Node["dtype"]): number {
    return this.values.add({ op: "index", access, dtype });
  }

  constant(value: number, dtype: Node["dtype"]): number {
    return this.values.add({ op: "constant", value, dtype });
  }

  iota(id: number, node: Node, position: Position): number {
    const { axis } = node.params as { axis: number };
    if (position.axes !== null) return this.index(position.axes[axis], node.dtype);
    if (node.shape.every((n, i) => n === 1 || i === axis)) return this.index(position.linear, node.dtype);
    return this.load(id, position);
  }

  /**
   * The value itself, by a choice between it and itself that reads an element of all that must be there before: no kernel
   * can then run, or be joined to another one, earlier than what it waits for.
   */
  barrier(node: Node, position: Position): number {
    const [source, ...after] = node.inputs;
    let value = this.at(source, position);
    const first: Position = { axes: null, linear: affineConstant(0, this.rank) };
    for (const id of after) {
      const { shape } = this.graph.nodes[id];
      if (sizeOf(shape) === 0 || kindOf(opName(this.graph.nodes[id])) === "leaf") continue;
      const element = this.load(id, first);
      const isNumber = this.values.scalar("compare", [element, element], "bool", "equal");
      value = this.values.scalar("where", [isNumber, value, value], node.dtype);
    }
    return value;
  }

  randomBits(id: number, node: Node, position: Position): number {
    if (position.axes === null) return this.load(id, position);
    const { shape, pair } = node.params as { shape: readonly number[]; pair: boolean };
    const [key, start] = node.inputs;
    const keyAxes = position.axes.slice(0, node.shape.length - shape.length - (pair ? 1 : 0));
    const drawAxes = position.axes.slice(keyAxes.length, keyAxes.length + shape.length);
    if (sizeOf(shape) > 2 ** 32) {
      throw new EngineError(`a draw of ${sizeOf(shape)} numbers does not fit into memory`, {
        operation: "randomBits",
        remedy: "Draw fewer numbers at a time",
      });
    }
    const strides = rowMajor(shape);
    const counter = drawAxes.reduce(
      (sum, axis, i) => plus(sum, scaled(axis, strides[i])),
      affineConstant(0, this.rank),
    );
    const keyShape = this.graph.nodes[key].shape;
    const inKeys = (operand: number, axes: readonly Affine[], dims: readonly number[]): number => {
      const keyStrides = rowMajor(dims);
      const linear = axes.reduce(
        (sum, axis, k) => plus(sum, scaled(axis, keyStrides[k])),
        affineConstant(0, this.rank),
      );
      return this.at(operand, { axes, linear });
    };
    const word = (i: number): number => inKeys(key, [...keyAxes, affineConstant(i, this.rank)], keyShape);
    let count = this.index(counter, "uint32");
    if (start !== undefined) {
      const first = inKeys(start, keyAxes, keyShape.slice(0, -1));
      count = this.values.scalar("add", [first, count], "uint32");
    }
    const args = [word(0), word(1), count];
    if (!pair) return this.values.scalar("threefry", args, "uint32", "both");
    const first = this.values.scalar("threefry", args, "uint32", "first");
    const second = this.values.scalar("threefry", args, "uint32", "second");
    const which = this.index(position.axes[position.axes.length - 1], "int32");
    const isFirst = this.values.scalar("compare", [which, this.constant(0, "int32")], "bool", "equal");
    return this.values.scalar("where", [isFirst, first, second], "uint32");
  }
}

const SPECIAL: Readonly<Record<string, (t: Tracer, id: number, node: Node, position: Position) => number>> = {
  constant: (t, _id, node) => t.constant((node.params as { value: number }).value, node.dtype),
  iota: (t, id, node, position) => t.iota(id, node, position),
  barrier: (t, _id, node, position) => t.barrier(node, position),
  randomBits: (t, id, node, position) => t.randomBits(id, node, position),
};
