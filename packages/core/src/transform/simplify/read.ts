import type { Tensor } from "../../ir/tensor.ts";
import type { Topology } from "../../ir/traversal.ts";
import type { ConstantParams } from "../../prims/leaves.ts";
import { isFloating } from "../../types/dtype.ts";
import type { Expressions } from "./algebra.ts";
import { type Expression, type Factor, factor, isLongSum, type Term, term } from "./expression.ts";
import { MINUS_ONE, negate, ONE, type Rational } from "./rational.ts";

type Kind = "sum" | "product";

/** Operations that are read as parts of a sum or of a product, with what they do to their operands. */
const PARTS: Readonly<Record<string, Readonly<Partial<Record<Kind, readonly Rational[]>>>>> = {
  add: { sum: [ONE, ONE] },
  sub: { sum: [ONE, MINUS_ONE] },
  neg: { sum: [MINUS_ONE], product: [ONE] },
  mul: { product: [ONE, ONE] },
  div: { product: [ONE, MINUS_ONE] },
};

const kindOf = (node: Tensor): Kind | null => {
  const parts = isFloating(node.dtype) ? PARTS[node.prim.name] : undefined;
  return parts === undefined ? null : parts.sum !== undefined ? "sum" : "product";
};

/**
 * The graph as expressions, inputs first, without recursion. Sums of sums are read as one sum, products of products as one
 * product, so that a chain of n additions is sorted once and not n times.
 */
export function readGraph(
  algebra: Expressions,
  { nodes, operands, starts }: Topology,
  roots: readonly Tensor[],
) {
  const readers = new Int32Array(nodes.length);
  for (const place of operands) if (place >= 0) readers[place]++;
  for (const root of roots) readers[root.place] += 2;
  const results = new Array<Expression | null>(nodes.length).fill(null);
  /** Whether a node is part of the one sum or product that reads it, and is not needed for itself. */
  const absorbed = new Uint8Array(nodes.length);
  const kinds = nodes.map(kindOf);
  // Readers first: a minus belongs to the sum, or to the product, that reads it.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const kind = kinds[i];
    if (kind === null) continue;
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const place = operands[k];
      if (readers[place] !== 1 || PARTS[nodes[place].prim.name]?.[kind] === undefined) continue;
      absorbed[place] = 1;
      kinds[place] = kind;
    }
  }
  const resultAt = (place: number): Expression => results[place] as Expression;

  /** The operands of the sum or product that ends in a node, with coefficients or exponents. */
  const partsOf = (root: number, kind: Kind): { place: number; by: Rational }[] => {
    const parts: { place: number; by: Rational }[] = [];
    const waiting = [{ place: root, by: ONE }];
    while (waiting.length > 0) {
      const { place, by } = waiting.pop() as { place: number; by: Rational };
      const own = PARTS[nodes[place].prim.name]?.[kind];
      if (own === undefined || (place !== root && absorbed[place] === 0)) {
        parts.push({ place, by });
        continue;
      }
      if (kind === "product" && nodes[place].prim.name === "neg") parts.push({ place: -1, by });
      for (let k = own.length - 1; k >= 0; k--) {
        waiting.push({ place: operands[starts[place] + k], by: own[k] === ONE ? by : negate(by) });
      }
    }
    return parts;
  };

  for (let i = 0; i < nodes.length; i++) {
    if (absorbed[i] === 1) continue;
    const node = nodes[i];
    const kind = kinds[i];
    const space = algebra.space(node.shape, node.dtype);
    if (kind === "sum") {
      const terms = partsOf(i, kind).map(({ place, by }) => asPart(resultAt(place), by, readers[place] > 1));
      results[i] = algebra.sum(terms, space);
    } else if (kind === "product") {
      const factors: Factor[] = partsOf(i, kind).map(({ place, by }) =>
        place < 0 ? factor(algebra.number(MINUS_ONE)) : factor(resultAt(place), by),
      );
      results[i] = algebra.product(factors, space);
    } else {
      results[i] = readNode(algebra, node, i, resultAt, operands, starts);
    }
  }
  return roots.map((root) => resultAt(root.place));

  function asPart(expression: Expression, by: Rational, shared: boolean): Term {
    return shared && isLongSum(expression)
      ? { expression, coefficient: by, whole: true }
      : term(expression, by);
  }
}

function readNode(
  algebra: Expressions,
  node: Tensor,
  i: number,
  resultAt: (place: number) => Expression,
  operands: Int32Array,
  starts: Int32Array,
): Expression {
  const { prim, inputs, params } = node;
  const known = numberIn(node);
  if (known !== null) return algebra.literal(known, algebra.space(node.shape, node.dtype));
  // A transform tells its argument by its identity node: that stays what it is.
  if (inputs.length === 0 || prim.name === "identity") return algebra.leaf(node);
  const args = inputs.map((_, k) => resultAt(operands[starts[i] + k]));
  const argSpaces = inputs.map(({ shape, dtype }) => algebra.space(shape, dtype));
  return algebra.call({ prim, params, args, argSpaces, space: algebra.space(node.shape, node.dtype) });
}

/** The one number that a leaf holds: a literal, or what is in a run-time slot. */
function numberIn({ prim, params, storage, inputs, size }: Tensor): number | null {
  if (inputs.length > 0) return null;
  if (prim.name === "constant") return (params as ConstantParams).value;
  return prim.name === "data" && size === 1 && storage?.host != null ? storage.host[0] : null;
}
