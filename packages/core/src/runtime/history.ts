import type { Tensor } from "../ir/tensor.ts";

/** An evaluated tensor keeps what it was made of, for derivatives, up to this many nodes ... */
export const MAX_HISTORY_NODES = 1e6;
/** ... or this many bytes; then it becomes a leaf, so that `x = step(x)` for ever is flat in memory. */
export const MAX_HISTORY_BYTES = 256 * 2 ** 20;

/** About what a node of the graph takes in JavaScript's heap. */
const NODE_BYTES = 256;

/** What the results of one plan keep alive, at most: the nodes that were evaluated together, and what they were made of. */
export class History {
  private nodes = 0;
  private bytes = 0;
  /** Bytes of the sources themselves. */
  private given = 0;

  /** Of `count` nodes. */
  constructor(private readonly count: number) {}

  /** One of the values that they were made of. */
  add(source: Tensor): void {
    this.nodes = Math.max(this.nodes, source.historyNodes);
    this.bytes = Math.max(this.bytes, source.historyBytes);
    this.given += source.byteLength;
  }

  /** Notes the history of an evaluated tensor, and cuts it off where it has grown too long. */
  record(tensor: Tensor): void {
    if (tensor.inputs.length === 0) return;
    const nodes = this.nodes + this.count;
    const bytes = this.bytes + this.given + this.count * NODE_BYTES + tensor.byteLength;
    if (nodes > MAX_HISTORY_NODES || bytes > MAX_HISTORY_BYTES) {
      (tensor as { inputs: readonly Tensor[] }).inputs = [];
      tensor.cut = true;
    } else {
      tensor.historyNodes = nodes;
      tensor.historyBytes = bytes;
    }
  }
}
