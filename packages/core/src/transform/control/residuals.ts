import type { Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { applies } from "../../prims/builder.ts";
import type { Body } from "../../prims/control/body.ts";
import { part } from "../../prims/control/part.ts";
import { constant, iota } from "../../prims/leaves.ts";
import { substituted } from "../instantiate.ts";
import { placeholdersLike } from "./parts.ts";

/** Made again in the backward step rather than kept: no more work than reading them from memory. */
const CHEAP: ReadonlySet<string> = new Set([
  "add", "sub", "mul", "neg", "abs", "sign", "max", "min", "compare", "bitwise", "where", "cast", "floor", "ceil", "round",
  "trunc", "isNaN", "reshape", "permute", "broadcast", "slice", "flip", "constant", "iota", "identity", "stopGradient",
]); // biome-ignore format: a table

/** What a backward step needs of the step forth. */
export interface Kept {
  /** Values of the body to stack. */
  readonly values: readonly Tensor[];
  readonly placeholders: readonly Tensor[];
  /** The results made of the placeholders, with more replacements. */
  rewrite(results: readonly Tensor[], more: ReadonlyMap<Tensor, Tensor>): Tensor[];
}

/**
 * Chooses what of a step forth is kept for the step back. `results` are made of the body's parameters and of other
 * placeholders, cotangents. What is made of parameters alone is kept where it was costly to make, and made again where it is
 * cheap, so far back as it is, or where only the step back makes it; `free` parameters are at hand in both directions.
 */
export function keptFrom(results: readonly Tensor[], body: Body, free: ReadonlySet<Tensor>): Kept {
  const own = new Set(body.parameters);
  const graph = topology(results, (node) => node.symbolic);
  /** Made of the body's parameters and of no cotangent. */
  const forward = new Set<Tensor>();
  // Not what a rule of the user's own takes from elsewhere: that is no part of the step forth.
  const isForward = (x: Tensor): boolean => forward.has(x) || applies(x, constant) || applies(x, iota);
  for (const node of graph.nodes) {
    if (own.has(node)) forward.add(node);
    else if (node.inputs.length > 0 && node.inputs.every(isForward)) forward.add(node);
  }
  const values = new Set<Tensor>();
  const stack: Tensor[] = [];
  const need = (node: Tensor): void => {
    if (forward.has(node) && !free.has(node)) stack.push(node);
  };
  for (const node of graph.nodes) if (!forward.has(node)) for (const input of node.inputs) need(input);
  for (const result of results) need(result);
  const seen = new Set<Tensor>();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (own.has(node) || applies(node, part) || (body.has(node) && !CHEAP.has(node.prim.name)))
      values.add(node);
    else for (const input of node.inputs) need(input);
  }
  const list = [...values];
  const placeholders = placeholdersLike(list, "kept");
  const replaced = new Map(list.map((value, i) => [value, placeholders[i]]));
  return {
    values: list,
    placeholders,
    rewrite: (all, more) => substituted(all, new Map([...replaced, ...more])),
  };
}
