import type { NDArray } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { DType, TypedArray } from "../../types/dtype.ts";
import type { Shape } from "../../types/shape.ts";
import { EngineError } from "../../util/errors.ts";
import { FAULT } from "../../util/fault.ts";

/**
 * Control flow has several results, but a node has one value. So a loop or a branch is a node that stands for the call as a
 * whole, whose own value nobody reads, and each result is a `part` of it. Parts may ask for more than what the user's function
 * returned: any value of a loop's body, stacked over all steps, which is what derivatives are made of. What no part asks
 * for is not computed.
 */
export interface PartParams {
  /**
   * - result: the final value of a loop's carry, or a result of a branch, number `index`
   * - stack: the value in place `index` of a loop's body, for each step, along a new leading axis
   * - count: how many steps a loop took
   */
  readonly kind: "result" | "stack" | "count";
  readonly index: number;
  /** For a stack, what is stacked, by `Body.idAt`: bodies that are equal may have it in other places. */
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value with the new leading axis of a mapped call if it is `batched`. */
export interface BatchedValue {
  readonly value: Tensor;
  readonly batched: boolean;
}

/** What derivatives and vmap ask of a call; all of its parts that count are given together. */
export interface CallRule {
  /** What the user called. */
  readonly operation: string;
  /** Cotangents of the call's inputs, given those of its parts. */
  vjp(
    call: Tensor,
    parts: readonly PartParams[],
    cotangents: readonly Tensor[],
    wanted: readonly boolean[],
  ): readonly (Tensor | null)[];
  /** Tangents of the parts, given those of the inputs, not all of them null. */
  jvp(
    call: Tensor,
    parts: readonly PartParams[],
    tangents: readonly (Tensor | null)[],
  ): readonly (Tensor | null)[];
  /** The parts of the call mapped over a leading axis that some inputs have. */
  batch(
    inputs: readonly Tensor[],
    batched: readonly boolean[],
    parts: readonly PartParams[],
    size: number,
  ): readonly BatchedValue[];
  /** The same call with one dtype in the place of another. */
  retyped(from: DType, to: DType): CallRule;
  /** The part of the retyped call that stands for a part of this one. */
  retypedPart(part: PartParams, from: DType, to: DType): PartParams;
}

/** The batching rule of calls and parts, which are mapped together. */
export const batchedWithParts = (): never => {
  throw new EngineError("a call is mapped together with its parts", { operation: "vmap", remedy: FAULT });
};

/** Computes parts of one call, by the reference functions. */
export type RunParts = (wanted: readonly PartParams[]) => readonly TypedArray[];

interface Pending {
  readonly run: RunParts;
  values: ReadonlyMap<string, TypedArray> | null;
}

/** What interpreted calls have left to be run, by the value of their node. */
const pending = new WeakMap<TypedArray, Pending>();

/** Leaves it to the parts to run a call. */
export function deferCall(out: NDArray, run: RunParts): void {
  pending.set(out.data, { run, values: null });
}

const keyOf = ({ kind, index }: PartParams): string => `${kind} ${index}`;

/** The value of a part; `wanted` are all parts of that call that will be asked for. */
export function partValue(call: TypedArray, part: PartParams, wanted: readonly PartParams[]): TypedArray {
  const own = pending.get(call);
  if (own === undefined) {
    throw new EngineError("a part of a call was asked for that has not been run", {
      operation: "part",
      remedy: FAULT,
    });
  }
  let value = own.values?.get(keyOf(part));
  if (value === undefined) {
    const values = own.run(wanted);
    own.values = new Map(wanted.map((one, i) => [keyOf(one), values[i]]));
    value = own.values.get(keyOf(part)) as TypedArray;
  }
  return value;
}
