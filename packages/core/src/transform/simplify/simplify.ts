import { builtInOneGo, type Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { checkTensor } from "../arguments.ts";
import { builder } from "../vjp.ts";
import { Expressions } from "./algebra.ts";
import type { Expression } from "./expression.ts";
import { readGraph } from "./read.ts";
import { writtenSize } from "./size.ts";
import { writeGraph } from "./write.ts";

/** A pass reads the graph and writes it again; the second finds nothing left to do for nearly all formulas. */
const MAX_PASSES = 8;

/**
 * f as a textbook would write it: a graph with the same values that reads better. It collects like terms and factors,
 * computes with numbers exactly (as fractions; it also looks at the numbers that users pass, which plans never do), cancels
 * fractions, applies identities of elementary functions, and puts sums and products in the usual order. Formulas never get
 * longer, and simplifying twice is simplifying once.
 *
 * The algebra is that of real numbers where f is defined: x - x, 0 * x and x / x become 0, 0 and 1, also where x is infinite,
 * NaN or 0; log(exp(x)), exp(log(x)) and sqrt(x)^2 become x; what guards the single points 0 of a power goes. Rounding may
 * differ, since terms are added in another order. Values that users passed become part of the formula. Arithmetic of integers
 * and logic stays as it is, since integers wrap around.
 *
 * Meant for reading: engines do not need it, and what was made numerically stable on purpose may come out less so.
 */
export function simplify(f: Tensor): Tensor {
  checkTensor(f, "simplify");
  const original = f.node;
  const algebra = new Expressions();
  const space = algebra.space(original.shape, original.dtype);
  let result = original;
  let before: Expression | null = null;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const [expression] = readGraph(algebra, topology([result]), [result]);
    if (expression === before) break;
    before = expression;
    [result] = builtInOneGo([], () => [writeGraph(builder, expression, space)]);
  }
  return writtenSize(result) > writtenSize(original) ? original : result;
}
