import { builtInOneGo, type Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { checkTensor } from "../arguments.ts";
import { builder } from "../vjp.ts";
import { Expressions } from "./algebra.ts";
import type { Expression } from "./expression.ts";
import { readGraph } from "./read.ts";
import { writeGraph } from "./write.ts";

/** Passes over one expression; each but the last makes it simpler, and most expressions take two. */
const MAX_PASSES = 8;

export function simplify(f: Tensor): Tensor {
  checkTensor(f, "simplify");
  const algebra = new Expressions();
  let result = f.node;
  const space = algebra.space(result.shape, result.dtype);
  let before: Expression | null = null;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const graph = topology([result]);
    const [expression] = readGraph(algebra, graph, [result]);
    if (expression === before) break;
    before = expression;
    [result] = builtInOneGo([], () => [writeGraph(builder, expression, space)]);
  }
  return result;
}
