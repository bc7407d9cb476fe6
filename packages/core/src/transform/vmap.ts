import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { BatchedValue } from "../prims/control/call.ts";
import { asTensor, isTensorOrNumber } from "../prims/convert.ts";
import { checkOptions } from "../types/options.ts";
import { formatShape, normalizeAxis } from "../types/shape.ts";
import { describeValue, flattenTree, isPlainObject } from "../types/trees.ts";
import { ShapeError, StateError, TraceError } from "../util/errors.ts";
import { checkFunction } from "./arguments.ts";
import { Lanes } from "./lanes.ts";
import { builder } from "./vjp.ts";

/** An axis to map over, null for what is the same in every lane, or a tree of them. */
export type Axes = number | null | readonly Axes[] | { readonly [key: string]: Axes };

export interface VmapOptions {
  /** For all arguments, or an array with one entry for each; 0 by default. */
  readonly inAxes?: Axes;
  /** Where the mapped axis goes in the result; 0 by default. Null for what is the same in every lane. */
  readonly outAxes?: Axes;
  /** How many lanes there are. Needed only where no argument is mapped: for draws without a key, say. */
  readonly axisSize?: number;
}

/** Strings, booleans and functions are no trees either: they are passed on as they are. */
const isLeaf = (value: unknown): value is unknown =>
  isTensorOrNumber(value) || ["string", "boolean", "function"].includes(typeof value);

const REMEDIES = {
  inAxes: "inAxes is one axis for all arguments, or an array with an entry for each",
  outAxes: "outAxes is one axis for all results, or a tree like the result",
} as const;

/** The axis for each leaf of a tree, from a prefix of that tree. */
function axesForLeaves(axes: Axes, tree: unknown, option: keyof typeof REMEDIES): (number | null)[] {
  if (axes === null || typeof axes === "number") {
    return flattenTree(tree, isLeaf, "vmap").leaves.map(() => axes);
  }
  const wrong = (message: string, remedy: string = REMEDIES[option]): TraceError =>
    new TraceError(message, { operation: "vmap", remedy });
  if (Array.isArray(axes)) {
    if (!Array.isArray(tree) || tree.length !== axes.length) {
      const given = Array.isArray(tree) ? `${tree.length} values` : describeValue(tree);
      throw wrong(`${option} lists ${axes.length} entries for ${given}`, "Give one axis (or null) for each");
    }
    return axes.flatMap((entry, i) => axesForLeaves(entry, tree[i], option));
  }
  if (!isPlainObject(axes)) throw wrong(`${option} holds ${describeValue(axes)}`);
  if (!isPlainObject(tree)) {
    throw wrong(`${option} names fields (${Object.keys(axes).join(", ")}) of ${describeValue(tree)}`);
  }
  const unknown = Object.keys(axes).find((key) => !(key in tree));
  if (unknown !== undefined) {
    throw wrong(
      `${option} names the field ${unknown}, which is not there`,
      "Name the fields that are mapped: those without an entry are not",
    );
  }
  // Fields without an entry are not mapped.
  return Object.keys(tree)
    .sort()
    .flatMap((key) => axesForLeaves((axes as Record<string, Axes>)[key] ?? null, tree[key], option));
}

/** A leaf of the arguments: with its axis counted from the front, or null for what all lanes get as it is. */
interface Argument {
  readonly value: unknown;
  readonly place: number | null;
}

function argumentOf(leaf: unknown, axis: number | null, path: string): Argument {
  if (!isTensorOrNumber(leaf)) return { value: leaf, place: null };
  const value = asTensor(leaf, "vmap").node;
  if (axis === null) return { value, place: null };
  if (value.rank === 0) {
    throw new ShapeError(`arguments${path} has shape [] and so no axis to map over`, {
      operation: "vmap",
      shapes: [value.shape],
      remedy: "Put null in its place in inAxes, and all lanes get it as it is: { inAxes: [0, null] }",
    });
  }
  return { value, place: normalizeAxis("vmap", axis, value.rank) };
}

const moveAxis = (x: Tensor, from: number, to: number): Tensor => {
  const axes = Array.from({ length: x.rank }, (_, axis) => axis).filter((axis) => axis !== from);
  axes.splice(to, 0, from);
  return builder.permute(x, axes);
};

/**
 * f mapped over an axis: traced once for one lane, then rewritten to compute all lanes together. Works under and over
 * grad, jvp, compile and other vmaps. Arguments and results are trees; strings, booleans and functions among the arguments
 * are passed on. Random draws without a key differ from lane to lane, and so do draws with a key of the lane's own; one key
 * for all lanes is one draw.
 * @throws TraceError when f reads a value, ShapeError when mapped sizes differ
 */
export function vmap<A extends readonly unknown[], R = Tensor>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: { [K in keyof A]: A[K] extends Tensor ? Tensor | number : A[K] }) => R {
  checkFunction(f, "vmap");
  checkOptions("vmap", options, ["inAxes", "outAxes", "axisSize"]);
  const { inAxes = 0, outAxes = 0, axisSize } = options;
  checkAxisSize(axisSize);
  return (...args) => {
    const flat = flattenTree(args, isLeaf, "vmap");
    const axes = axesForLeaves(inAxes, args, "inAxes");
    const given = flat.leaves.map((leaf, i) => argumentOf(leaf, axes[i], flat.paths[i]));
    const size = mappedSize(given, axisSize);
    const mapping = new Lanes(size, "vmap");
    const lanes = given.map(({ value, place }) =>
      place === null ? value : mapping.placeholder(moveAxis(value as Tensor, place, 0)),
    );
    const result = mapping.trace(() => f(...(flat.unflatten(lanes) as unknown as A)));
    if (result instanceof Promise) {
      result.catch(() => {});
      throw new TraceError("the function returned a Promise", {
        operation: "vmap",
        remedy: "Map synchronous functions",
      });
    }
    const out = flattenTree(result, isTensor, "vmap");
    const places = axesForLeaves(outAxes, result, "outAxes");
    const mapped = mapping.collect(out.leaves.map((leaf) => leaf.node));
    return out.unflatten(
      mapped.map((node, i) => placeOutput(node, places[i], out.leaves[i], size, out.paths[i])),
    ) as R;
  };
}

function checkAxisSize(axisSize: unknown): void {
  if (axisSize === undefined || (Number.isInteger(axisSize) && (axisSize as number) >= 0)) return;
  const given = typeof axisSize === "number" ? String(axisSize) : describeValue(axisSize);
  throw new StateError(`axisSize is ${given}`, {
    operation: "vmap",
    remedy: "It is the number of lanes: a whole number from 0 on",
  });
}

/** How many lanes there are. @throws ShapeError unless all arguments say the same */
function mappedSize(given: readonly Argument[], axisSize: number | undefined): number {
  const mapped = given.filter(({ place }) => place !== null) as { value: Tensor; place: number }[];
  const sizes = mapped.map(({ value, place }) => value.shape[place]);
  const size = axisSize ?? sizes[0];
  if (size === undefined) {
    throw new ShapeError("no argument is mapped", {
      operation: "vmap",
      remedy: "inAxes needs at least one axis that is not null, or axisSize says how many lanes there are",
    });
  }
  const shapes = mapped.map(({ value }) => value.shape);
  if (sizes.every((one) => one === size)) return size;
  const listed = `mapped axes have sizes ${sizes.join(", ")} in ${shapes.map(formatShape).join(", ")}`;
  throw new ShapeError(axisSize === undefined ? listed : `${listed}, but axisSize is ${axisSize}`, {
    operation: "vmap",
    shapes,
    remedy: "All mapped axes must have one size; null in inAxes leaves an argument as it is",
  });
}

function placeOutput(
  node: BatchedValue,
  axis: number | null,
  lane: Tensor,
  size: number,
  path: string,
): Tensor {
  if (axis === null) {
    if (!node.batched) return node.value;
    const name = path === "" ? "a result" : `the result ${path}`;
    throw new TraceError(`outAxes is null for ${name} that differs from lane to lane`, {
      operation: "vmap",
      remedy: "Give the axis along which its lanes are stacked",
    });
  }
  const full = node.batched ? node.value : builder.broadcast(node.value, [size, ...lane.shape]);
  return moveAxis(full, 0, normalizeAxis("vmap", axis, full.rank));
}
