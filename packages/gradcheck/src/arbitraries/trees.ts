import { checkOptions, type Tensor, type Tree } from "@cotangent/core";
import fc from "fast-check";
import { wholeOption } from "./limits.ts";
import { tensors } from "./tensors.ts";

/** Which trees there are. */
export interface TreeOptions {
  /** What stands at their ends; `tensors()` unless given. */
  readonly leaf?: fc.Arbitrary<Tensor>;
  /** How many lists and objects may stand in one another; 2 unless given. */
  readonly maxDepth?: number;
}

const KEYS = ["weights", "bias", "scale"];

/**
 * Trees of tensors: a tensor, lists of trees, and objects of trees, each of at least one. They shrink towards one tensor.
 * @throws StateError for options that make no sense
 */
export function trees(options: TreeOptions = {}): fc.Arbitrary<Tree<Tensor>> {
  checkOptions("trees", options, ["leaf", "maxDepth"]);
  const { leaf = tensors() } = options;
  return nested(leaf, wholeOption("trees", "maxDepth", options.maxDepth ?? 2, 0));
}

function nested(leaf: fc.Arbitrary<Tensor>, depth: number): fc.Arbitrary<Tree<Tensor>> {
  if (depth === 0) return leaf;
  const inside = nested(leaf, depth - 1);
  const keys = fc.constantFrom(...KEYS);
  return fc.oneof<[fc.Arbitrary<Tree<Tensor>>, fc.Arbitrary<Tree<Tensor>>, fc.Arbitrary<Tree<Tensor>>]>(
    { withCrossShrink: true },
    leaf,
    fc.array(inside, { minLength: 1, maxLength: 3, size: "max" }),
    fc.dictionary(keys, inside, { minKeys: 1, maxKeys: 3, size: "max", noNullPrototype: true }),
  );
}
