import { isDebugMode } from "../ir/debug.ts";
import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { CustomRule } from "../prims/custom.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { describeValue, type FlatTree, isPlainObject } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { type AnyFunction, checkFunction, flattenResult, type GradientOf } from "./arguments.ts";
import {
  batchedRule,
  capturedBy,
  checkLanes,
  enter,
  leave,
  MixedTree,
  orZeros,
  refuseCaptured,
  retypedResult,
  runBody,
  transposed,
} from "./customCall.ts";
import { builder } from "./vjp.ts";

/** A cotangent for one argument: shaped like it, null where it has no derivative; null as a whole for zero. */
export type CotangentOf<T> = T extends Tensor
  ? Tensor | number | null
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: CotangentOf<T[K]> } | null
    : T extends (...args: never[]) => unknown
      ? null
      : T extends object
        ? { readonly [K in keyof T]: CotangentOf<T[K]> } | null
        : null | undefined;

/** What `customVjp` takes: how the value is computed, and how cotangents flow back. */
export interface CustomVjpRule<A extends readonly unknown[], R, Residuals> {
  /** The value, and whatever the backward pass needs of it: a tree of tensors and anything else. */
  forward(...args: A): readonly [R, Residuals];
  /**
   * Given those residuals and the cotangent of the value (a tree like the value, null where that is not floating), the
   * cotangent of each argument. It must be linear in the cotangent.
   */
  backward(residuals: Residuals, cotangent: GradientOf<R>): { readonly [K in keyof A]: CotangentOf<A[K]> };
}

const OPERATION = "customVjp";

const SHAPED = "Return what is made like the argument, with null where there is no derivative";

const wrong = (name: string, message: string, remedy = SHAPED): GradientError =>
  new GradientError(`the rule of ${name}: ${message}`, { operation: OPERATION, remedy });

/** @throws GradientError unless `entry` is a cotangent for x, the tensor at `path` */
function cotangentLeaf(entry: unknown, x: Tensor, path: string, name: string): Tensor | null {
  if (entry === null || entry === undefined) return null;
  if (!isFloating(x.dtype)) {
    throw wrong(name, `backward returned a cotangent for ${path}, a ${x.dtype} tensor`, "Return null there");
  }
  if (typeof entry === "number") return builder.literal(entry, x);
  if (!isTensor(entry)) {
    throw wrong(
      name,
      `backward returned ${describeValue(entry)} for ${path}`,
      "Return a tensor or null there",
    );
  }
  if (!sameShape(entry.shape, x.shape) || entry.dtype !== x.dtype) {
    throw wrong(
      name,
      `backward returned ${entry.dtype}${formatShape(entry.shape)} for ${path}, which is ${x.dtype}${formatShape(x.shape)}`,
      "A cotangent has the shape and dtype of its argument: sum over what was broadcast",
    );
  }
  return entry.node;
}

/** The cotangents of all tensors of an argument, from what backward returned for it. */
function collect(
  entry: unknown,
  argument: unknown,
  path: string,
  name: string,
  into: (Tensor | null)[],
): void {
  if (isTensor(argument)) {
    into.push(cotangentLeaf(entry, argument, path, name));
  } else if (Array.isArray(argument)) {
    const list = entry ?? argument.map(() => null);
    if (!Array.isArray(list) || list.length !== argument.length) {
      throw wrong(
        name,
        `backward returned ${describeValue(entry)} for ${path}, an array of ${argument.length}`,
      );
    }
    argument.forEach((item, i) => {
      collect(list[i], item, `${path}[${i}]`, name, into);
    });
  } else if (isPlainObject(argument)) {
    const fields = entry ?? {};
    if (!isPlainObject(fields)) {
      throw wrong(name, `backward returned ${describeValue(entry)} for ${path}, an object`);
    }
    const unknown = Object.keys(fields).find((key) => !(key in argument));
    if (unknown !== undefined) throw wrong(name, `backward returned ${unknown}, which ${path} does not have`);
    // In the order in which trees are flattened.
    for (const key of Object.keys(argument).sort()) {
      collect(fields[key], argument[key], `${path}.${key}`, name, into);
    }
  } else if (isTensor(entry)) {
    throw wrong(
      name,
      `backward returned a tensor for ${path}, ${describeValue(argument)}`,
      "Return null there",
    );
  }
}

class VjpRule implements CustomRule {
  constructor(
    readonly name: string,
    private readonly args: MixedTree,
    private readonly residuals: MixedTree,
    private readonly result: FlatTree<Tensor>,
    private readonly backward: (residuals: unknown, cotangent: unknown) => unknown,
  ) {}

  vjp(inputs: readonly Tensor[], cotangents: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    const { args, residuals, result, name } = this;
    const count = args.tensors.length;
    const own = inputs.slice(0, count);
    const kept = residuals.replace(inputs.slice(count, count + residuals.tensors.length));
    const cts = result.leaves.map((leaf, i) =>
      isFloating(leaf.dtype) ? orZeros(cotangents[i], leaf) : null,
    );
    const returned = runBody(OPERATION, () => this.backward(kept, result.unflatten(cts)));
    const given = args.replace(own) as unknown[];
    if (!Array.isArray(returned)) {
      throw wrong(
        name,
        `backward returned ${describeValue(returned)}`,
        "Return an array with one entry for each argument",
      );
    }
    if (returned.length !== given.length) {
      throw wrong(
        name,
        `backward returned ${returned.length} cotangents for ${given.length} arguments`,
        "Return one for each argument, null for those without a derivative",
      );
    }
    const collected: (Tensor | null)[] = [];
    given.forEach((argument, i) => {
      collect(returned[i], argument, `argument ${i}`, name, collected);
    });
    checkLanes(collected, OPERATION);
    return collected;
  }

  /** Cotangents of arguments are linear in those of results: the transpose of that takes tangents to tangents. */
  jvp(inputs: readonly Tensor[], tangents: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    return transposed(
      this.result.leaves.map((leaf) => (isFloating(leaf.dtype) ? leaf : null)),
      (sources) => this.vjp(inputs, sources),
      tangents,
      OPERATION,
      `backward of ${this.name} is not linear in its cotangent`,
    );
  }

  batch(batched: readonly boolean[], size: number): CustomRule {
    return batchedRule(this, batched, size);
  }

  retyped(from: DType, to: DType): CustomRule {
    const result = retypedResult(this.result, from, to);
    return new VjpRule(this.name, this.args, this.residuals, result, this.backward);
  }

  refuse = (captured: Tensor): never => refuseCaptured(OPERATION, this.name, captured);

  toString(): string {
    return this.name;
  }
}

/**
 * f with a reverse-mode derivative of your own: where a better formula is known than what its operations give, where a
 * gradient shall be another one (straight-through estimators, clipped or reversed gradients), or where fewer values shall
 * be kept.
 *
 * `forward` computes what f does, and what the backward pass needs of it; its value is what is used. `backward` takes that
 * and the cotangent of the value to an array with the cotangent of each argument, of that argument's shape and dtype. Trees
 * work as arguments, results and residuals. Arguments that are no floating tensors (integers, numbers, strings, functions)
 * are passed through, and have null in that array, or anything that holds no tensor.
 *
 * Works under grad, jvp, vmap, compile and to any order: backward is differentiated itself. Forward mode is its
 * transpose. In debug mode f runs, too, and must give what forward gives, in structure, shapes and dtypes.
 * @throws GradientError when backward returns a wrong number, shape or dtype, or when a derivative is asked by something
 * that forward uses without having been given it; StateError when forward or backward assign a variable
 */
export function customVjp<A extends readonly unknown[], R, Residuals>(
  f: (...args: A) => R,
  rule: CustomVjpRule<A, R, Residuals>,
): (...args: A) => R {
  const given = rule as Partial<CustomVjpRule<A, R, Residuals>> | undefined;
  for (const part of [f, given?.forward, given?.backward])
    checkFunction(part, OPERATION, "customVjp(f, { forward, backward })");
  const name = f.name || "the function";
  const backward = (residuals: unknown, cotangent: unknown): unknown =>
    rule.backward(residuals as Residuals, cotangent as GradientOf<R>);
  return (...args: A): R => {
    const body = enter(OPERATION, args, (...own) => rule.forward(...(own as unknown as A)));
    const { result: pair } = body;
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw wrong(name, `forward returned ${describeValue(pair)}`, "Return [value, residuals]");
    }
    const result = flattenResult(pair[0], OPERATION);
    if (isDebugMode()) checkAgainst(f as unknown as AnyFunction, args, result, name);
    const residuals = new MixedTree(pair[1], OPERATION);
    const values = result.leaves.map((leaf) => leaf.node);
    const own = new VjpRule(name, body.args, residuals, result, backward);
    return leave(body, result, own, residuals.tensors, capturedBy(body, values)) as R;
  };
}

/** @throws GradientError when f does not give what the rule gives */
function checkAgainst(
  f: AnyFunction,
  args: readonly unknown[],
  result: FlatTree<Tensor>,
  name: string,
): void {
  const other = flattenResult(
    runBody(OPERATION, () => (f as (...all: readonly unknown[]) => unknown)(...args)),
    OPERATION,
  );
  const describe = ({ structure, leaves }: FlatTree<Tensor>): string =>
    `${structure} of ${leaves.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join(", ")}`;
  if (describe(other) === describe(result)) return;
  throw wrong(
    name,
    `forward gives ${describe(result)}, the function ${describe(other)}`,
    "Let both compute the same",
  );
}
