import { apply } from "../ir/apply.ts";
import type { Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";

/**
 * Values with other nodes in the places of some, and what is made of those made again. Nothing is run again, so that random
 * draws and reads of variables are the same.
 */
export function substituted(values: readonly Tensor[], replacements: ReadonlyMap<Tensor, Tensor>): Tensor[] {
  if (replacements.size === 0) return [...values];
  const made = new Map(replacements);
  for (const node of topology(values, (one) => !made.has(one)).nodes) {
    if (!node.inputs.some((input) => made.has(input))) continue;
    const inputs = node.inputs.map((input) => made.get(input) ?? input);
    made.set(node, apply(node.prim, inputs, node.params));
  }
  return values.map((value) => made.get(value) ?? value);
}

/** The same, given what is replaced and what by. */
export const instantiate = (
  values: readonly Tensor[],
  inputs: readonly Tensor[],
  others: readonly Tensor[],
): Tensor[] => substituted(values, new Map(inputs.map((input, i) => [input, others[i]])));
