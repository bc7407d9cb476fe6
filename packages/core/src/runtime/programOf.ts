import type { Storage } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Program } from "./engine.ts";
import { boundStorage, Numbering } from "./numbering.ts";

/**
 * What an engine would be given to compute these tensors, and what would be bound to its inputs: for looking at plans.
 * Nothing is computed, and pending assignments are left alone.
 */
export function programOf(...tensors: readonly Tensor[]): { program: Program; storages: readonly Storage[] } {
  const numbering = new Numbering(
    tensors.map((tensor) => tensor.node),
    [],
    null,
  );
  return { program: numbering.program(), storages: numbering.slots.map(boundStorage) };
}
