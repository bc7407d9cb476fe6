import { apply } from "../ir/apply.ts";
import { type Frame, inFrame } from "../ir/frames.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { asTensor, isTensorOrNumber } from "../prims/convert.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { formatShape, normalizeAxis } from "../types/shape.ts";
import { describeValue, flattenTree } from "../types/trees.ts";
import { ShapeError, TraceError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";
import { builder } from "./vjp.ts";

/** An axis to map over, null for what is the same in every lane, or a tree of them. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

export interface VmapOptions {
  /** For all arguments, or an array with one entry for each; 0 by default. */
  readonly inAxes?: Axes;
  /** Where the mapped axis goes in the result; 0 by default. */
  readonly outAxes?: Axes;
}

/** A mapped function being traced. */
export interface VmapFrame extends Frame {
  readonly kind: "vmap";
  /** The key of this lane, derived from one that all lanes share. */
  laneKey(key: Tensor): Tensor;
}

/** The axis for each leaf of a tree, from a prefix of that tree. */
function axesForLeaves(axes: Axes | undefined, tree: unknown, operation: string): (number | null)[] {
  if (axes === undefined || axes === null || typeof axes === "number") {
    return flattenTree(tree, isTensorOrNumber, operation).leaves.map(() => (axes === undefined ? 0 : axes));
  }
  if (Array.isArray(axes)) {
    if (!Array.isArray(tree) || tree.length !== axes.length) {
      throw new TraceError(
        `axes list ${axes.length} entries for ${Array.isArray(tree) ? `${tree.length} values` : describeValue(tree)}`,
        {
          operation,
          remedy: "Give one axis (or null) for each",
        },
      );
    }
    return axes.flatMap((entry, i) => axesForLeaves(entry, tree[i], operation));
  }
  const fields = tree as Record<string, unknown>;
  return Object.keys(fields ?? {})
    .sort()
    .flatMap((key) => axesForLeaves((axes as Record<string, Axes>)[key] ?? null, fields[key], operation));
}

const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const axes = Array.from({ length: x.rank }, (_, axis) => axis).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return builder.permute(x, axes);
};

/**
 * f mapped over an axis: traced once for one lane, then rewritten to compute all lanes together. Works under and over
 * grad, jvp and other vmaps. Random draws without a key differ from lane to lane.
 * @throws TraceError when f reads a value, ShapeError when mapped sizes differ
 */
export function vmap<A extends readonly unknown[], R = Tensor>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: { [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K] }) => R {
  return (...args) => {
    const flat = flattenTree(args, isTensorOrNumber, "vmap");
    const axes = axesForLeaves(options.inAxes ?? 0, args, "vmap");
    const values = flat.leaves.map((leaf) => asTensor(leaf, "vmap").node);
    const places = axes.map((axis, i) =>
      axis === null ? null : normalizeAxis("vmap", axis, values[i].rank),
    );
    const size = mappedSize(values, places);
    const batched = new Map<Tensor, Tensor>();
    const placeholder = (value: Tensor): Tensor => {
      const lane = inputLeaf(`lane${batched.size}`, value.shape.slice(1), value.dtype);
      batched.set(lane, value);
      return lane;
    };
    const lanes = values.map((value, i) => {
      const place = places[i];
      return place === null ? value : placeholder(moveAxis(value, place, 0));
    });
    const frame: VmapFrame = {
      kind: "vmap",
      name: "vmap",
      laneKey: (key) => placeholder(builder.randomBits(key, [size], true)),
    };
    const result = inFrame(frame, () => f(...(flat.unflatten(lanes) as unknown as A)));
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TraceError("the function returned a Promise", {
        operation: "vmap",
        remedy: "Map synchronous functions",
      });
    }
    const out = flattenTree(result, isTensor, "vmap");
    const outAxes = axesForLeaves(options.outAxes ?? 0, result, "vmap");
    const mapped = batchNodes(
      out.leaves.map((leaf) => leaf.node),
      batched,
      size,
    );
    return out.unflatten(
      mapped.map((node, i) => placeOutput(node, outAxes[i], out.leaves[i], batched, size)),
    ) as R;
  };
}

function mappedSize(values: readonly Tensor[], places: readonly (number | null)[]): number {
  const sizes = values.flatMap((value, i) => {
    const place = places[i];
    return place === null ? [] : [value.shape[place]];
  });
  if (sizes.length === 0) {
    throw new ShapeError("no argument is mapped", {
      operation: "vmap",
      remedy: "inAxes needs at least one axis that is not null",
    });
  }
  if (sizes.every((size) => size === sizes[0])) return sizes[0];
  throw new ShapeError(`mapped axes have sizes ${sizes.join(", ")}`, {
    operation: "vmap",
    shapes: values.map((value) => value.shape),
    remedy: "All mapped axes must have one size; null in inAxes leaves an argument as it is",
  });
}

function placeOutput(node: BatchedNode, axis: number | null, lane: Tensor, _: unknown, size: number): Tensor {
  if (axis === null) {
    if (!node.batched) return node.value;
    throw new TraceError("outAxes is null for a result that differs from lane to lane", {
      operation: "vmap",
      remedy: "Give the axis along which its lanes are stacked",
    });
  }
  const full = node.batched ? node.value : builder.broadcast(node.value, [size, ...lane.shape]);
  return moveAxis(full, 0, normalizeAxis("vmap", axis, full.rank));
}

interface BatchedNode {
  readonly value: Tensor;
  readonly batched: boolean;
}

/** Every node between the placeholders and the outputs, made again with the mapped axis in front. */
function batchNodes(
  outputs: readonly Tensor[],
  batched: ReadonlyMap<Tensor, Tensor>,
  size: number,
): BatchedNode[] {
  const oldest = [...batched.keys()].reduce((id, lane) => Math.min(id, lane.id), Number.POSITIVE_INFINITY);
  const graph = topology(outputs, (node) => node.symbolic && node.id >= oldest);
  const made = new Map<Tensor, Tensor>(batched);
  for (const node of graph.nodes) {
    if (made.has(node)) continue;
    const flags = node.inputs.map((input) => made.has(input));
    if (!flags.includes(true)) continue;
    const inputs = node.inputs.map((input) => made.get(input) ?? input);
    made.set(node, batchOne(node, inputs, flags, size));
  }
  return outputs.map((output) => ({ value: made.get(output) ?? output, batched: made.has(output) }));
}

function batchOne(node: Tensor, inputs: readonly Tensor[], flags: readonly boolean[], size: number): Tensor {
  const { batch } = node.prim;
  const value =
    batch === "same"
      ? apply(
          node.prim,
          inputs.map((x, k) => (flags[k] ? x : builder.broadcast(x, [size, ...x.shape]))),
          node.params,
        )
      : batch(builder, inputs, flags, node.params, size);
  if (value.rank !== node.rank + 1) {
    throw new TraceError(
      `${node.prim.name}: ${formatShape(node.shape)} was mapped to ${formatShape(value.shape)}`,
      { operation: "vmap", remedy: FAULT },
    );
  }
  return value;
}
