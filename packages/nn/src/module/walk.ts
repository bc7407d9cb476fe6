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

/** Calls `visit` with what a module, an array, a Map, a Set or a plain object holds, by name; for others with nothing. */
function eachChild(value: object, visit: (name: unknown, child: unknown) => void): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) visit(i, value[i]);
  } else if (value instanceof Map) {
    for (const [name, child] of value) visit(name, child);
  } else if (value instanceof Set) {
    let i = 0;
    for (const child of value) visit(i++, child);
  } else if (isModule(value) || isPlainObject(value)) {
    for (const name of Object.keys(value)) visit(name, (value as Record<string, unknown>)[name]);
  }
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
    eachChild(value, (name, child) => {
      if (typeof child !== "object" || child === null) return;
      inside.push({ value: child, path: path === "" ? String(name) : `${path}.${name}`, owner: within });
    });
    for (let i = inside.length - 1; i >= 0; i--) stack.push(inside[i]);
  }
  return found;
}

const ambiguous = (path: string): StateError =>
  new StateError(`two different fields have the path ${path}`, {
    operation: "Module",
    remedy: "Names of fields and keys must not contain dots that make paths ambiguous",
  });
