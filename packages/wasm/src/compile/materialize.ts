import type { DType, Program, Shape } from "@cotangent/core";
import { type Affine, type Domain, domainOf, rowMajor, sizeOf } from "./affine.ts";
import { dotItem, oneStride } from "./contraction.ts";
import { controlItems } from "./control/bodies.ts";
import { convItem, foldItem } from "./convolution.ts";
import { type Graph, type Node, opName } from "./graph.ts";
import {
  accumulatorDtype,
  type Buffer,
  type CumulativeOp,
  type Item,
  type Operand,
  type ReduceOp,
} from "./items.ts";
import { kindOf } from "./kinds.ts";
import { lookupItem, Picks } from "./lookup.ts";
import { isMovement } from "./position.ts";
import type { Plan } from "./program.ts";
import { cropped, split, splitFirst, withMergedReductions, withOneReducedDimension } from "./retrace.ts";
import { isStored, type Trace, traceNode, traceReduction } from "./trace.ts";
import { costOf, ValueList } from "./values.ts";

/** Everything that is stored, and how each of it is computed, those first that others need. */
export interface Materialized {
  readonly items: readonly Item[];
  /** By number: those of nodes first, partial results behind them. */
  readonly buffers: readonly Buffer[];
  /** The buffer that holds the value of an output or update. */
  readonly bufferOf: (node: number) => number;
}

/** Columns of at least so many elements in all are reduced chunk by chunk of their rows. */
const CHUNKED_COLUMNS = 1 << 17;
const MOST_CHUNKS = 16;
const FEWEST_CHUNKS = 4;

/** Chunks of equal length that the rows of a matrix are cut into, where its columns are reduced; 1 for none. */
function chunksOf(domain: Domain, reduced: readonly boolean[]): number {
  if (domain.length !== 2 || !reduced[0] || reduced[1]) return 1;
  const [rows, columns] = domain;
  if (rows * columns < CHUNKED_COLUMNS || rows < columns) return 1;
  for (let chunks = MOST_CHUNKS; chunks >= FEWEST_CHUNKS; chunks--) if (rows % chunks === 0) return chunks;
  return 1;
}

/** What is reduced, to which node's value, along which dimensions of its domain. */
interface Reduction {
  readonly id: number;
  readonly op: ReduceOp;
  readonly trace: Trace;
  readonly reduced: readonly boolean[];
  readonly dtype: DType;
  /** Loads of the operand, which is stored then. */
  readonly stored: () => Trace;
}

/** Operations that one value may hold before it is stored: bounds the size of kernels. */
const MAX_CONE = 128;
/** What is cheaper than this is computed again for each of its readers. */
const CHEAP = 4;
/** The same for masks, which take as long to pack into bytes and to unpack. */
const CHEAP_MASK = 16;
/** Reductions of at least so many elements to fewer than so many results are cut into chunks. */
const CHUNKED_SIZE = 32768;
const CHUNKED_RESULTS = 64;
const CHUNK = 8192;
/** Rows of that length are chunks themselves: the partial results may come out of the kernel that makes the rows. */
const SHORTEST_ROW = 256;
const LONGEST_ROW = 65536;

/**
 * Decides what is stored: what is asked for, operands of library kernels, reductions, values with several readers that
 * are not cheap, and whatever a movement cannot reach by index arithmetic. All else is computed where it is needed.
 */
export function materialize(graph: Graph, compile: (program: Program) => Plan): Materialized {
  return new Materializer(graph, compile).run();
}

class Materializer {
  readonly wanted: Uint8Array;
  readonly buffers: Buffer[];
  private readonly results = new Map<number, number>();
  private readonly claimed = new Set<number>();
  private readonly itemLists: Item[][];
  /** The rows that indices mean. */
  readonly picks: Picks;
  /** Copies that the item in work needs first. */
  private copies: Item[] = [];

  constructor(
    readonly graph: Graph,
    readonly compile: (program: Program) => Plan,
  ) {
    this.wanted = new Uint8Array(graph.nodes.length);
    this.buffers = graph.nodes.map(({ shape, dtype }) => ({ size: sizeOf(shape), dtype }));
    this.itemLists = graph.nodes.map(() => []);
    this.picks = new Picks(this);
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
      items: this.itemLists.flatMap((list, id) => [...list, ...this.picks.of(id)]),
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
      // Read in the order in which it lies: see `chooseLayouts`.
      if ((node.params as { isOfStored?: boolean }).isOfStored === true) this.want(node.inputs[0]);
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
      if (opName(node) === "barrier") for (const input of node.inputs) this.wantAhead(input);
      cost[id] += operationCost(node);
      weight[id] += 1;
      const isShared = readers[id] > 1 && cost[id] >= (node.dtype === "bool" ? CHEAP_MASK : CHEAP);
      if (isShared || weight[id] > MAX_CONE) this.want(id);
    });
  }

  /** What a barrier keeps, or waits for, is there when it runs. */
  private wantAhead(id: number): void {
    const node = this.graph.nodes[id];
    if (kindOf(opName(node)) !== "leaf" && !isMovement(node)) this.want(id);
  }

  private itemsFor(id: number, node: Node): Item[] {
    const kind = kindOf(opName(node));
    if (kind === "reduction") return this.reduction(id, node);
    if (kind === "product") return [dotItem(this, id, node)];
    if (kind === "convolution") return [convItem(this, id, node)];
    if (kind === "overlap") return [foldItem(this, id, node)];
    if (kind === "extremum") return [this.argReduction(id, node)];
    if (kind === "cumulative") return [this.runningTotals(id, node)];
    if (kind === "lookup") return [lookupItem(this, id, node)];
    if (kind === "order") return [this.argSorting(id, node)];
    if (kind === "control") return controlItems(this, id, node);
    if (kind === "parts")
      return opName(node) === "pad" ? this.padding(id, node) : this.concatenation(id, node);
    const trace = this.trace(id);
    return [{ kind: "map", buffer: id, trace, store: ownStore(trace.domain) }];
  }

  /** A reduction that is written out, element by element: a value like any other. */
  private unrolled(id: number, node: Node): Item {
    const trace = traceReduction(this.graph, id, domainOf(node.shape), this.isWanted, this.want);
    return { kind: "map", buffer: id, trace, store: ownStore(trace.domain) };
  }

  private reduction(id: number, node: Node): Item[] {
    if ((node.params as { isUnrolled?: boolean }).isUnrolled === true) return [this.unrolled(id, node)];
    const [source] = node.inputs;
    const { shape, dtype } = this.graph.nodes[source];
    const { axes } = node.params as { axes: readonly number[] };
    const op = opName(node).slice("reduce".length).toLowerCase() as ReduceOp;
    const reduced = shape
      .map((_, axis) => axes.includes(axis - shape.length))
      .filter((_, axis) => shape[axis] !== 1);
    const trace = this.loaded(source);
    const stored = (): Trace => this.storedTrace(source);
    const row = trace.domain[trace.domain.length - 1];
    const isOfRows = reduced[reduced.length - 1] && reduced[reduced.length - 2];
    const size = trace.domain.reduce((product, n, d) => (reduced[d] ? product * n : product), 1);
    if (!isOfRows || !this.isLong(id, size) || row < SHORTEST_ROW || row > LONGEST_ROW) {
      return this.reduceMerged({ id, op, trace, reduced, dtype, stored });
    }
    return this.inTwoSteps({ id, op, trace, reduced, dtype, stored }, trace, null);
  }

  /** Few results of many elements are made in two steps, so that there is work for several threads. */
  private isLong(id: number, size: number): boolean {
    return size >= CHUNKED_SIZE && this.buffers[id].size < CHUNKED_RESULTS;
  }

  /** Neighbouring reduced dimensions as one, and that in chunks where it is long. */
  private reduceMerged(reduction: Reduction): Item[] {
    const { id, op, reduced: flags, stored } = reduction;
    const trace =
      withMergedReductions(reduction.trace, flags) ?? (withMergedReductions(stored(), flags) as Trace);
    const reduced = flags.filter((flag, d) => !flag || !flags[d - 1]);
    const size = trace.domain.reduce((product, n, d) => (reduced[d] ? product * n : product), 1);
    const style = reduced[reduced.length - 1] ? "rows" : "columns";
    if (style === "rows" && this.isLong(id, size)) {
      const flat = withOneReducedDimension(trace, reduced) ?? withOneReducedDimension(stored(), reduced);
      if (flat !== null) {
        const cut = split(flat, CHUNK, Math.ceil(size / CHUNK));
        return this.inTwoSteps(reduction, cut, size % CHUNK === 0 ? null : size);
      }
    }
    const chunks = style === "columns" ? chunksOf(trace.domain, reduced) : 1;
    if (chunks > 1) return this.columnsInTwoSteps(reduction, splitFirst(trace, chunks));
    return [{ kind: "reduce", buffer: id, op, trace, reduced, style, ragged: null }];
  }

  /** A partial result for each chunk of rows, which lie in memory one after the other, then the reduction of those. */
  private columnsInTwoSteps({ id, op, dtype: from }: Reduction, rows: Trace): Item[] {
    const dtype = accumulatorDtype(op, from);
    const [chunks, , columns] = rows.domain;
    const { partial, trace } = this.partialResult([chunks, columns], dtype);
    const common = { kind: "reduce", op, style: "columns", ragged: null } as const;
    return [
      { ...common, buffer: partial, trace: rows, reduced: [false, true, false] },
      { ...common, buffer: id, trace, reduced: [true, false] },
    ];
  }

  /** A buffer for partial results, and a trace that loads them. */
  private partialResult(domain: Domain, dtype: DType): { partial: number; trace: Trace } {
    const partial = this.buffers.push({ size: sizeOf(domain), dtype }) - 1;
    const values = new ValueList();
    const root = values.add({ op: "load", buffer: partial, access: ownStore(domain), dtype });
    return { partial, trace: { domain, values, root } };
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

  /** A partial result for each row of the last dimension of `rows`, then the reduction of those. */
  private inTwoSteps(reduction: Reduction, rows: Trace, ragged: number | null): Item[] {
    const { op, dtype: from } = reduction;
    const dtype = accumulatorDtype(op, from);
    const domain = rows.domain.slice(0, -1);
    const { partial, trace } = this.partialResult(domain, dtype);
    const first: Item = {
      kind: "reduce",
      buffer: partial,
      op,
      trace: rows,
      reduced: [...domain.map(() => false), true],
      style: "rows",
      ragged,
    };
    // What is cut into chunks has its kept dimensions first.
    const kept = reduction.reduced.filter((flag) => !flag);
    const isCut = rows !== reduction.trace;
    const reduced = isCut
      ? [...kept, ...domain.slice(kept.length).map(() => true)]
      : reduction.reduced.slice(0, -1);
    return [first, ...this.reduceMerged({ ...reduction, trace, reduced, dtype, stored: () => trace })];
  }

  private storedTrace(source: number): Trace {
    this.want(source);
    return this.loaded(source);
  }

  private argReduction(id: number, node: Node): Item {
    const { op, axis } = node.params as { op: "max" | "min"; axis: number };
    return { kind: "argReduce", buffer: id, op, ...this.rowsAlong(node, axis) };
  }

  private argSorting(id: number, node: Node): Item {
    const { axis, descending } = node.params as { axis: number; descending: boolean };
    return { kind: "argSort", buffer: id, descending, ...this.rowsAlong(node, axis) };
  }

  /** The operand, stored, as rows along an axis (negative). */
  private rowsAlong(node: Node, axis: number) {
    const [source] = node.inputs;
    const { shape, dtype } = this.graph.nodes[source];
    this.want(source);
    const place = shape.length + axis;
    return {
      source,
      sourceDtype: dtype,
      outer: sizeOf(shape.slice(0, place)),
      size: shape[place],
      inner: sizeOf(shape.slice(place + 1)),
    };
  }

  private runningTotals(id: number, node: Node): Item {
    const { axis, reverse } = node.params as { axis: number; reverse: boolean };
    for (const input of node.inputs) this.want(input);
    const { shape, dtype } = node;
    const place = shape.length + axis;
    return {
      kind: "cumulative",
      buffer: id,
      sources: node.inputs,
      dtype,
      op: opName(node).slice("cumulative".length).toLowerCase() as CumulativeOp,
      reverse,
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
