import { apply } from "../../ir/apply.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { type BranchParams, branch } from "../../prims/control/branch.ts";
import type { PartParams } from "../../prims/control/call.ts";
import { type LoopParams, loop } from "../../prims/control/loop.ts";
import { part } from "../../prims/control/part.ts";
import { inputLeaf } from "../../prims/leaves.ts";
import type { DType } from "../../types/dtype.ts";
import { type Shape, toShape } from "../../types/shape.ts";

export const loopCall = (inputs: readonly Tensor[], params: LoopParams): Tensor =>
  apply(loop, inputs, params);
export const branchCall = (inputs: readonly Tensor[], params: BranchParams): Tensor =>
  apply(branch, inputs, params);

const partOf = (call: Tensor, params: Omit<PartParams, "shape" | "dtype">, shape: Shape, dtype: DType) =>
  apply(part, [call], { ...params, shape: toShape(shape), dtype });

/** The last value of a carry. */
export function carryOf(call: Tensor, index: number): Tensor {
  const { shape, dtype } = (call.params as LoopParams).body.results[index];
  return partOf(call, { kind: "result", index, id: 0 }, shape, dtype);
}

/** A value of the body at every step. */
export function stackOf(call: Tensor, value: Tensor): Tensor {
  const { body, length } = call.params as LoopParams;
  const index = body.placeOf(value);
  return partOf(call, { kind: "stack", index, id: body.idAt(index) }, [length, ...value.shape], value.dtype);
}

/** How many steps were taken. */
export const countOf = (call: Tensor): Tensor =>
  partOf(call, { kind: "count", index: 0, id: 0 }, [], "int32");

/** What the branch taken gives. */
export function resultOf(call: Tensor, index: number): Tensor {
  const { shape, dtype } = (call.params as BranchParams).bodies[0].results[index];
  return partOf(call, { kind: "result", index, id: 0 }, shape, dtype);
}

/** Placeholders like tensors, with other leading axes. */
export const placeholdersLike = (tensors: readonly Tensor[], name: string): Tensor[] =>
  tensors.map(({ shape, dtype }, i) => inputLeaf(`${name}${i}`, shape, dtype));

/** The smallest id: what is older is made of none of them. */
export const oldestId = (tensors: readonly Tensor[]): number =>
  tensors.reduce((id, one) => Math.min(id, one.id), Number.POSITIVE_INFINITY);
