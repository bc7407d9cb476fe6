import type { Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { applies } from "../../prims/builder.ts";
import { Body } from "../../prims/control/body.ts";
import { constant, inputLeaf, iota } from "../../prims/leaves.ts";
import { substituted } from "../instantiate.ts";
import { oldestId } from "./parts.ts";

/** What a function made of placeholders. */
export interface Open {
  readonly parameters: readonly Tensor[];
  readonly results: readonly Tensor[];
}

export interface Closing {
  /** Nodes with this id or a greater one were made by the function; those younger than its parameters unless given. */
  readonly first?: number;
  /** What does not depend on the parameters is computed outside, once: for loops, not for what may never run. */
  readonly hoist: boolean;
}

/** Index arithmetic, which costs nothing where it is used and a copy where it is not. */
const MOVEMENTS: ReadonlySet<string> = new Set(["reshape", "permute", "broadcast", "slice", "flip"]);

const isLiteral = (node: Tensor): boolean => applies(node, constant) || applies(node, iota);

/** What a function uses that is not made of its parameters. */
function capturedBy({ parameters, results }: Open, { first, hoist }: Closing): Set<Tensor> {
  const given = new Set(parameters);
  const from = first ?? oldestId(parameters);
  const graph = topology(results, (node) => !given.has(node) && (node.id >= from || isLiteral(node)));
  const inside = new Set<Tensor>(parameters);
  const literal = new Set<Tensor>();
  for (const node of graph.nodes) {
    const { inputs, prim } = node;
    if (isLiteral(node) || (inputs.length > 0 && inputs.every((input) => literal.has(input)))) {
      literal.add(node);
      inside.add(node);
    } else if (inputs.some((input) => given.has(input))) {
      given.add(node);
      inside.add(node);
    } else if (inputs.length > 0 && (!hoist || MOVEMENTS.has(prim.name))) {
      inside.add(node);
    }
  }
  const captured = new Set<Tensor>();
  for (const node of graph.nodes) {
    if (inside.has(node)) for (const input of node.inputs) if (!inside.has(input)) captured.add(input);
  }
  for (const result of results) if (!inside.has(result)) captured.add(result);
  return captured;
}

/**
 * What functions of equal parameters made, each as a graph of its own: whatever they use that is not made of their
 * parameters comes in by parameters, too, behind them.
 */
export function closeAll(
  made: readonly Open[],
  closing: Closing = { hoist: false },
): { readonly bodies: readonly Body[]; readonly captured: readonly Tensor[] } {
  const captured = [...new Set(made.flatMap((one) => [...capturedBy(one, closing)]))];
  const standIns = captured.map((one) => inputLeaf("captured", one.shape, one.dtype));
  const replaced = new Map(captured.map((one, i) => [one, standIns[i]]));
  const bodies = made.map(
    ({ parameters, results }) => new Body([...parameters, ...standIns], substituted(results, replaced)),
  );
  return { bodies, captured };
}

/** The same for the body of a loop: what does not depend on the parameters is computed outside. */
export function closeOver(
  parameters: readonly Tensor[],
  results: readonly Tensor[],
  first?: number,
): { readonly body: Body; readonly captured: readonly Tensor[] } {
  const { bodies, captured } = closeAll([{ parameters, results }], { first, hoist: true });
  return { body: bodies[0], captured };
}
