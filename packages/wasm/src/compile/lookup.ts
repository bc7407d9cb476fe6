import type { IndexingParams, ScatterOp } from "@cotangent/core";
import { sizeOf } from "./affine.ts";
import { type Node, opName } from "./graph.ts";
import type { GatherItem, PickItem, ScatterItem } from "./items.ts";
import type { Materializer } from "./materialize.ts";

/** The rows that indices mean: once for all that read or write the same rows, forward and backward. */
export class Picks {
  private readonly buffers = new Map<string, number>();
  private readonly items = new Map<number, PickItem[]>();

  constructor(private readonly m: Pick<Materializer, "graph" | "buffers" | "want">) {}

  /** What is made as soon as node `indices` is there. */
  of(indices: number): readonly PickItem[] {
    return this.items.get(indices) ?? [];
  }

  /** The buffer with the rows that these indices mean along an axis of that size. */
  rows(indices: number, size: number, params: IndexingParams): number {
    const key = `${indices} ${size}`;
    const known = this.buffers.get(key);
    if (known !== undefined) return known;
    const { shape, dtype } = this.m.graph.nodes[indices];
    this.m.want(indices);
    const count = sizeOf(shape);
    const buffer = this.m.buffers.push({ size: count, dtype: "int32" }) - 1;
    this.buffers.set(key, buffer);
    if (count > 0) {
      const kind = dtype as "int32" | "uint32";
      const item: PickItem = { kind: "pick", buffer, indices, dtype: kind, shape, size, params };
      this.items.set(indices, [...this.of(indices), item]);
    }
    return buffer;
  }
}

/** Rows read, or put into their places. */
export function lookupItem(m: Materializer, id: number, node: Node): GatherItem | ScatterItem {
  const params = node.params as IndexingParams;
  const [x, indices, updates] = node.inputs;
  const { shape, dtype } = m.graph.nodes[x];
  const place = shape.length - 1 - params.inner;
  const { shape: full } = m.graph.nodes[indices];
  const source = sharedIndices(m, indices, params.picked);
  const layout = {
    buffer: id,
    rows: m.picks.rows(source, shape[place], params),
    shared: source !== indices,
    dtype,
    batch: sizeOf(shape.slice(0, place)),
    size: shape[place],
    row: sizeOf(shape.slice(place + 1)),
    picked: sizeOf(full.slice(full.length - params.picked)),
  };
  if (updates === undefined) {
    m.want(x);
    return { kind: "gather", source: x, ...layout };
  }
  m.want(updates);
  const before = isZero(m.graph.nodes[x]) ? -1 : x;
  if (before >= 0) m.want(x);
  const op = opName(node).slice("scatter".length).toLowerCase() as ScatterOp;
  return { kind: "scatter", op, source: before, updates, ...layout };
}

/** What is repeated to make indices that all batches share, else the indices themselves. */
function sharedIndices(m: Materializer, indices: number, picked: number): number {
  const { nodes } = m.graph;
  const { shape, inputs } = nodes[indices];
  if (opName(nodes[indices]) !== "broadcast") return indices;
  const from = nodes[inputs[0]].shape;
  const own = from.slice(Math.max(0, from.length - picked));
  const isShared = sizeOf(from) === sizeOf(own) && own.join() === shape.slice(shape.length - picked).join();
  return isShared ? inputs[0] : indices;
}

/** Whether a node is 0 everywhere (not -0). */
const isZero = (node: Node): boolean =>
  opName(node) === "constant" && Object.is((node.params as { value: number }).value, 0);
