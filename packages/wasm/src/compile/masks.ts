import type { Shape } from "@cotangent/core";
import { type Node, opName } from "./graph.ts";
import { paramsKey } from "./paramsKey.ts";
import type { Rewriter, Rule } from "./rewriter.ts";

/**
 * What derivatives leave of masks. A sum of masked terms has the OR of their masks, and what it sums up is masked by that
 * again: of a mask m and `any(m)` along some axes, m implies the other. And class indices compared with 0, 1, 2 ... along an
 * axis give at most one true element, so that sums along it need not be made.
 */

/** m and any(m) is m; m or any(m) is any(m). */
export const bitwiseOfMasks: Rule = (s, node) => {
  const { op } = node.params as { op: string };
  const [x, y] = node.inputs;
  if (node.dtype !== "bool" || (op !== "and" && op !== "or")) return null;
  if (implies(s, x, y)) return op === "and" ? x : y;
  if (implies(s, y, x)) return op === "and" ? y : x;
  return null;
};

/** where(any(m), x, 0) is x, if x is 0 itself wherever m is false; of m and n only n is left. */
export const whereOfMasked: Rule = (s, node) => {
  const [mask, x, otherwise] = node.inputs;
  const value = s.nodes[x];
  if (opName(value) === "where" && value.inputs[0] === mask) {
    return value.inputs[2] === otherwise ? x : null;
  }
  if (!Object.is(s.literal(otherwise), 0)) return null;
  const terms = opName(value) === "add" ? value.inputs : [x];
  if (terms.every((term) => isZeroOutside(s, term, mask)) || isSumOfMasked(s, value, s.nodes[mask])) return x;
  const both = s.nodes[mask];
  if (opName(both) !== "bitwise" || (both.params as { op: string }).op !== "and") return null;
  const [m, n] = both.inputs;
  const rest = isZeroOutside(s, x, m) ? n : isZeroOutside(s, x, n) ? m : null;
  return rest === null ? null : s.make("where", [rest, x, otherwise], node.params, node.shape, node.dtype);
};

/** Whether an index is met along an axis of so many classes. */
export const anyOfOneHot: Rule = (s, node) => {
  const found = oneHot(s, node);
  if (found === null) return null;
  const { index, size } = found;
  const { dtype } = s.nodes[index];
  const within = (op: string, bound: number): number =>
    s.make("compare", [index, s.constant(bound, node.shape, dtype)], { op }, node.shape, "bool");
  const bounds = [within("greaterEqual", 0), within("lessEqual", size - 1)];
  return s.make("bitwise", bounds, { op: "and" }, node.shape, "bool");
};

/** The sum of one value and zeros. */
export const sumOfOneHot: Rule = (s, node) => {
  const [x] = node.inputs;
  const masked = s.nodes[x];
  if (opName(masked) !== "where" || !Object.is(s.literal(masked.inputs[2]), 0)) return null;
  const [mask, value] = masked.inputs;
  const any: Node = { ...node, inputs: [mask], dtype: "bool" };
  const found = oneHot(s, any);
  const one = found === null ? null : withoutAxis(s, value, found.axis, node.shape);
  if (one === null) return null;
  const zero = s.constant(0, node.shape, node.dtype);
  // A sum starts from 0, so that the sum of -0 is 0.
  const sum = s.make("add", [one, zero], {}, node.shape, node.dtype);
  const isMet = s.make("reduceOr", [mask], node.params, node.shape, "bool");
  return s.make("where", [isMet, sum, zero], {}, node.shape, node.dtype);
};

/** A mask that was made numbers, moved, and compared with 0: the mask, moved. */
export const maskOfNumbers: Rule = (s, node) => {
  const [x, y] = node.inputs;
  if ((node.params as { op: string }).op !== "notEqual" || !Object.is(s.literal(y), 0)) return null;
  const moves: Node[] = [];
  let source = x;
  while (["permute", "reshape"].includes(opName(s.nodes[source]))) {
    moves.push(s.nodes[source]);
    [source] = s.nodes[source].inputs;
  }
  const [mask] = s.nodes[source].inputs;
  if (opName(s.nodes[source]) !== "cast" || s.nodes[mask].dtype !== "bool") return null;
  return moves.reduceRight(
    (moved, { shape, params, prim }) => s.make(prim?.name as string, [moved], params, shape, "bool"),
    mask,
  );
};

/** Whether `any` is the OR of a mask and `sum` the sum, along the same axes, of what is 0 wherever the mask is false. */
function isSumOfMasked(s: Rewriter, sum: Node, any: Node): boolean {
  if (opName(sum) !== "reduceSum" || opName(any) !== "reduceOr") return false;
  const axes = ({ params }: Node): string => (params as { axes: readonly number[] }).axes.join();
  return axes(sum) === axes(any) && isZeroOutside(s, sum.inputs[0], any.inputs[0]);
}

/** Steps back that are looked at. */
const DEPTH = 6;

/** Whether x is 0 wherever `mask` is false. */
function isZeroOutside(s: Rewriter, x: number, mask: number, depth = DEPTH): boolean {
  const node = s.nodes[x];
  const name = opName(node);
  if (depth === 0) return false;
  if (name === "where") {
    const [own, value, otherwise] = node.inputs;
    if (!Object.is(s.literal(otherwise), 0)) return false;
    return (
      isWithin(s, own, mask) ||
      isZeroOutside(s, value, mask, depth - 1) ||
      isZeroOutsideBoth(s, x, mask, depth)
    );
  }
  const moved = name === "fold" ? maskOfFold(s, mask) : s.nodes[mask];
  if (moved === null || !MOVEMENTS.has(name) || opName(moved) !== name)
    return isZeroOutsideBoth(s, x, mask, depth);
  const [source, sourceMask] = [node.inputs[0], moved.inputs[0]];
  return (
    paramsKey(moved.params) === paramsKey(node.params) &&
    s.nodes[source].shape.join() === s.nodes[sourceMask].shape.join() &&
    isZeroOutside(s, source, name === "fold" ? s.nodes[sourceMask].inputs[0] : sourceMask, depth - 1)
  );
}

/** What leaves zeros zeros, wherever it moves them. */
const MOVEMENTS = new Set(["permute", "reshape", "slice", "flip", "pad", "windows", "fold"]);

/** For a mask of the places where windows have anything: the node that counts those that have. */
function maskOfFold(s: Rewriter, mask: number): Node | null {
  const node = s.nodes[mask];
  if (opName(node) !== "compare" || (node.params as { op: string }).op !== "notEqual") return null;
  const [counts, zero] = node.inputs;
  const source = s.nodes[s.nodes[counts].inputs[0]];
  const isCount = opName(s.nodes[counts]) === "fold" && opName(source) === "cast";
  const isOfMask = isCount && s.nodes[source.inputs[0]].dtype === "bool";
  return isOfMask && Object.is(s.literal(zero), 0) ? s.nodes[counts] : null;
}

/** Whether a mask is true only where another one is. */
function isWithin(s: Rewriter, own: number, mask: number): boolean {
  if (own === mask || implies(s, own, mask)) return true;
  const node = s.nodes[own];
  const isBoth = opName(node) === "bitwise" && (node.params as { op: string }).op === "and";
  return isBoth && node.inputs.some((one) => one === mask || implies(s, one, mask));
}

/** Whether x is 0 outside a mask and outside another one, where the mask is both of them. */
function isZeroOutsideBoth(s: Rewriter, x: number, mask: number, depth: number): boolean {
  const node = s.nodes[mask];
  return (
    opName(node) === "bitwise" &&
    (node.params as { op: string }).op === "and" &&
    node.inputs.every((one) => isZeroOutside(s, x, one, depth - 1))
  );
}

/** Whether `any` is true wherever `mask` is: it is that, or the OR of it along some axes. */
function implies(s: Rewriter, mask: number, any: number): boolean {
  if (mask === any) return true;
  if (opName(s.nodes[any]) !== "broadcast") return false;
  const { shape } = s.nodes[mask];
  const [kept] = s.nodes[any].inputs;
  const sizes = padded(s.nodes[kept].shape, shape.length);
  const spread = shape.map((_, axis) => axis).filter((axis) => sizes[axis] !== shape[axis]);
  let source = kept;
  while (opName(s.nodes[source]) === "reshape") [source] = s.nodes[source].inputs;
  const name = opName(s.nodes[source]);
  if (name !== "reduceOr" && name !== "bitwise") return false;
  const axes = spread.map((axis) => axis - shape.length);
  const rest = shape.filter((_, axis) => !spread.includes(axis));
  return s.make("reduceOr", [mask], { axes }, rest, "bool") === source;
}

/** For `any` along one axis of a comparison of an index with the places along that axis: the index, without the axis. */
function oneHot(s: Rewriter, any: Node): { index: number; axis: number; size: number } | null {
  const compared = s.nodes[any.inputs[0]];
  if (opName(compared) !== "compare" || (compared.params as { op: string }).op !== "equal") return null;
  const { axes } = any.params as { axes: readonly number[] };
  const axis = axes[0] + compared.shape.length;
  const size = compared.shape[axis];
  if (axes.length !== 1 || size === 0) return null;
  const [x, y] = compared.inputs;
  if (s.nodes[x].dtype.startsWith("float")) return null;
  const other = countsAlong(s, x, axis) ? y : countsAlong(s, y, axis) ? x : null;
  const index = other === null ? null : withoutAxis(s, other, axis, any.shape);
  return index === null ? null : { index, axis, size };
}

/** Whether a value is 0, 1, 2 ... along an axis, the same along all others. */
function countsAlong(s: Rewriter, id: number, axis: number): boolean {
  const { shape, inputs, params } = s.nodes[id];
  if (opName(s.nodes[id]) === "iota") return (params as { axis: number }).axis === axis;
  if (opName(s.nodes[id]) !== "broadcast") return false;
  const sizes = padded(s.nodes[inputs[0]].shape, shape.length);
  if (sizes[axis] !== shape[axis] || sizes.some((size, i) => i !== axis && size !== 1)) return false;
  const [source] = inputs;
  const counted =
    opName(s.nodes[source]) === "reshape" ? s.nodes[s.nodes[source].inputs[0]] : s.nodes[source];
  const { axis: own } = counted.params as { axis: number };
  return opName(counted) === "iota" && counted.shape[own] === shape[axis];
}

/** A value that is the same all along an axis, without the axis; null where that is not known. */
function withoutAxis(s: Rewriter, id: number, axis: number, shape: Shape): number | null {
  const { dtype, inputs, shape: full } = s.nodes[id];
  const literal = s.literal(id);
  if (literal !== null) return s.constant(literal, shape, dtype);
  if (opName(s.nodes[id]) !== "broadcast") return null;
  const sizes = padded(s.nodes[inputs[0]].shape, full.length);
  if (sizes[axis] !== 1) return null;
  const rest = sizes.filter((_, i) => i !== axis);
  const reshaped = s.make("reshape", inputs, { shape: rest }, rest, dtype);
  return s.make("broadcast", [reshaped], { shape }, shape, dtype);
}

/** A shape with ones before it, up to that rank. */
const padded = (shape: Shape, rank: number): number[] => [
  ...new Array<number>(rank - shape.length).fill(1),
  ...shape,
];

/** A number within a box, zeros around it: index arithmetic, nothing that must lie in memory. */
export function literalInZeros(s: Rewriter, { inputs: [x], params, shape, dtype }: Node): number | null {
  const value = s.literal(x);
  const { low, high, interior } = params as Record<"low" | "high" | "interior", readonly number[]>;
  if (value === null || interior.some((n) => n !== 0)) return null;
  const leading = shape.length - low.length;
  const isInside = low.flatMap((before, i) => {
    const axis = leading + i;
    const place = (): number => s.make("iota", [], { axis, shape, dtype: "int32" }, shape, "int32");
    const than = (op: string, bound: number): number =>
      s.make("compare", [place(), s.constant(bound, shape, "int32")], { op }, shape, "bool");
    return [
      ...(before > 0 ? [than("greaterEqual", before)] : []),
      ...(high[i] > 0 ? [than("less", shape[axis] - high[i])] : []),
    ];
  });
  if (isInside.length === 0) return s.constant(value, shape, dtype);
  const mask = isInside.reduce((all, one) => s.make("bitwise", [all, one], { op: "and" }, shape, "bool"));
  if (dtype === "bool") return mask;
  const choice = [mask, s.constant(value, shape, dtype), s.constant(0, shape, dtype)];
  return s.make("where", choice, {}, shape, dtype);
}
