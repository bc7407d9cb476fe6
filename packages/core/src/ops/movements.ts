import { apply } from "../ir/apply.ts";
import type { Tensor } from "../ir/tensor.ts";
import { applies } from "../prims/builder.ts";
import { broadcast, flip, permute, reshape, slice } from "../prims/movement.ts";

const MOVEMENTS = [reshape, permute, slice, flip, broadcast] as const;
const isMovement = (node: Tensor): boolean => MOVEMENTS.some((prim) => applies(node, prim as never));

/** What was moved about to make x, and the movements from the last to the first. */
export function withoutMovements(x: Tensor): { node: Tensor; movements: Tensor[] } {
  const movements: Tensor[] = [];
  let node = x;
  while (isMovement(node)) {
    movements.push(node);
    node = node.inputs[0];
  }
  return { node, movements };
}

/** `value`, moved as what the movements were found on. */
export function moved(value: Tensor, movements: readonly Tensor[]): Tensor {
  let result = value;
  for (let i = movements.length - 1; i >= 0; i--) {
    result = apply(movements[i].prim, [result], movements[i].params);
  }
  return result;
}
