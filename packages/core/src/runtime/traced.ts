import { inFrame } from "../ir/frames.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { toShape } from "../types/shape.ts";
import { type FlatTree, flattenTree } from "../types/trees.ts";
import { TraceError } from "../util/errors.ts";
import { flush } from "./flush.ts";
import { Numbering } from "./numbering.ts";
import type { Leaf } from "./pattern.ts";
import { Plan } from "./plan.ts";
import { CompileTrace } from "./trace.ts";
import type { Variable } from "./variable.ts";

/** A traced function: its graph, its plan, and what it recorded. */
export interface Traced {
  readonly trace: CompileTrace;
  readonly numbering: Numbering;
  readonly plan: Plan;
  /** The placeholder of each argument leaf; null for static ones. */
  readonly placeholders: readonly (Tensor | null)[];
  readonly result: FlatTree<Tensor>;
  /** What it assigns, in the order of the numbering's assignments. */
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

/** Runs f on placeholders. @throws TraceError when f reads a value or returns a Promise */
export function traceFunction(f: (...args: never[]) => unknown, flat: FlatTree<Leaf>, name: string): Traced {
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
  const assignments = [...trace.assigned.values()];
  const produced = assignments.map(({ producer }) => producer as Tensor);
  evaluateCaptured([...result.leaves, ...produced], first);
  // Inside the trace, results are read as the versions that the function leaves behind.
  const roots = result.leaves.map((leaf) => inFrame(trace, () => leaf.node));
  const numbering = new Numbering(roots, assignments, fillable);
  const plan = new Plan(numbering.key.slice(), numbering.program());
  return { trace, numbering, plan, placeholders, result, assigned };
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
