import type { Tensor } from "@cotangent/core";

/** For each node of a graph that was built again, the node that it stands for. */
const standsFor = new WeakMap<Tensor, Tensor>();

/** Notes that a node was built again for another. */
export function noteOriginal(node: Tensor, of: Tensor): void {
  standsFor.set(node, original(of));
}

/** The node that the user's function made: the one that a node of a lifted graph stands for, or the node itself. */
export const original = (node: Tensor): Tensor => standsFor.get(node) ?? node;
