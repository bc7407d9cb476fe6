import type { Tensor } from "../ir/tensor.ts";
import type { CustomRule } from "../prims/custom.ts";
import { isFloating } from "../types/dtype.ts";
import { GradientError } from "../util/errors.ts";
import { checkFunction, flattenResult, inside } from "./arguments.ts";
import { batchedRule, capturedBy, enter, leave } from "./customCall.ts";
import { instantiate } from "./instantiate.ts";
import { pushforward } from "./jvp.ts";
import { builder, pullback, underMask } from "./vjp.ts";

const OPERATION = "checkpoint";

/** What the function captured and is as small as a key of random numbers is set apart, too: masks are drawn again. */
const SMALL = 16;

/** Runs the function where compiled functions are part of the graph; variables may be assigned, as outside. */
const runTraced = <R>(operation: string, body: () => R): R =>
  inside("grad", operation, body, "Checkpoint the synchronous part, and await its results outside");

class Recomputation implements CustomRule {
  readonly name = OPERATION;

  constructor(
    /** What the values are made of: what stood for the arguments' tensors, then what the function captured. */
    private readonly inputs: readonly Tensor[],
    private readonly args: number,
    private readonly values: readonly Tensor[],
  ) {}

  vjp(inputs: readonly Tensor[], cotangents: readonly (Tensor | null)[], wanted: readonly boolean[]) {
    const places = this.values.flatMap((_, i) => (cotangents[i] ? [i] : []));
    const cts = places.map((i) => cotangents[i] as Tensor);
    const others = inputs.map((x, i) =>
      this.isSetApart(x, i) ? builder.barrier(x, cts) : builder.identity(x),
    );
    const values = instantiate(
      places.map((i) => this.values[i]),
      this.inputs,
      others,
    );
    const targets = others.filter((_, i) => wanted[i]);
    const results = pullback(values, cts, targets);
    let next = 0;
    return inOrder(
      inputs,
      inputs.map((_, i) => (wanted[i] ? results[next++] : null)),
    );
  }

  /** Weights that were captured are used as they are: a copy of them would cost more than what is made of them alone. */
  private isSetApart(x: Tensor, i: number): boolean {
    if (!isFloating(x.dtype)) return x.size <= SMALL;
    if (i < this.args || x.inputs.length > 0) return true;
    return !this.inputs.slice(0, this.args).some(({ dtype }) => isFloating(dtype));
  }

  jvp(inputs: readonly Tensor[], tangents: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    const others = inputs.map((x) => builder.identity(x));
    const values = instantiate(this.values, this.inputs, others);
    const places = inputs.flatMap((_, i) => (tangents[i] ? [i] : []));
    return pushforward(
      values,
      places.map((i) => others[i]),
      places.map((i) => tangents[i] as Tensor),
    );
  }

  batch(batched: readonly boolean[], size: number): CustomRule {
    return batchedRule(this, batched, size);
  }

  /** What is made again has the dtypes of what it is made of. */
  retyped(): CustomRule {
    return this;
  }

  refuse(): never {
    throw new GradientError("a derivative was asked by a value that was made inside the function", {
      operation: OPERATION,
      remedy: "Return it from the function, or ask for derivatives by its arguments and by what it captured",
    });
  }

  toString(): string {
    return this.name;
  }
}

/**
 * The cotangents that flow on wait for all others, which are made of the same recomputed values: so those are gone before
 * the function before this one computes its own again.
 */
function inOrder(inputs: readonly Tensor[], cts: readonly (Tensor | null)[]): (Tensor | null)[] {
  const all = cts.filter((ct) => ct !== null);
  if (all.length < 2) return [...cts];
  return cts.map((ct, i) =>
    ct === null || isLeafByName(inputs[i])
      ? ct
      : underMask(ct, (value) =>
          builder.barrier(
            value,
            all.filter((other) => other !== ct),
          ),
        ),
  );
}

/** Whether x is a leaf, under however many names that transforms gave it. */
function isLeafByName(x: Tensor): boolean {
  let node = x;
  while (node.prim.alias && node.inputs.length > 0) node = node.inputs[0];
  return node.inputs.length === 0;
}

/**
 * f with the same values and derivatives, whose intermediate values are not kept for the backward pass but computed
 * again there, of its arguments and of what it captured (variables too): memory for time. Where a chain of n equal steps
 * keeps n sets of values, one of n / k checkpointed pieces keeps n / k + k of them, least for k near the square root of
 * n, at the price of one more forward pass. (Griewank and Walther, Algorithm 799: revolve, ACM Transactions on
 * Mathematical Software 26, 2000.)  Trees work as arguments and results. f runs once: random draws are the same both
 * times. Shapes are those of f.
 * @throws GradientError when f returns a Promise; StateError when it returns anything but a tree of tensors
 */
export function checkpoint<A extends readonly unknown[], R>(f: (...args: A) => R): (...args: A) => R {
  checkFunction(f, OPERATION);
  return (...args: A): R => {
    const body = enter(OPERATION, args, f as unknown as (...all: unknown[]) => unknown, runTraced);
    const result = flattenResult(body.result, OPERATION);
    const values = result.leaves.map((leaf) => leaf.node);
    const captured = capturedBy(body, values, { data: true });
    const rule = new Recomputation([...body.inner, ...captured], body.inner.length, values);
    return leave(body, result, rule, [], [], captured) as R;
  };
}
