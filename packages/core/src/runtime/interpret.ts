import type { NDArray } from "../ir/primitive.ts";
import { createArray, type TypedArray } from "../types/dtype.ts";
import { sizeOf } from "../types/shape.ts";
import type { Program, ProgramNode } from "./engine.ts";

/** A node's value by the reference function of its primitive, from the values of all places before. */
export function computed(
  nodes: readonly ProgramNode[],
  place: number,
  values: readonly (TypedArray | null)[],
): TypedArray | null {
  const { prim, inputs, params, shape, dtype } = nodes[place];
  if (prim === null) return values[place];
  const operands = inputs.map(
    (source): NDArray => ({
      data: values[source] as TypedArray,
      shape: nodes[source].shape,
      dtype: nodes[source].dtype,
    }),
  );
  const data = createArray(dtype, sizeOf(shape));
  prim.reference(operands, params, { data, shape, dtype });
  return data;
}

/** What can be forgotten after each step: values that nothing reads afterwards, and nobody has asked for. */
export function lastUses({ nodes, outputs, updates }: Program): number[][] {
  const last = new Array<number>(nodes.length).fill(-1);
  nodes.forEach(({ inputs }, place) => {
    for (const source of inputs) last[source] = place;
  });
  for (const place of outputs) last[place] = -1;
  for (const { node } of updates) last[node] = -1;
  const lists = nodes.map((): number[] => []);
  last.forEach((place, value) => {
    if (place >= 0) lists[place].push(value);
  });
  return lists;
}
