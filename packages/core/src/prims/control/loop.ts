import { callForm, latexCall } from "../../ir/form.ts";
import { definePrimitive, type NDArray } from "../../ir/primitive.ts";
import { createArray, type TypedArray } from "../../types/dtype.ts";
import { sizeOf, toShape } from "../../types/shape.ts";
import type { Body } from "./body.ts";
import { batchedWithParts, type CallRule, deferCall, type PartParams } from "./call.ts";
import { interpreterOf } from "./interpret.ts";

/**
 * A loop. Its inputs: the first values of what it carries from step to step, sequences that it goes along, how many steps
 * it takes if it is `counted`, what the body uses besides, what the condition uses besides.
 */
export interface LoopParams extends CallRule {
  /** (carries, elements of the sequences, the number of the step as int32, the rest) to (carries, ...). */
  readonly body: Body;
  /** (carries, the rest) to a bool: whether there is another step. Null where steps are counted. */
  readonly condition: Body | null;
  readonly carries: number;
  readonly sequences: number;
  /** The first input behind the sequences, an int32, says how many steps there are, at most `length`. */
  readonly counted: boolean;
  /** How many steps there are, at most if there is a condition or a count; -1 where nothing bounds them. */
  readonly length: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
}

/** The inputs of a loop, taken apart. */
export function loopInputs<T>(
  inputs: readonly T[],
  { body, carries, sequences, counted }: Pick<LoopParams, "body" | "carries" | "sequences" | "counted">,
) {
  const rest = carries + sequences + (counted ? 1 : 0);
  const ofBody = body.parameters.length - carries - sequences - 1;
  return {
    initial: inputs.slice(0, carries),
    sequences: inputs.slice(carries, carries + sequences),
    count: counted ? [inputs[carries + sequences]] : [],
    ofBody: inputs.slice(rest, rest + ofBody),
    ofCondition: inputs.slice(rest + ofBody),
  };
}

/** A loop as a whole. */
export const loop = definePrimitive<LoopParams>({
  name: "loop",
  shape: () => toShape([]),
  dtype: () => "float32",
  derivative: { kind: "explicit" },
  batch: batchedWithParts,
  reference: (inputs, params, out) => deferCall(out, (wanted) => runLoop(inputs, params, wanted)),
  text: callForm(({ operation }) => operation),
  latex: latexCall(({ operation }) => `\\mathrm{${operation}}`),
});

function runLoop(
  inputs: readonly NDArray[],
  params: LoopParams,
  wanted: readonly PartParams[],
): readonly TypedArray[] {
  const { body, condition, length, reverse, carries } = params;
  const { initial, sequences, count, ofBody, ofCondition } = loopInputs(inputs, params);
  const stacks = wanted.filter(({ kind }) => kind === "stack");
  const results = body.results.slice(0, carries).map((tensor) => body.placeOf(tensor));
  const step = interpreterOf(body, [...results, ...stacks.map(({ index }) => index)]);
  const goesOn =
    condition === null ? null : interpreterOf(condition, [condition.placeOf(condition.results[0])]);
  const bound = length < 0 ? Number.POSITIVE_INFINITY : length;
  const limit = count.length === 0 ? bound : Math.max(0, Math.min(bound, count[0].data[0]));
  const rest = ofBody.map(({ data }) => data);
  const stacked = stacks.map(({ shape, dtype }) => createArray(dtype, sizeOf(shape)));
  const sizes = stacks.map(({ shape }) => sizeOf(shape.slice(1)));
  let state: readonly TypedArray[] = initial.map(({ data }) => data);
  let taken = 0;
  while (taken < limit) {
    if (goesOn !== null && goesOn([...state, ...ofCondition.map(({ data }) => data)])[0][0] === 0) break;
    const index = reverse ? limit - 1 - taken : taken;
    const elements = sequences.map(({ data, shape }) => {
      const size = sizeOf(shape.slice(1));
      return data.subarray(index * size, (index + 1) * size);
    });
    const values = step([...state, ...elements, Int32Array.of(index), ...rest]);
    stacked.forEach((all, i) => {
      all.set(values[carries + i], index * sizes[i]);
    });
    state = values.slice(0, carries);
    taken++;
  }
  let next = 0;
  return wanted.map(({ kind, index }) => {
    if (kind === "result") return state[index];
    return kind === "count" ? Int32Array.of(taken) : stacked[next++];
  });
}
