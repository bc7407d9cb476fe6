import { callForm, latexCall } from "../../ir/form.ts";
import { definePrimitive, type NDArray } from "../../ir/primitive.ts";
import type { TypedArray } from "../../types/dtype.ts";
import { toShape } from "../../types/shape.ts";
import type { Body } from "./body.ts";
import { batchedWithParts, type CallRule, deferCall, type PartParams } from "./call.ts";
import { interpreterOf } from "./interpret.ts";

/** A choice. Its inputs: an int32, which branch runs (the first or last where it is out of range), then what all take. */
export interface BranchParams extends CallRule {
  /** Of equal parameters and results. */
  readonly bodies: readonly Body[];
}

/** A choice as a whole. */
export const branch = definePrimitive<BranchParams>({
  name: "branch",
  shape: () => toShape([]),
  dtype: () => "float32",
  derivative: { kind: "explicit" },
  batch: batchedWithParts,
  reference: (inputs, params, out) => deferCall(out, (wanted) => runBranch(inputs, params, wanted)),
  text: callForm(({ operation }) => operation),
  latex: latexCall(({ operation }) => `\\mathrm{${operation}}`),
});

function runBranch(
  [index, ...operands]: readonly NDArray[],
  { bodies }: BranchParams,
  wanted: readonly PartParams[],
): readonly TypedArray[] {
  const body = bodies[Math.max(0, Math.min(bodies.length - 1, index.data[0]))];
  const places = wanted.map((one) => body.placeOf(body.results[one.index]));
  return interpreterOf(body, places)(operands.map(({ data }) => data));
}
