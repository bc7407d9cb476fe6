import { isTensor, type Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import { applies } from "../prims/builder.ts";
import type { PartParams } from "../prims/control/call.ts";
import type { LoopParams } from "../prims/control/loop.ts";
import { part } from "../prims/control/part.ts";
import { reachOf } from "../prims/control/reach.ts";
import { asTensor } from "../prims/convert.ts";
import type { CustomRule } from "../prims/custom.ts";
import { constant, input, iota, read, weakKind } from "../prims/leaves.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { formatShape, toShape } from "../types/shape.ts";
import { type FlatTree, flattenTree, isPlainObject } from "../types/trees.ts";
import { GradientError, TraceError } from "../util/errors.ts";
import { inside } from "./arguments.ts";
import { isFinishedLane, Lanes } from "./lanes.ts";
import { builder, pullback } from "./vjp.ts";

/** A tensor, or anything else that is not a tree. */
const isAnything = (value: unknown): value is unknown =>
  isTensor(value) || !(value === null || value === undefined || Array.isArray(value) || isPlainObject(value));

/** Numbers of a function being compiled stand for JavaScript numbers: they are passed on as they are. */
const isArgument = (value: unknown): value is Tensor => isTensor(value) && weakKind(value) === undefined;

/** A tree whose tensors can be replaced, and everything else stays. */
export class MixedTree {
  readonly tensors: readonly Tensor[];
  private readonly flat: FlatTree<unknown>;

  constructor(tree: unknown, operation: string) {
    this.flat = flattenTree(tree, isAnything, operation);
    this.tensors = this.flat.leaves.filter(isArgument).map((leaf) => asTensor(leaf, operation).node);
  }

  /** The tree with others in the places of its tensors, and in those of everything else what was there. */
  replace(tensors: readonly (Tensor | null)[]): unknown {
    let next = 0;
    return this.flat.unflatten(this.flat.leaves.map((leaf) => (isArgument(leaf) ? tensors[next++] : leaf)));
  }

  /** As `replace`, with null in the places of what is no tensor. */
  only(tensors: readonly (Tensor | null)[]): unknown {
    let next = 0;
    return this.flat.unflatten(this.flat.leaves.map((leaf) => (isArgument(leaf) ? tensors[next++] : null)));
  }
}

/** A function that has been run on arguments of its own. */
export interface Body {
  /** What it was called with. */
  readonly args: MixedTree;
  /** The nodes that stood for the argument's tensors inside. */
  readonly inner: readonly Tensor[];
  /** Nodes with this id or a greater one were made inside. */
  readonly first: Tensor;
  readonly result: unknown;
}

/** Runs a user's function where variables must not be assigned. @throws GradientError when it returns a Promise */
export const runBody = <R>(operation: string, body: () => R): R =>
  inside(
    "custom",
    operation,
    body,
    "Functions with derivatives are synchronous: read values with item() and dataSync(), not await",
  );

/** Runs f on identities of its arguments, so that what it captured can be told from what it was given. */
export function enter(
  operation: string,
  args: readonly unknown[],
  f: (...args: unknown[]) => unknown,
  frame: <R>(operation: string, body: () => R) => R = runBody,
): Body {
  const tree = new MixedTree(args, operation);
  // The literal that the call begins with is the oldest of all nodes that belong to it.
  const first = builder.constant(0, toShape([]), "float32");
  const inner = tree.tensors.map((tensor) => builder.identity(tensor));
  const result = frame(operation, () => f(...(tree.replace(inner) as unknown[])));
  return { args: tree, inner, first, result };
}

/**
 * What values are made of besides the arguments: nodes made outside, variables and placeholders first read inside. Stops at
 * what has no derivative, which only counts if it may differ from lane to lane. With `data`, also data made inside.
 */
export function capturedBy(
  { inner, first }: Body,
  values: readonly Tensor[],
  { data = false } = {},
): Tensor[] {
  const given = new Set(inner);
  const captured = new Set<Tensor>();
  const isLiteral = (node: Tensor) => applies(node, constant) || applies(node, iota);
  const enterNode = (node: Tensor): boolean => {
    if (given.has(node) || isLiteral(node)) return false;
    const isLeaf = node.inputs.length === 0;
    const isConstant = !data && node.prim.derivative.kind === "none" && !isLeaf;
    const isOutside = node.id < first.id || (isLeaf && (data || applies(node, read) || applies(node, input)));
    if (isConstant ? node.symbolic : isOutside) captured.add(node);
    return !isConstant && !isOutside && !isLeaf;
  };
  topology(values, enterNode);
  return [...captured];
}

/** The call as a node, and its floating results as what derivatives see. */
export function leave(
  { args, first }: Body,
  result: FlatTree<Tensor>,
  rule: CustomRule,
  kept: readonly Tensor[],
  captured: readonly Tensor[],
  moreArgs: readonly Tensor[] = [],
): unknown {
  const params = { rule, args: args.tensors.length + moreArgs.length, kept: kept.length };
  const call = builder.customCall([first, ...args.tensors, ...moreArgs, ...kept, ...captured], params);
  const results = result.leaves.map(({ node }, index) =>
    isFloating(node.dtype) ? builder.customResult(node, call, index) : node,
  );
  return result.unflatten(results);
}

/** The results of a call, as far as rules look at them, where those of one dtype are of another. */
export const retypedResult = (result: FlatTree<Tensor>, from: DType, to: DType): FlatTree<Tensor> => ({
  ...result,
  leaves: result.leaves.map((leaf) => (leaf.dtype === from ? builder.constant(0, leaf.shape, to) : leaf)),
});

/** Zeros for what is null. */
export const orZeros = (ct: Tensor | null | undefined, like: Tensor): Tensor =>
  ct ?? builder.literal(0, like);

/** What the value of a node depends on: for a part of a loop or a branch, not on all that the call takes. */
function operandsOf(node: Tensor): readonly Tensor[] {
  const { inputs, params, prim } = node;
  if (!applies(node, part)) return prim.alias ? inputs.slice(0, 1) : inputs;
  const call = inputs[0];
  return [...reachOf(call.params as LoopParams, params as PartParams)].map((i) => call.inputs[i]);
}

/** @throws GradientError when something that shall be linear in `sources` still depends on their values */
function checkLinear(
  results: readonly (Tensor | null)[],
  sources: readonly Tensor[],
  operation: string,
  what: string,
): void {
  const all = new Set(sources);
  const oldest = sources.reduce((id, source) => Math.min(id, source.id), Number.POSITIVE_INFINITY);
  const stack = results.filter((one) => one !== null);
  const seen = new Set<Tensor>();
  let isLinear = true;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.id < oldest || seen.has(node)) continue;
    seen.add(node);
    if (all.has(node)) isLinear = false;
    stack.push(...operandsOf(node));
  }
  if (isLinear) return;
  throw new GradientError(`${what}, so there is no transposing it`, {
    operation,
    remedy: "Use customVjp for reverse mode and customJvp for forward mode",
  });
}

/** What a function with a rule captured cannot be differentiated by. @throws GradientError */
export function refuseCaptured(operation: string, name: string, captured: Tensor): never {
  const { version } = captured.params as { version?: { label: string } };
  const what =
    version === undefined
      ? `a ${captured.dtype} tensor of shape ${formatShape(captured.shape)}`
      : `variable ${version.label}`;
  throw new GradientError(
    `a derivative was asked by ${what}, which ${name} uses without having been given it: its rule says nothing of that`,
    {
      operation,
      shapes: [captured.shape],
      variable: version?.label,
      remedy: "Pass it as an argument, or mark it as a constant with stopGradient",
    },
  );
}

/**
 * The other mode of a rule, which is linear: zeros like `like` stand for what it is given, and `given` flows back through
 * what it makes of them. Null where a source is null, as for what is not floating.
 * @throws GradientError when the rule is not linear
 */
export function transposed(
  like: readonly (Tensor | null)[],
  rule: (sources: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
  given: readonly (Tensor | null)[],
  operation: string,
  what: string,
): (Tensor | null)[] {
  const sources = like.map((x) => (x === null ? null : builder.identity(builder.literal(0, x))));
  const made = rule(sources);
  const pairs = made.flatMap((value, i) => {
    const ct = given[i] ?? null;
    return value === null || ct === null ? [] : [{ value, ct }];
  });
  const targets = sources.filter((source) => source !== null);
  const results = pullback(
    pairs.map(({ value }) => value),
    pairs.map(({ ct }) => ct),
    targets,
  );
  checkLinear(results, targets, operation, what);
  let next = 0;
  return sources.map((source) => (source === null ? null : results[next++]));
}

/** @throws TraceError when results depend on one lane of a mapped call, which means nothing once the call is over */
export function checkLanes(results: readonly (Tensor | null)[], operation: string): void {
  const roots = results.filter((one) => one?.symbolic) as Tensor[];
  const stray = topology(roots, ({ symbolic }) => symbolic).nodes.find((node) => isFinishedLane(node));
  if (stray === undefined) return;
  throw new TraceError("the rule uses a tensor that it captured in a mapped call", {
    operation,
    shapes: [stray.shape],
    remedy: "Hand it on: from forward in the residuals, or as an argument",
  });
}

/** The rule of a mapped call: the rule itself, mapped. What is the same in every lane gets the sum of all lanes' cotangents. */
export function batchedRule(rule: CustomRule, batched: readonly boolean[], size: number): CustomRule {
  const lanesOf = (mapping: Lanes, inputs: readonly Tensor[]) =>
    inputs.map((x, i) => (batched[i] ? mapping.placeholder(x) : x));
  const some = (mapping: Lanes, values: readonly (Tensor | null)[]): (Tensor | null)[] => {
    const full = mapping.collectFull(values.filter((one) => one !== null));
    let next = 0;
    return values.map((one) => (one === null ? null : full[next++]));
  };
  const own: CustomRule = {
    name: rule.name,
    vjp(inputs, cotangents, wanted) {
      const mapping = new Lanes(size, rule.name);
      const lanes = lanesOf(mapping, inputs);
      const cts = Array.from(cotangents, (ct) => (ct == null ? null : mapping.placeholder(ct)));
      const results = some(
        mapping,
        mapping.trace(() => rule.vjp(lanes, cts, wanted)),
      );
      return results.map((ct, i) => (ct === null || batched[i] ? ct : builder.reduce("sum", ct, [0])));
    },
    jvp(inputs, tangents) {
      const mapping = new Lanes(size, rule.name);
      const lanes = lanesOf(mapping, inputs);
      const directions = tangents.map((t, i) => (t !== null && batched[i] ? mapping.placeholder(t) : t));
      return some(
        mapping,
        mapping.trace(() => rule.jvp(lanes, directions)),
      );
    },
    batch: (flags, more) => batchedRule(own, flags, more),
    retyped: (from, to) => batchedRule(rule.retyped(from, to), batched, size),
    refuse: rule.refuse,
    toString: () => rule.name,
  };
  return own;
}
