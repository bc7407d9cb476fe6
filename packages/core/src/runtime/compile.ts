import { apply } from "../ir/apply.ts";
import { activeFrames, inFrame } from "../ir/frames.ts";
import { Storage } from "../ir/storage.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { compiledResult } from "../prims/identity.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { formatShape, toShape } from "../types/shape.ts";
import { describeValue, type FlatTree, flattenTree } from "../types/trees.ts";
import { StateError, TraceError } from "../util/errors.ts";
import { LruMap } from "../util/lru.ts";
import { flush } from "./flush.ts";
import { recordHistory } from "./history.ts";
import { boundStorage, Numbering } from "./numbering.ts";
import { Plan } from "./plan.ts";
import { runPlan } from "./run.ts";
import { CompileTrace } from "./trace.ts";
import type { Variable } from "./variable.ts";

export interface CompileOptions {
  /**
   * Trace again at every call and throw a TraceError when the function has become another one: it read JavaScript
   * state that changed. Slow; for finding mistakes.
   */
  readonly verify?: boolean;
  /** For messages; the function's own name unless given. */
  readonly name?: string;
}

/** Signatures kept for each compiled function, those used last. */
const MAX_SIGNATURES = 64;
/** Traces kept for each signature: one for each state of the library that the function depends on. */
const MAX_TRACES = 8;

type Leaf = Tensor | number | string | boolean;
const isLeaf = (value: unknown): value is Leaf =>
  isTensor(value) || typeof value === "number" || typeof value === "string" || typeof value === "boolean";

/** What makes a new trace necessary: structure, shapes, dtypes, strings and booleans; not the numbers. */
function signatureOf({ structure, leaves }: FlatTree<Leaf>): string {
  const parts = leaves.map((leaf) => {
    if (isTensor(leaf)) return `${leaf.dtype}[${leaf.shape.join()}]`;
    if (typeof leaf === "number") return Number.isInteger(leaf) ? "integer" : "fractional";
    return JSON.stringify(leaf);
  });
  return `${structure} ${parts.join(" ")}`;
}

/** A traced function: its plan, and what to bind to each slot. */
interface Traced {
  readonly trace: CompileTrace;
  readonly numbering: Numbering;
  readonly plan: Plan;
  /** The place of each argument leaf's placeholder; null for static ones. */
  readonly placeholders: readonly (Tensor | null)[];
  readonly result: FlatTree<Tensor>;
  readonly assigned: readonly Variable[];
}

function placeholderFor(leaf: Leaf, index: number): Tensor | null {
  if (isTensor(leaf)) return inputLeaf(`argument${index}`, leaf.shape, leaf.dtype);
  if (typeof leaf === "number") {
    return inputLeaf(
      `argument${index}`,
      toShape([]),
      "float64",
      Number.isInteger(leaf) ? "integer" : "fractional",
    );
  }
  return null;
}

function traceFunction(f: (...args: never[]) => unknown, flat: FlatTree<Leaf>, name: string): Traced {
  const trace = new CompileTrace(name);
  const first = inputLeaf("first", toShape([]), "bool").id;
  const placeholders = flat.leaves.map(placeholderFor);
  const args = flat.unflatten(placeholders.map((leaf, i) => leaf ?? flat.leaves[i])) as never[];
  const returned = inFrame(trace, () => f(...args));
  if (returned instanceof Promise) {
    returned.catch(() => {});
    throw new TraceError("the function returned a Promise", {
      operation: "compile",
      remedy: "Compile the synchronous part, and await its results outside",
    });
  }
  const result = flattenTree(returned, isTensor, "compile");
  const fillable = new Map<Tensor, Variable | null>();
  for (const leaf of placeholders) if (leaf !== null) fillable.set(leaf, null);
  for (const { leaf } of trace.hidden) fillable.set(leaf, null);
  for (const [cell, version] of trace.imported) fillable.set(version.read(), cell);
  const assigned = [...trace.assigned.keys()];
  evaluateCaptured(
    [...result.leaves, ...assigned.map((cell) => trace.assigned.get(cell)?.producer as Tensor)],
    first,
  );
  // Inside the trace, results are read as the versions that the function leaves behind.
  const roots = result.leaves.map((leaf) => inFrame(trace, () => leaf.node));
  const assignments = assigned.map((cell) => ({ cell, value: trace.assigned.get(cell)?.producer as Tensor }));
  const numbering = new Numbering(roots, assignments, fillable);
  return {
    trace,
    numbering,
    plan: new Plan(numbering.key.slice(), numbering.program()),
    placeholders,
    result,
    assigned,
  };
}

/**
 * What the function captured was made before `first`: it is a constant of the trace, computed now rather than at every
 * call, and independent of what happens to the variables that it was made of.
 */
function evaluateCaptured(roots: readonly Tensor[], first: number): void {
  const made = topology(roots, ({ id }) => id >= first).nodes;
  const frontier = [...made.flatMap((node) => node.inputs), ...roots].filter(
    (node) => node.id < first && !node.symbolic && node.storage === null && node.inputs.length > 0,
  );
  flush([...new Set(frontier)]);
}

/** The storage of an evaluated argument. */
function argumentStorage(leaf: Tensor | number): Storage {
  if (typeof leaf === "number") return Storage.scalar("float64", leaf);
  const node = leaf.node;
  if (node.storage !== null) return node.storage;
  return (node.params as { version: { value(): Storage } }).version.value();
}

function call(traced: Traced, flat: FlatTree<Leaf>, name: string): unknown {
  const { trace, numbering, plan, placeholders, result, assigned } = traced;
  flush(flat.leaves.filter(isTensor).map((leaf) => leaf.node));
  const given = new Map<Tensor, Storage>();
  placeholders.forEach((leaf, i) => {
    if (leaf !== null) given.set(leaf, argumentStorage(flat.leaves[i] as Tensor | number));
  });
  for (const { leaf, read } of trace.hidden) given.set(leaf, new Storage(leaf.dtype, leaf.size, read()));
  for (const [cell, version] of trace.imported) given.set(version.read(), cell.committedVersion.value());
  const storages = numbering.slots.map((slot) => given.get(slot.tensor) ?? boundStorage(slot));
  const { values } = runPlan(plan, numbering, storages, () => true);
  const sources = [
    ...flat.leaves.filter(isTensor).map((leaf) => leaf.node),
    ...[...trace.imported.keys()].map((cell) => cell.committedVersion.read()),
  ];
  const results = result.leaves.map((leaf, i) => {
    const { shape, dtype } = leaf;
    const tensor = apply(compiledResult, sources, { shape, dtype, name });
    tensor.storage = values[i];
    return tensor;
  });
  assigned.forEach((cell, i) => {
    cell.replace(values[results.length + i]);
  });
  recordHistory(results, { tensors: results, slots: sources.map((tensor) => ({ tensor, version: null })) });
  for (const action of trace.afterCalls) action();
  return result.unflatten(results);
}

/**
 * f with its graph kept: traced once for each structure, shape and dtype of its arguments (numbers may change freely;
 * strings and booleans are part of the signature), then run as one plan. Variables that f reads and assigns are inputs
 * and outputs of the plan. Inside grad, jvp, vmap or another compiled function, f simply runs.
 * @throws TraceError when f reads a value or returns a Promise, GradientError when its result is differentiated through
 */
export function compile<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: CompileOptions = {},
): (...args: A) => R {
  if (typeof f !== "function")
    throw new StateError(`expected a function, got ${describeValue(f)}`, { operation: "compile" });
  const name = options.name ?? (f.name || "anonymous");
  const forget = (list: Traced[]) => {
    for (const { plan } of list) plan.dispose();
  };
  const cache = new LruMap<string, Traced[]>(MAX_SIGNATURES, forget);
  let madeVariables = false;
  const function_ = f as unknown as (...args: never[]) => unknown;
  return (...args: A): R => {
    if (activeFrames().length > 0) return f(...args);
    const flat = flattenTree(args, isLeaf, "compile");
    const signature = signatureOf(flat);
    const candidates = cache.get(signature) ?? [];
    let traced = candidates.find(({ trace }) =>
      trace.guards.every(({ read, value }) => Object.is(read(), value)),
    );
    if (traced === undefined) {
      traced = traceFunction(function_, flat, name);
      if (traced.trace.variablesMade.length > 0) {
        if (madeVariables) throw madeAgain(traced.trace.variablesMade, name);
        madeVariables = true;
      }
      const kept = candidates.slice(-(MAX_TRACES - 1));
      forget(candidates.slice(0, candidates.length - kept.length));
      cache.set(signature, [...kept, traced]);
    } else if (options.verify) {
      verify(traced, traceFunction(function_, flat, name), name);
    }
    return call(traced, flat, name) as R;
  };
}

const madeAgain = (made: readonly Variable[], name: string): StateError =>
  new StateError(
    `the compiled function ${name} makes variables (${made.map((cell) => cell.name).join(", ")}) at every trace`,
    {
      operation: "compile",
      remedy: "Make variables outside, or once, at the first call",
    },
  );

/** @throws TraceError when a second trace differs from the first in more than its arguments */
function verify(first: Traced, second: Traced, name: string): void {
  const [a, b] = [first, second].map(({ plan, numbering }) => ({ ...numbering, key: plan.key }));
  const place = a.key.findIndex((value, i) => value !== b.key[i]);
  const report = (what: string): TraceError =>
    new TraceError(`${name} has changed since it was traced: ${what}`, {
      operation: "compile",
      remedy: "Pass what changes as an argument, or hold it in a variable",
    });
  if (place >= 0 || a.key.length !== b.key.length) {
    const node = a.tensors.findIndex((tensor, i) => {
      const other = b.tensors[i];
      return (
        other === undefined ||
        other.prim !== tensor.prim ||
        formatShape(other.shape) !== formatShape(tensor.shape)
      );
    });
    const what =
      node < 0 ? "its operations or literals differ" : `operation ${node} was ${a.tensors[node].prim.name}`;
    throw report(what);
  }
  a.slots.forEach(({ tensor }, i) => {
    const before = tensor.storage;
    const after = b.slots[i].tensor.storage;
    if (before === after) return;
    const equal =
      before?.host != null &&
      after?.host != null &&
      before.host.every((value, k) => Object.is(value, after.host?.[k]));
    if (!equal)
      throw report(
        `a captured ${tensor.dtype} tensor of shape ${formatShape(tensor.shape)} has other values`,
      );
  });
}
