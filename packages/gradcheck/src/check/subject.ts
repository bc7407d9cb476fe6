import {
  describeValue,
  flattenTree,
  GradientError,
  isFloating,
  isTensor,
  StateError,
  type Tensor,
} from "@cotangent/core";
import type { CheckedInput } from "../report/report.ts";

/** Any function of tensors and trees of tensors. */
export type CheckedFunction = (...args: never[]) => unknown;

const isTree = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  Array.isArray(value) ||
  (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value)));

/** A tensor, or anything else that is not a tree. */
export const isAnything = (value: unknown): value is unknown => isTensor(value) || !isTree(value);

const isDifferentiable = (value: unknown): value is Tensor => isTensor(value) && isFloating(value.dtype);

/** A function and the point at which it is checked, taken apart into lists of tensors. */
export class Subject {
  /** The floating tensors among the arguments: what derivatives are taken by. */
  readonly leaves: readonly Tensor[];
  /** Their paths: `inputs[0]`, `inputs[1].weights`. */
  readonly paths: readonly string[];
  /** The paths of the floating tensors among the results, once the function has been called. */
  resultPaths: readonly string[] = [];
  private readonly rebuild: (leaves: readonly Tensor[]) => unknown[];

  /** @throws StateError when there is nothing to take derivatives by */
  constructor(
    readonly operation: string,
    readonly name: string,
    readonly f: CheckedFunction,
    readonly args: readonly unknown[],
    readonly seed: number,
  ) {
    const flat = flattenTree(args, isAnything, operation);
    const chosen = flat.leaves.map(isDifferentiable);
    this.leaves = flat.leaves.filter(isDifferentiable).map((leaf) => leaf.node);
    this.paths = flat.paths.filter((_, i) => chosen[i]).map((path) => `inputs${path}`);
    this.rebuild = (leaves) => {
      let next = 0;
      return flat.unflatten(flat.leaves.map((leaf, i) => (chosen[i] ? leaves[next++] : leaf))) as unknown[];
    };
    if (this.leaves.length > 0) return;
    throw new StateError(
      "no input is a tensor of dtype float32 or float64: there is nothing to take derivatives by",
      {
        operation,
        remedy:
          'Pass tensors, made with tensor([1, 2], { dtype: "float64" }): numbers, and tensors of other dtypes, are constants',
      },
    );
  }

  /**
   * The floating tensors among the results of a call, with others in the places of `leaves`.
   * @throws GradientError, StateError for what is no tree of tensors, or has no floating tensor in it
   */
  readonly call = (leaves: readonly Tensor[]): Tensor[] => {
    const { operation, name } = this;
    const f = this.f as (...args: unknown[]) => unknown;
    const result = f(...this.rebuild(leaves));
    if (result instanceof Promise) {
      throw new GradientError(`${name} returned a Promise`, {
        operation,
        remedy:
          "Functions to differentiate are synchronous: read values with item() and dataSync(), not with await",
      });
    }
    if (typeof result === "number") {
      throw new StateError(`${name} returned the number ${result}, which no derivative leads back from`, {
        operation,
        remedy: "Return the tensor itself, without item()",
      });
    }
    const flat = flattenTree(result, isTensor, operation);
    const floating = flat.leaves.map(isDifferentiable);
    this.resultPaths = flat.paths
      .filter((_, i) => floating[i])
      .map((path) => `output${path === "" || path.startsWith("[") ? path : `.${path}`}`);
    const outputs = flat.leaves.filter((_, i) => floating[i]);
    if (outputs.length > 0) return outputs.map((output) => output.node);
    throw new StateError(`${name} returned no tensor of dtype float32 or float64, but ${described(result)}`, {
      operation,
      remedy:
        "Return a floating tensor, or a tree with one in it: a function with a body in braces needs return",
    });
  };

  /** What derivatives are taken by, for reports. */
  inputs(): CheckedInput[] {
    return this.leaves.map(({ shape, dtype }, i) => ({ path: this.paths[i], shape, dtype }));
  }
}

const described = (value: unknown): string =>
  isTensor(value) ? `a tensor of dtype ${value.dtype}` : describeValue(value);
