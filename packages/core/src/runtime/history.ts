import type { Tensor } from "../ir/tensor.ts";
import { dtypeBytes } from "../types/dtype.ts";
import { sizeOf } from "../types/shape.ts";
import type { Version } from "./version.ts";

/** What was evaluated together: the nodes, and what they were made of. */
export interface Evaluated {
  readonly tensors: readonly Tensor[];
  readonly slots: readonly { readonly tensor: Tensor; readonly version: Version | null }[];
}

/** An evaluated tensor keeps what it was made of, for derivatives, up to this many nodes ... */
export const MAX_HISTORY_NODES = 1e6;
/** ... or this many bytes; then it becomes a leaf, so that `x = step(x)` for ever is flat in memory. */
export const MAX_HISTORY_BYTES = 256 * 2 ** 20;

/** About what a node of the graph takes in JavaScript's heap. */
const NODE_BYTES = 256;

/** The nodes and bytes that a result of this plan keeps alive, at most. */
function historyOf({ tensors, slots }: Evaluated): { nodes: number; bytes: number } {
  let nodes = 0;
  let bytes = 0;
  let given = 0;
  for (const { tensor, version } of slots) {
    if (version !== null) continue;
    nodes = Math.max(nodes, tensor.historyNodes);
    bytes = Math.max(bytes, tensor.historyBytes);
    given += sizeOf(tensor.shape) * dtypeBytes(tensor.dtype);
  }
  return { nodes: nodes + tensors.length, bytes: bytes + given + tensors.length * NODE_BYTES };
}

/** Notes the history of evaluated tensors, and cuts it off where it has grown too long. */
export function recordHistory(results: Iterable<Tensor>, evaluated: Evaluated): void {
  const { nodes, bytes } = historyOf(evaluated);
  for (const tensor of results) {
    if (tensor.inputs.length === 0) continue;
    if (nodes > MAX_HISTORY_NODES || bytes + tensor.byteLength > MAX_HISTORY_BYTES) {
      (tensor as { inputs: readonly Tensor[] }).inputs = [];
      tensor.cut = true;
    } else {
      tensor.historyNodes = nodes;
      tensor.historyBytes = bytes + tensor.byteLength;
    }
  }
}
