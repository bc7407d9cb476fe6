import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { DType } from "../types/dtype.ts";
import { type Shape, sameShape } from "../types/shape.ts";
import { isPlainObject } from "../types/trees.ts";

/** What compiled functions take apart their arguments into. */
export type Leaf = Tensor | number | string | boolean;

export const isLeaf = (value: unknown): value is Leaf =>
  isTensor(value) || typeof value === "number" || typeof value === "string" || typeof value === "boolean";

/**
 * What an argument must be for a trace to serve it: structure, shapes, dtypes, strings and booleans; of numbers, only
 * whether they are whole. The same that a signature says, but compared without building a string.
 */
export interface Pattern {
  readonly kind: "tensor" | "integer" | "fractional" | "static" | "empty" | "array" | "object";
  readonly shape: Shape | null;
  readonly dtype: DType | null;
  /** Of a static or an empty one. */
  readonly value: unknown;
  /** Of an object, sorted. */
  readonly keys: readonly string[];
  /** Of an array or an object. */
  readonly items: readonly Pattern[];
}

const NOTHING: Pattern = { kind: "empty", shape: null, dtype: null, value: null, keys: [], items: [] };

/** The pattern of a value that `flattenTree` accepts. */
export function patternOf(value: unknown): Pattern {
  if (isTensor(value)) return { ...NOTHING, kind: "tensor", shape: value.shape, dtype: value.dtype };
  if (typeof value === "number")
    return { ...NOTHING, kind: Number.isInteger(value) ? "integer" : "fractional" };
  if (value === null || value === undefined) return { ...NOTHING, value };
  if (Array.isArray(value)) return { ...NOTHING, kind: "array", items: Array.from(value, patternOf) };
  if (typeof value !== "object") return { ...NOTHING, kind: "static", value };
  const keys = Object.keys(value).sort();
  const items = keys.map((key) => patternOf((value as Record<string, unknown>)[key]));
  return { ...NOTHING, kind: "object", keys, items };
}

/** Whether `value` fits; its leaves are added to `leaves`, in the order of `flattenTree`. */
export function matches(pattern: Pattern, value: unknown, leaves: Leaf[]): boolean {
  switch (pattern.kind) {
    case "tensor":
      if (!isTensor(value) || value.dtype !== pattern.dtype) return false;
      if (!sameShape(value.shape, pattern.shape as Shape)) return false;
      leaves.push(value);
      return true;
    case "integer":
    case "fractional":
      if (typeof value !== "number" || Number.isInteger(value) !== (pattern.kind === "integer")) return false;
      leaves.push(value);
      return true;
    case "static":
      if (value !== pattern.value) return false;
      leaves.push(value as Leaf);
      return true;
    case "empty":
      return value === pattern.value;
    case "array":
      return Array.isArray(value) && matchesArray(pattern.items, value, leaves);
    case "object":
      return isPlainObject(value) && matchesObject(pattern, value, leaves);
  }
}

function matchesArray(items: readonly Pattern[], values: readonly unknown[], leaves: Leaf[]): boolean {
  if (values.length !== items.length) return false;
  for (let i = 0; i < items.length; i++) if (!matches(items[i], values[i], leaves)) return false;
  return true;
}

function matchesObject(
  { keys, items }: Pattern,
  fields: Readonly<Record<string, unknown>>,
  leaves: Leaf[],
): boolean {
  if (Object.keys(fields).length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) {
    if (!Object.hasOwn(fields, keys[i]) || !matches(items[i], fields[keys[i]], leaves)) return false;
  }
  return true;
}
