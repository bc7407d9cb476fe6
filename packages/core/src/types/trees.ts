import { StateError } from "../util/errors.ts";

/** Nested arrays and plain objects with leaves of type T; `null` and `undefined` are empty trees. */
export type Tree<T> = T | null | undefined | readonly Tree<T>[] | { readonly [key: string]: Tree<T> };

/** A tree of the same structure as S with leaves of type T in the places of S's leaves L. */
export type MapTree<S, L, T> = S extends L
  ? T
  : S extends readonly unknown[]
    ? { [K in keyof S]: MapTree<S[K], L, T> }
    : S extends object
      ? { [K in keyof S]: MapTree<S[K], L, T> }
      : S;

/** A flattened tree: its leaves from left to right (keys in sorted order), and how to put new ones in their places. */
export interface FlatTree<T> {
  readonly leaves: T[];
  /** Equal for trees of equal structure. */
  readonly structure: string;
  readonly paths: string[];
  /** A tree of the same structure with other leaves. */
  unflatten<U>(leaves: readonly U[]): unknown;
}

type Skeleton =
  | "leaf"
  | { array: Skeleton[] }
  | { keys: string[]; fields: Skeleton[] }
  | { empty: null | undefined };

/** Takes a tree apart. @throws StateError for what is neither a leaf, an array nor a plain object. */
export function flattenTree<T>(
  tree: unknown,
  isLeaf: (value: unknown) => value is T,
  operation: string,
): FlatTree<T> {
  const leaves: T[] = [];
  const paths: string[] = [];
  const structure: string[] = [];
  const visit = (value: unknown, path: string): Skeleton => {
    if (isLeaf(value)) {
      leaves.push(value);
      paths.push(path);
      structure.push("*");
      return "leaf";
    }
    if (value === null || value === undefined) {
      structure.push(String(value));
      return { empty: value };
    }
    if (Array.isArray(value)) {
      structure.push("[");
      const array = value.map((item, index) => visit(item, `${path}[${index}]`));
      structure.push("]");
      return { array };
    }
    if (isPlainObject(value)) {
      const keys = Object.keys(value).sort();
      structure.push("{");
      const fields = keys.map((key) => {
        structure.push(`${JSON.stringify(key)}:`);
        return visit(value[key], path === "" ? key : `${path}.${key}`);
      });
      structure.push("}");
      return { keys, fields };
    }
    throw new StateError(
      `${describeValue(value)}${path === "" ? "" : ` at ${path}`} is not a tensor or a tree of tensors`,
      {
        operation,
        remedy: "Trees are tensors, arrays and plain objects of them",
      },
    );
  };
  const skeleton = visit(tree, "");
  return {
    leaves,
    paths,
    structure: structure.join(" "),
    unflatten: (values) => rebuild(skeleton, { values, next: 0 }),
  };
}

function rebuild(skeleton: Skeleton, from: { readonly values: readonly unknown[]; next: number }): unknown {
  if (skeleton === "leaf") return from.values[from.next++];
  if ("empty" in skeleton) return skeleton.empty;
  if ("array" in skeleton) return skeleton.array.map((item) => rebuild(item, from));
  const result: Record<string, unknown> = {};
  skeleton.keys.forEach((key, index) => {
    result[key] = rebuild(skeleton.fields[index], from);
  });
  return result;
}

/** True for objects made by `{}` or with a null prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What a value is, for messages. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return `an object of class ${value.constructor?.name ?? "unknown"}`;
  return `${typeof value} ${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
}
