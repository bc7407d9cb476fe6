import { type Form, transparent } from "../ir/form.ts";
import { definePrimitive, type NDArray } from "../ir/primitive.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { DType } from "../types/dtype.ts";
import { TraceError } from "../util/errors.ts";

/**
 * A call whose derivative is a rule of its own. It may have several results, but a node has one value. So a call is a node
 * without a value of interest, which stands for the call as a whole, and each result is a node made of the value and of that
 * one. Derivatives pass the value by and meet in the call, where the rule sees those of all results together.
 */
export interface CustomRule {
  /** What is called, for messages and printed graphs. */
  readonly name: string;
  /**
   * Cotangents of the arguments, given those of the results (null: zero). `inputs` are the call's own, its first one left
   * out: arguments, then whatever else the rule needs.
   */
  vjp(
    inputs: readonly Tensor[],
    cotangents: readonly (Tensor | null)[],
    wanted: readonly boolean[],
  ): readonly (Tensor | null)[];
  /** Tangents of the results, given those of the arguments, not all of them null. */
  jvp(inputs: readonly Tensor[], tangents: readonly (Tensor | null)[]): readonly (Tensor | null)[];
  /** The rule of the call mapped over a new leading axis, which the inputs have where `batched` says so. */
  batch(batched: readonly boolean[], size: number): CustomRule;
  /** The same rule for a call in which all tensors of one dtype are of another. */
  retyped(from: DType, to: DType): CustomRule;
  /** @throws GradientError: a derivative is asked by something that the function uses and was not given. */
  refuse(captured: Tensor): never;
  toString(): string;
}

export interface CustomCallParams {
  readonly rule: CustomRule;
  /** Inputs are a literal, so many arguments, so many values that the rule keeps, and what the function captured. */
  readonly args: number;
  readonly kept: number;
}

export interface CustomResultParams {
  /** Which result of the call. */
  readonly index: number;
}

const copyFirst = ([x]: readonly NDArray[], _params: object, out: NDArray): void => out.data.set(x.data);

/** A call as a whole. Its value is a literal that nobody reads. */
export const customCall = definePrimitive<CustomCallParams>({
  name: "customCall",
  alias: true,
  shape: ([first]) => first.shape,
  dtype: ([first]) => first.dtype,
  derivative: { kind: "explicit" },
  reach: ({ args }) => [1, 1 + args],
  batch: (b, inputs, batched, params, size) => {
    const [first, ...rest] = inputs;
    const mapped = b.broadcast(first, [size, ...first.shape]);
    return b.customCall([mapped, ...rest], { ...params, rule: params.rule.batch(batched.slice(1), size) });
  },
  reference: copyFirst,
  text: transparent as Form<CustomCallParams>,
  latex: transparent as Form<CustomCallParams>,
});

/** One result of a call: its value, and the call that derivatives go through. */
export const customResult = definePrimitive<CustomResultParams>({
  name: "customResult",
  alias: true,
  shape: ([value]) => value.shape,
  dtype: ([value]) => value.dtype,
  derivative: { kind: "explicit" },
  reach: () => [1, 2],
  batch: (b, [value, call], [valueMapped, callMapped], { index }, size) => {
    if (!callMapped) {
      throw new TraceError("a mapped value has entered the function by a way that is not known", {
        operation: String((call.params as CustomCallParams).rule),
        remedy: "Pass it as an argument",
      });
    }
    return b.customResult(valueMapped ? value : b.broadcast(value, [size, ...value.shape]), call, index);
  },
  reference: copyFirst,
  text: transparent as Form<CustomResultParams>,
  latex: transparent as Form<CustomResultParams>,
});
