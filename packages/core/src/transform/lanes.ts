import { apply } from "../ir/apply.ts";
import { type Frame, inFrame } from "../ir/frames.ts";
import type { Tensor } from "../ir/tensor.ts";
import { topology } from "../ir/traversal.ts";
import type { BatchedValue, PartParams } from "../prims/control/call.ts";
import { inputLeaf } from "../prims/leaves.ts";
import { formatShape } from "../types/shape.ts";
import { TraceError } from "../util/errors.ts";
import { FAULT } from "../util/fault.ts";
import { partsByCall } from "./jvp.ts";
import { builder, callRule, isControl } from "./vjp.ts";

/** Placeholders whose mapped call is over. */
const finished = new WeakSet<Tensor>();

/** Whether x is one lane of a call that is over. */
export const isFinishedLane = (x: Tensor): boolean => finished.has(x);

/**
 * Traces `body` once, for one lane, and rewrites what it made to compute all lanes together. `values` have the mapped axis
 * in front where `mapped` says so; the body gets placeholders in their places.
 */
export class Lanes {
  private readonly batched = new Map<Tensor, Tensor>();
  private readonly frame: Frame;

  constructor(
    readonly size: number,
    operation: string,
  ) {
    this.frame = {
      kind: "vmap",
      name: operation,
      laneKey: (key) => this.placeholder(builder.randomBits(key, [size], true)),
    };
  }

  /** One lane of a value whose leading axis is mapped. */
  placeholder(value: Tensor): Tensor {
    const lane = inputLeaf(`lane${this.batched.size}`, value.shape.slice(1), value.dtype);
    this.batched.set(lane, value);
    return lane;
  }

  /** What the body returns, still for one lane. */
  trace<R>(body: () => R): R {
    return inFrame(this.frame, body);
  }

  /** All lanes of what the body made. */
  collect(outputs: readonly Tensor[]): BatchedValue[] {
    for (const lane of this.batched.keys()) finished.add(lane);
    return batchNodes(outputs, this.batched, this.size);
  }

  /** As `collect`, with the leading axis in every result. */
  collectFull(outputs: readonly Tensor[]): Tensor[] {
    return this.collect(outputs).map(({ value, batched }) =>
      batched ? value : builder.broadcast(value, [this.size, ...value.shape]),
    );
  }
}

/**
 * Every node between the placeholders and the outputs, made again with the mapped axis in front. Parts of a mapped loop that
 * are the same in every lane are made again without it, and what is made of them.
 */
export function batchNodes(
  outputs: readonly Tensor[],
  batched: ReadonlyMap<Tensor, Tensor>,
  size: number,
): BatchedValue[] {
  const oldest = [...batched.keys()].reduce((id, lane) => Math.min(id, lane.id), Number.POSITIVE_INFINITY);
  const graph = topology(outputs, (node) => node.symbolic && node.id >= oldest);
  const made = new Map<Tensor, Tensor>(batched);
  const same = new Map<Tensor, Tensor>();
  const partsOf = partsByCall(graph);
  graph.nodes.forEach((node, place) => {
    if (made.has(node) || same.has(node)) return;
    const flags = node.inputs.map((input) => made.has(input));
    const inputs = node.inputs.map((input) => made.get(input) ?? same.get(input) ?? input);
    if (flags.includes(true)) {
      if (isControl(node)) {
        const parts = (partsOf.get(place) ?? []).map((i) => graph.nodes[i]);
        batchCall(node, parts, { inputs, flags, size }, made, same);
      } else made.set(node, batchOne(node, inputs, flags, size));
    } else if (node.inputs.some((input) => same.has(input))) {
      same.set(node, apply(node.prim, inputs, node.params));
    }
  });
  return outputs.map((output) => ({
    value: made.get(output) ?? same.get(output) ?? output,
    batched: made.has(output),
  }));
}

/** A loop or a branch with all of its parts. */
function batchCall(
  call: Tensor,
  parts: readonly Tensor[],
  { inputs, flags, size }: { inputs: readonly Tensor[]; flags: readonly boolean[]; size: number },
  made: Map<Tensor, Tensor>,
  same: Map<Tensor, Tensor>,
): void {
  const params = parts.map((node) => node.params as PartParams);
  callRule(call)
    .batch(inputs, flags, params, size)
    .forEach(({ value, batched }, i) => {
      (batched ? made : same).set(parts[i], value);
    });
}

function batchOne(node: Tensor, inputs: readonly Tensor[], flags: readonly boolean[], size: number): Tensor {
  const { batch } = node.prim;
  const value =
    batch === "same"
      ? apply(
          node.prim,
          inputs.map((x, k) => (flags[k] ? x : builder.broadcast(x, [size, ...x.shape]))),
          node.params,
        )
      : batch(builder, inputs, flags, node.params, size);
  if (value.rank !== node.rank + 1) {
    throw new TraceError(
      `${node.prim.name}: ${formatShape(node.shape)} was mapped to ${formatShape(value.shape)}`,
      { operation: "vmap", remedy: FAULT },
    );
  }
  return value;
}
