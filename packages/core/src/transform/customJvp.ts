import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { CustomRule } from "../prims/custom.ts";
import { type DType, isFloating } from "../types/dtype.ts";
import { formatShape, sameShape } from "../types/shape.ts";
import { describeValue, type FlatTree, flattenTree } from "../types/trees.ts";
import { GradientError } from "../util/errors.ts";
import { checkFunction, flattenResult, type GradientOf } from "./arguments.ts";
import {
  batchedRule,
  capturedBy,
  checkLanes,
  enter,
  leave,
  type MixedTree,
  orZeros,
  refuseCaptured,
  retypedResult,
  runBody,
  transposed,
} from "./customCall.ts";

/** What `customJvp` takes: how tangents flow forward. */
export interface CustomJvpRule<A extends readonly unknown[], R> {
  /**
   * [value, its derivative along the tangents]. Tangents are a tree like the arguments, zeros for those that do not vary and
   * null in the places of what has no derivative; the result's is a tree like the value, null for zero. It must be linear in
   * the tangents.
   */
  jvp(primals: A, tangents: { readonly [K in keyof A]: GradientOf<A[K]> }): readonly [R, unknown];
}

const OPERATION = "customJvp";

const wrong = (
  name: string,
  message: string,
  remedy = "Return [value, tangent], both like the function's value",
): GradientError => new GradientError(`the rule of ${name}: ${message}`, { operation: OPERATION, remedy });

const isTensorOrNull = (value: unknown): value is Tensor | null => value === null || isTensor(value);

class JvpRule implements CustomRule {
  constructor(
    readonly name: string,
    private readonly args: MixedTree,
    private readonly result: FlatTree<Tensor>,
    private readonly rule: (primals: unknown, tangents: unknown) => unknown,
  ) {}

  jvp(inputs: readonly Tensor[], tangents: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    const { args, name } = this;
    const own = inputs.slice(0, args.tensors.length);
    const directions = own.map((x, i) => (isFloating(x.dtype) ? orZeros(tangents[i], x) : null));
    const pair = runBody(OPERATION, () => this.rule(args.replace(own), args.only(directions)));
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw wrong(name, `jvp returned ${describeValue(pair)}`, "Return [value, tangent]");
    }
    this.checkValue(pair[0]);
    const dots = this.tangentLeaves(pair[1]);
    checkLanes(dots, OPERATION);
    return dots;
  }

  private checkValue(value: unknown): void {
    const { structure, leaves } = flattenResult(value, OPERATION);
    const { result, name } = this;
    const fits =
      structure === result.structure &&
      leaves.every(
        ({ shape, dtype }, i) => sameShape(shape, result.leaves[i].shape) && dtype === result.leaves[i].dtype,
      );
    if (!fits) throw wrong(name, "the value that jvp returns is not like that of the function");
  }

  private tangentLeaves(tangent: unknown): (Tensor | null)[] {
    const { result, name } = this;
    if (tangent === null || tangent === undefined) return result.leaves.map(() => null);
    const { structure, leaves } = flattenTree(tangent, isTensorOrNull, OPERATION);
    if (structure !== result.structure) {
      throw wrong(name, "the tangent that jvp returns has not the structure of the value");
    }
    return leaves.map((t, i) => {
      const { shape, dtype } = result.leaves[i];
      if (t === null || !isFloating(dtype)) return null;
      if (sameShape(t.shape, shape) && t.dtype === dtype) return t.node;
      throw wrong(
        name,
        `jvp returned a tangent of ${t.dtype}${formatShape(t.shape)} for a value of ${dtype}${formatShape(shape)}`,
        "A tangent has the shape and dtype of its value",
      );
    });
  }

  /** The tangents are linear in those of the arguments: the transpose takes cotangents to cotangents. */
  vjp(inputs: readonly Tensor[], cotangents: readonly (Tensor | null)[], wanted: readonly boolean[]) {
    return transposed(
      wanted.map((is, i) => (is && isFloating(inputs[i].dtype) ? inputs[i] : null)),
      (sources) => this.jvp(inputs, sources),
      cotangents,
      OPERATION,
      `jvp of ${this.name} is not linear in its tangents`,
    );
  }

  batch(batched: readonly boolean[], size: number): CustomRule {
    return batchedRule(this, batched, size);
  }

  retyped(from: DType, to: DType): CustomRule {
    const result = retypedResult(this.result, from, to);
    return new JvpRule(this.name, this.args, result, this.rule);
  }

  refuse = (captured: Tensor): never => refuseCaptured(OPERATION, this.name, captured);

  toString(): string {
    return this.name;
  }
}

/**
 * f with a forward-mode derivative of your own: `jvp(primals, tangents)` gives [value, tangent], both like f's value, given
 * the arguments and a direction for each. Reverse mode is the transpose of what it does with the tangents. Trees work;
 * arguments that are no floating tensors are passed through, with null for a tangent.
 *
 * Works under grad, jvp, vmap, compile and to any order: the rule is differentiated itself.
 * @throws GradientError when the rule returns a tangent of another structure, shape or dtype than f's value, is not linear in
 * the tangents, or when a derivative is asked by something that f uses without having been given it; StateError when f or the
 * rule assign a variable
 */
export function customJvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  rule: CustomJvpRule<A, R>,
): (...args: A) => R {
  const given = rule as Partial<CustomJvpRule<A, R>> | undefined;
  for (const part of [f, given?.jvp]) checkFunction(part, OPERATION, "customJvp(f, { jvp })");
  const name = f.name || "the function";
  const own = (primals: unknown, tangents: unknown): unknown => rule.jvp(primals as A, tangents as never);
  return (...args: A): R => {
    const body = enter(OPERATION, args, f as unknown as (...all: unknown[]) => unknown);
    const result = flattenResult(body.result, OPERATION);
    const values = result.leaves.map((leaf) => leaf.node);
    return leave(body, result, new JvpRule(name, body.args, result, own), [], capturedBy(body, values)) as R;
  };
}
