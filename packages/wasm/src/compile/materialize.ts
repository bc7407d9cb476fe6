import type { Shape } from "@cotangent/core";
import { type Affine, type Domain, domainOf, rowMajor, sizeOf } from "./affine.ts";
import { dotItem, oneStride } from "./contraction.ts";
import { type Graph, type Node, opName } from "./graph.ts";
import type { Buffer, Item, Operand, ReduceOp } from "./items.ts";
import { kindOf } from "./kinds.ts";
import { isMovement } from "./position.ts";
import { isStored, type Trace, traceNode } from "./trace.ts";
import { costOf, type Value, ValueList } from "./values.ts";

/** Everything that is stored, and how each of it is computed, those first that others need. */
export interface Materialized {
  readonly items: readonly Item[];
  /** By number: those of nodes first, partial results behind them. */
  readonly buffers: readonly Buffer[];
  /** The buffer that holds the value of an output or update. */
  readonly bufferOf: (node: number) => number;
}

/** Operations that one value may hold before it is stored: bounds the size of kernels. */
const MAX_CONE = 128;
/** What is cheaper than this is computed again for each of its readers. */
const CHEAP = 4;
/** Reductions of at least so many elements to fewer than so many results are cut into chunks. */
const CHUNKED_SIZE = 32768;
const CHUNKED_RESULTS = 64;
const CHUNK = 8192;

/**
 * Decides what is stored: what is asked for, operands of library kernels, reductions, values with several readers that
 * are not cheap, and whatever a movement cannot reach by index arithmetic. All else is computed where it is needed.
 */
export function materialize(graph: Graph): Materialized {
  return new Materializer(graph).run();
}

class Materializer {
  readonly wanted: Uint8Array;
  readonly buffers: Buffer[];
  private readonly results = new Map<number, number>();
  private readonly claimed = new Set<number>();
  private readonly itemLists: Item[][];
  /** Copies that the item in work needs first. */
  private copies: Item[] = [];

  constructor(readonly graph: Graph) {
    this.wanted = new Uint8Array(graph.nodes.length);
    this.buffers = graph.nodes.map(({ shape, dtype }) => ({ size: sizeOf(shape), dtype }));
    this.itemLists = graph.nodes.map(() => []);
  }

  run(): Materialized {
    const { nodes, outputs, updates } = this.graph;
    this.wantExpensive();
    const results = [...outputs, ...updates.map(({ node }) => node)];
    const isReshape = (id: number): boolean => opName(nodes[id]) === "reshape";
    // Values come before reshapes of them, which lie where they lie only if nobody else claims that.
    for (const id of results) if (!isReshape(id)) this.wantResult(id);
    for (const id of results) if (isReshape(id)) this.wantResult(id);
    for (let id = nodes.length - 1; id >= 0; id--) {
      if (this.wanted[id] && nodes[id].prim !== null && this.buffers[id].size > 0) {
        this.copies = [];
        const items = this.itemsFor(id, nodes[id]);
        this.itemLists[id] = [...this.copies, ...items];
      }
    }
    return {
      items: this.itemLists.flat(),
      buffers: this.buffers,
      bufferOf: (node) => this.results.get(node) as number,
    };
  }

  readonly isWanted = (id: number): boolean => this.wanted[id] === 1;
  readonly want = (id: number): void => {
    this.wanted[id] = 1;
  };

  /** A trace of a node's own value over its own elements. */
  trace(id: number): Trace {
    return traceNode(this.graph, id, domainOf(this.graph.nodes[id].shape), this.isWanted, this.want);
  }

  /** An operand of a product that is stored for it: as it is, or with its axes in the product's order. */
  arrange(
    id: number,
    batch: readonly number[],
    free: readonly number[],
    contract: readonly number[],
  ): Operand {
    const { shape, dtype } = this.graph.nodes[id];
    const natural = rowMajor(shape);
    const operand = (buffer: number, strides: readonly number[]): Operand => ({
      buffer,
      offset: 0,
      batch: batch.map((axis) => strides[axis]),
      free: oneStride(strides, shape, free) as number,
      contract: oneStride(strides, shape, contract) as number,
    });
    if (oneStride(natural, shape, free) !== null && oneStride(natural, shape, contract) !== null) {
      this.want(id);
      return operand(id, natural);
    }
    const order = [...batch, ...free, ...contract];
    const arranged = rowMajor(order.map((axis) => shape[axis]));
    const strides = shape.map((_, axis) => arranged[order.indexOf(axis)]);
    const buffer = this.buffers.push({ size: sizeOf(shape), dtype }) - 1;
    this.copies.push({ kind: "map", buffer, trace: this.loaded(id), store: storeInto(shape, strides, 0) });
    return operand(buffer, strides);
  }

  /** A reshaped value lies where its source lies, unless somebody else is handed that. */
  private wantResult(id: number): void {
    if (this.results.has(id)) return;
    let source = id;
    while (opName(this.graph.nodes[source]) === "reshape") source = this.graph.nodes[source].inputs[0];
    const isOwn = this.graph.nodes[source].prim !== null && !this.claimed.has(source);
    const buffer = isOwn ? source : id;
    this.claimed.add(buffer);
    this.results.set(id, buffer);
    this.want(buffer);
  }

  /** Values with several readers that are not cheap, and those that would make kernels too large. */
  private wantExpensive(): void {
    const { nodes } = this.graph;
    const readers = new Int32Array(nodes.length);
    for (const node of nodes) for (const input of new Set(node.inputs)) readers[input]++;
    const cost = new Float64Array(nodes.length);
    const weight = new Float64Array(nodes.length);
    nodes.forEach((node, id) => {
      if (isStored(node)) {
        this.wanted[id] = node.prim === null ? 0 : 1;
        return;
      }
      for (const input of node.inputs) {
        if (this.wanted[input] || nodes[input].prim === null) continue;
        const repeated = opName(node) === "broadcast" && this.buffers[input].size > 1;
        if (repeated && cost[input] >= CHEAP && this.buffers[id].size > this.buffers[input].size) {
          this.want(input);
          continue;
        }
        cost[id] += cost[input];
        weight[id] += weight[input];
      }
      if (isMovement(node)) return;
      cost[id] += operationCost(node);
      weight[id] += 1;
      const isShared = readers[id] > 1 && cost[id] >= CHEAP;
      if (isShared || weight[id] > MAX_CONE) this.want(id);
    });
  }

  private itemsFor(id: number, node: Node): Item[] {
    const kind = kindOf(opName(node));
    if (kind === "reduction") return this.reduction(id, node);
    if (kind === "product") return [dotItem(this, id, node)];
    if (kind === "extremum") return [this.argReduction(id, node)];
    if (kind === "parts")
      return opName(node) === "pad" ? this.padding(id, node) : this.concatenation(id, node);
    const trace = this.trace(id);
    return [{ kind: "map", buffer: id, trace, store: ownStore(trace.domain) }];
  }

  private reduction(id: number, node: Node): Item[] {
    const [source] = node.inputs;
    const { shape } = this.graph.nodes[source];
    const { axes } = node.params as { axes: readonly number[] };
    const op = opName(node).slice("reduce".length).toLowerCase() as ReduceOp;
    const flags = shape
      .map((_, axis) => axes.includes(axis - shape.length))
      .filter((_, axis) => shape[axis] !== 1);
    const trace =
      withMergedReductions(this.loaded(source), flags) ??
      (withMergedReductions(this.storedTrace(source), flags) as Trace);
    const reduced = flags.filter((flag, d) => !flag || !flags[d - 1]);
    const size = trace.domain.reduce((product, n, d) => (reduced[d] ? product * n : product), 1);
    const style = reduced[reduced.length - 1] ? "rows" : "columns";
    if (style === "rows" && size >= CHUNKED_SIZE && this.buffers[id].size < CHUNKED_RESULTS) {
      return this.chunked(id, node, op, trace, reduced, size);
    }
    return [{ kind: "reduce", buffer: id, op, trace, reduced, style, ragged: null }];
  }

  /** The value of a reduction's operand: loaded where it is stored, else computed. */
  private loaded(source: number): Trace {
    const { shape, dtype } = this.graph.nodes[source];
    const domain = domainOf(shape);
    if (!this.wanted[source] && !isStored(this.graph.nodes[source])) return this.trace(source);
    this.want(source);
    const values = new ValueList();
    const root = values.add({ op: "load", buffer: source, access: ownStore(domain), dtype });
    return { domain, values, root };
  }

  /** In two steps, so that few long rows are many units of work: a partial result for each chunk, then their sum. */
  private chunked(
    id: number,
    node: Node,
    op: ReduceOp,
    trace: Trace,
    reduced: readonly boolean[],
    size: number,
  ): Item[] {
    const [source] = node.inputs;
    const flat =
      withOneReducedDimension(trace, reduced) ?? withOneReducedDimension(this.storedTrace(source), reduced);
    if (flat === null) {
      return [{ kind: "reduce", buffer: id, op, trace, reduced, style: "rows", ragged: null }];
    }
    const chunks = Math.ceil(size / CHUNK);
    const kept = flat.domain.slice(0, -1);
    const inDtype = this.graph.nodes[source].dtype;
    const dtype = inDtype === "float32" && (op === "sum" || op === "prod") ? "float64" : inDtype;
    const partial = this.buffers.push({ size: sizeOf(kept) * chunks, dtype }) - 1;
    const cut = split(flat, CHUNK, chunks);
    const values = new ValueList();
    const domain = chunks === 1 ? kept : [...kept, chunks];
    const root = values.add({ op: "load", buffer: partial, access: ownStore(domain), dtype });
    const keptFlags = kept.map(() => false);
    return [
      {
        kind: "reduce",
        buffer: partial,
        op,
        trace: cut,
        reduced: [...keptFlags, false, true],
        style: "rows",
        ragged: size % CHUNK === 0 ? null : size,
      },
      {
        kind: "reduce",
        buffer: id,
        op,
        trace: { domain, values, root },
        reduced: [...keptFlags, true],
        style: "rows",
        ragged: null,
      },
    ];
  }

  private storedTrace(source: number): Trace {
    this.want(source);
    return this.loaded(source);
  }

  private argReduction(id: number, node: Node): Item {
    const { op, axis } = node.params as { op: "max" | "min"; axis: number };
    const [source] = node.inputs;
    const { shape, dtype } = this.graph.nodes[source];
    this.want(source);
    const place = shape.length + axis;
    return {
      kind: "argReduce",
      buffer: id,
      source,
      sourceDtype: dtype,
      op,
      outer: sizeOf(shape.slice(0, place)),
      size: shape[place],
      inner: sizeOf(shape.slice(place + 1)),
    };
  }

  /** Each part is written into its place. */
  private concatenation(id: number, node: Node): Item[] {
    const { axis } = node.params as { axis: number };
    const place = node.shape.length + axis;
    const strides = rowMajor(node.shape);
    let offset = 0;
    return node.inputs.map((input): Item => {
      const { shape } = this.graph.nodes[input];
      const trace = this.partTrace(input);
      const store = storeInto(shape, strides, offset * strides[place]);
      offset += shape[place];
      return { kind: "map", buffer: id, trace, store };
    });
  }

  private partTrace(input: number): Trace {
    return this.loaded(input);
  }

  /** Zeros, and what is not cut away written over them. */
  private padding(id: number, node: Node): Item[] {
    const { low, high, interior } = node.params as Record<"low" | "high" | "interior", readonly number[]>;
    const [input] = node.inputs;
    const { shape } = this.graph.nodes[input];
    const leading = shape.length - low.length;
    const strides = rowMajor(node.shape);
    const first: number[] = [];
    const kept: number[] = [];
    let offset = 0;
    const steps = shape.map((size, axis) => {
      const i = axis - leading;
      const [before, after, between] = i < 0 ? [0, 0, 0] : [low[i], high[i], interior[i]];
      const step = between + 1;
      // Elements whose place is within the result.
      const from = before < 0 ? Math.ceil(-before / step) : 0;
      const to = after < 0 ? size - Math.ceil(-after / step) : size;
      first.push(from);
      kept.push(Math.max(0, to - from));
      offset += (before + from * step) * strides[axis];
      return step * strides[axis];
    });
    const fill: Item = { kind: "fill", buffer: id };
    if (kept.includes(0)) return [fill];
    const full = this.loaded(input);
    const trace = cropped(full, shape, first, kept);
    return [fill, { kind: "map", buffer: id, trace, store: storeInto(kept, steps, offset) }];
  }
}

export type { Materializer };

function operationCost(node: Node): number {
  return opName(node) === "randomBits"
    ? 80
    : costOf({ op: "scalar", name: opName(node), variant: "", args: [], dtype: node.dtype });
}

/** Elements in row-major order. */
export const ownStore = (domain: Domain): Affine => ({ offset: 0, strides: rowMajor(domain) });

/** Where the elements of a part of this shape go in a buffer with these strides for its axes. */
const storeInto = (shape: Shape, strides: readonly number[], offset: number): Affine => ({
  offset,
  strides: strides.filter((_, axis) => shape[axis] !== 1),
});

/** The same values with other accesses. */
function withAccesses(trace: Trace, domain: Domain, change: (access: Affine) => Affine | null): Trace | null {
  const values = new ValueList();
  const renamed: number[] = [];
  for (const value of trace.values.list) {
    let moved: Value = value;
    if (value.op === "load" || value.op === "index") {
      const access = change(value.access);
      if (access === null) return null;
      moved = { ...value, access };
    } else if (value.op === "scalar") {
      moved = { ...value, args: value.args.map((arg) => renamed[arg]) };
    }
    renamed.push(values.add(moved));
  }
  return { domain, values, root: renamed[trace.root] };
}

/** Only elements first[axis] to first[axis] + kept[axis] - 1 of a value of this shape. */
function cropped(trace: Trace, shape: Shape, first: readonly number[], kept: readonly number[]): Trace {
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  const remaining = axes.filter((axis) => kept[axis] !== 1);
  return withAccesses(
    trace,
    remaining.map((axis) => kept[axis]),
    ({ offset, strides }) => ({
      offset: strides.reduce((sum, stride, d) => sum + stride * first[axes[d]], offset),
      strides: strides.filter((_, d) => kept[axes[d]] !== 1),
    }),
  ) as Trace;
}

/**
 * Neighbouring reduced dimensions as one, so that the order of a sum depends on the shape only; null where an access
 * does not allow that.
 */
function withMergedReductions(trace: Trace, reduced: readonly boolean[]): Trace | null {
  const { domain } = trace;
  const isFirst = domain.map((_, d) => !reduced[d] || !reduced[d - 1]);
  if (!isFirst.includes(false)) return trace;
  const merged: number[] = [];
  domain.forEach((size, d) => {
    if (isFirst[d]) merged.push(size);
    else merged[merged.length - 1] *= size;
  });
  return withAccesses(trace, merged, ({ offset, strides }) => {
    const kept: number[] = [];
    for (let d = 0; d < domain.length; d++) {
      if (isFirst[d]) kept.push(strides[d]);
      else if (strides[d - 1] !== strides[d] * domain[d]) return null;
      else kept[kept.length - 1] = strides[d];
    }
    return { offset, strides: kept };
  });
}

/** The kept dimensions, then all reduced ones as one; null where an access does not allow that. */
function withOneReducedDimension(trace: Trace, reduced: readonly boolean[]): Trace | null {
  const { domain } = trace;
  const kept = domain.map((_, d) => d).filter((d) => !reduced[d]);
  const inner = domain.map((_, d) => d).filter((d) => reduced[d]);
  const size = inner.reduce((product, d) => product * domain[d], 1);
  return withAccesses(trace, [...kept.map((d) => domain[d]), size], ({ offset, strides }) => {
    const last = inner[inner.length - 1];
    let expected = strides[last];
    for (let i = inner.length - 1; i >= 0; i--) {
      if (strides[inner[i]] !== expected) return null;
      expected *= domain[inner[i]];
    }
    return { offset, strides: [...kept.map((d) => strides[d]), strides[last]] };
  });
}

/** The last dimension as `chunks` rounds of `chunk`. */
function split(trace: Trace, chunk: number, chunks: number): Trace {
  const domain = [...trace.domain.slice(0, -1), chunks, chunk];
  return withAccesses(trace, domain, ({ offset, strides }) => {
    const last = strides[strides.length - 1];
    return { offset, strides: [...strides.slice(0, -1), last * chunk, last] };
  }) as Trace;
}
