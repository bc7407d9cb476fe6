import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { BatchedValue } from "../prims/control/call.ts";
import { asTensor, isTensorOrNumber } from "../prims/convert.ts";
import { formatShape, normalizeAxis } from "../types/shape.ts";
import { describeValue, flattenTree, isPlainObject } from "../types/trees.ts";
import { ShapeError, TraceError } from "../util/errors.ts";
import { checkFunction } from "./arguments.ts";
import { Lanes } from "./lanes.ts";
import { builder } from "./vjp.ts";

/** An axis to map over, null for what is the same in every lane, or a tree of them. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

export interface VmapOptions {
  /** For all arguments, or an array with one entry for each; 0 by default. */
  readonly inAxes?: Axes;
  /** Where the mapped axis goes in the result; 0 by default. */
  readonly outAxes?: Axes;
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
  if (!isPlainObject(tree)) {
    throw new TraceError(`axes name fields (${Object.keys(axes).join(", ")}) of ${describeValue(tree)}`, {
      operation,
      remedy: "inAxes is one axis for all arguments, or an array with an entry for each",
    });
  }
  const unknown = Object.keys(axes).find((key) => !(key in tree));
  if (unknown !== undefined) {
    throw new TraceError(`axes name the field ${unknown}, which is not there`, {
      operation,
      remedy: "Name the fields that are mapped: those without an entry are not",
    });
  }
  // Fields without an entry are not mapped.
  return Object.keys(tree)
    .sort()
    .flatMap((key) => axesForLeaves((axes as Record<string, Axes>)[key] ?? null, tree[key], operation));
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
  checkFunction(f, "vmap");
  return (...args) => {
    const flat = flattenTree(args, isTensorOrNumber, "vmap");
    const axes = axesForLeaves(options.inAxes ?? 0, args, "vmap");
    const values = flat.leaves.map((leaf) => asTensor(leaf, "vmap").node);
    const places = axes.map((axis, i) =>
      axis === null ? null : normalizeAxis("vmap", axis, values[i].rank),
    );
    const size = mappedSize(values, places);
    const mapping = new Lanes(size, "vmap");
    const lanes = values.map((value, i) => {
      const place = places[i];
      return place === null ? value : mapping.placeholder(moveAxis(value, place, 0));
    });
    const result = mapping.trace(() => f(...(flat.unflatten(lanes) as unknown as A)));
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TraceError("the function returned a Promise", {
        operation: "vmap",
        remedy: "Map synchronous functions",
      });
    }
    const out = flattenTree(result, isTensor, "vmap");
    const outAxes = axesForLeaves(options.outAxes ?? 0, result, "vmap");
    const mapped = mapping.collect(out.leaves.map((leaf) => leaf.node));
    return out.unflatten(mapped.map((node, i) => placeOutput(node, outAxes[i], out.leaves[i], size))) as R;
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
  throw new ShapeError(
    `mapped axes have sizes ${sizes.join(", ")} in ${values.map(({ shape }) => formatShape(shape)).join(", ")}`,
    {
      operation: "vmap",
      shapes: values.map((value) => value.shape),
      remedy: "All mapped axes must have one size; null in inAxes leaves an argument as it is",
    },
  );
}

function placeOutput(node: BatchedValue, axis: number | null, lane: Tensor, size: number): Tensor {
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
