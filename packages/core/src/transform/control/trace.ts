import { inFrame } from "../../ir/frames.ts";
import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { asTensor, isTensorOrNumber } from "../../prims/convert.ts";
import { inputLeaf, weakKind } from "../../prims/leaves.ts";
import { toShape } from "../../types/shape.ts";
import { type FlatTree, flattenTree } from "../../types/trees.ts";
import { StateError, TraceError } from "../../util/errors.ts";
import { builder } from "../vjp.ts";
import { placeholdersLike } from "./parts.ts";

/** What a user's function made of placeholders. */
export interface TracedBody {
  readonly parameters: readonly Tensor[];
  /** Numbers it returned are tensors here. */
  readonly result: FlatTree<Tensor>;
  /** For each leaf of the result, whether it was a JavaScript number, which has no dtype of its own. */
  readonly isNumber: readonly boolean[];
  /** Nodes with this id or a greater one were made inside. */
  readonly first: number;
}

/** A tree of tensors and numbers as tensors. */
export function tensorTree(tree: unknown, operation: string) {
  const flat = flattenTree(tree, isTensorOrNumber, operation);
  const isNumber = flat.leaves.map((leaf) => !isTensor(leaf) || weakKind(leaf) !== undefined);
  return { flat: { ...flat, leaves: flat.leaves.map((leaf) => asTensor(leaf, operation).node) }, isNumber };
}

/**
 * Runs a user's function once, on placeholders like `like`. A draw of random numbers without a key draws others at each
 * step, where there are steps: `step` says which of the placeholders counts them.
 * @throws TraceError when it returns a Promise
 */
export function traceBody(
  operation: string,
  like: readonly Tensor[],
  call: (placeholders: readonly Tensor[]) => unknown,
  step?: number,
): TracedBody {
  const first = inputLeaf("first", toShape([]), "bool").id;
  const parameters = placeholdersLike(like, operation);
  const laneKey = (key: Tensor): Tensor => {
    const count = builder.cast(parameters[step as number], "uint32");
    return builder.randomBits(key, [], true, count);
  };
  const frame = { kind: "control", name: operation, ...(step === undefined ? {} : { laneKey }) } as const;
  const returned = inFrame(frame, () => call(parameters));
  if (returned instanceof Promise) {
    returned.catch(() => {});
    throw new TraceError("the function returned a Promise", {
      operation,
      remedy: "Bodies of control flow are synchronous: await what they need outside",
    });
  }
  const { flat, isNumber } = tensorTree(returned, operation);
  return { parameters, result: flat, isNumber, first };
}

/** @throws StateError unless `f` is a function */
export function checkBody(f: unknown, operation: string, what: string, example: string): void {
  if (typeof f === "function") return;
  throw new StateError(`${what} is no function`, { operation, remedy: `Write ${example}` });
}
