import { isTensor, StateError, type Variable } from "@cotangent/core";

/** Marks a module, of whichever copy of this package made it. */
export const MODULE: unique symbol = Symbol.for("cotangent/module@1") as never;

/** What the walk knows of a module. */
export interface ModuleNode {
  readonly [MODULE]: true;
}

/** A module or a variable as it was found in the tree. */
export interface Found {
  /** Modules by path; the root's path is "". */
  readonly modules: Map<string, ModuleNode>;
  /** Variables by path. */
  readonly variables: Map<string, Variable>;
  /** The path of the module in which a variable was found. */
  readonly owners: Map<Variable, string>;
}

/** True for modules, of whichever copy of this package made them. */
export const isModule = (value: unknown): value is ModuleNode =>
  typeof value === "object" && value !== null && (value as Partial<ModuleNode>)[MODULE] === true;

/** True for variables: tensors that can be assigned. */
export const isVariable = (value: unknown): value is Variable =>
  isTensor(value) && typeof (value as Partial<Variable>).assign === "function";

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a module, an array, a Map, a Set or a plain object holds, by name; nothing for other things. */
function children(value: object): Iterable<[unknown, unknown]> {
  if (Array.isArray(value)) return value.entries();
  if (value instanceof Map) return value.entries();
  if (value instanceof Set) return [...value].entries();
  return isModule(value) || isPlainObject(value) ? Object.entries(value) : [];
}

interface Place {
  readonly value: object;
  readonly path: string;
  readonly owner: string;
}

/**
 * All modules and variables that are reachable from `root`, in the order of its fields. What is reachable on several
 * ways is listed once, by the path found first, so cycles end. Nothing here recurses.
 * @throws StateError when two variables have one path
 */
export function walk(root: ModuleNode): Found {
  const found: Found = { modules: new Map(), variables: new Map(), owners: new Map() };
  const seen = new Set<object>();
  const stack: Place[] = [{ value: root, path: "", owner: "" }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const { value, path, owner } = place;
    if (seen.has(value)) continue;
    seen.add(value);
    if (isVariable(value)) {
      if (found.variables.has(path)) throw ambiguous(path);
      found.variables.set(path, value);
      found.owners.set(value, owner);
      continue;
    }
    if (isTensor(value)) continue;
    const within = isModule(value) ? path : owner;
    if (isModule(value)) {
      if (found.modules.has(path)) throw ambiguous(path);
      found.modules.set(path, value);
    }
    const inside: Place[] = [];
    for (const [key, child] of children(value)) {
      if (typeof child !== "object" || child === null) continue;
      inside.push({ value: child, path: path === "" ? String(key) : `${path}.${key}`, owner: within });
    }
    for (let i = inside.length - 1; i >= 0; i--) stack.push(inside[i]);
  }
  return found;
}

const ambiguous = (path: string): StateError =>
  new StateError(`two different fields have the path ${path}`, {
    operation: "Module",
    remedy: "Names of fields and keys must not contain dots that make paths ambiguous",
  });
