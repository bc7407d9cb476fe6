import type { Expression, Factor, Term } from "./expression.ts";
import { isNegative, valueOf } from "./rational.ts";

/** Functions in the order in which a textbook multiplies them; others come after them, by name. */
const FUNCTIONS = [
  "pow", "exp2", "exp", "log", "log2", "sqrt", "cbrt",
  "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan",
]; // biome-ignore format: a table

/** Movements that formulas do not show: what they move stands for itself. */
const UNSEEN = new Set(["broadcast", "reshape", "identity"]);

/** True for symbols, variables and data, also where they are spread to another shape. */
export function isSymbolLike(x: Expression): boolean {
  let inner = x;
  while (inner.kind === "call" && UNSEEN.has(inner.prim.name)) inner = inner.args[0];
  return inner.kind === "leaf" && !inner.constant;
}

function functionRank({ base, exponent }: Factor): number {
  if (exponent.d === 2) return FUNCTIONS.indexOf("sqrt");
  const place = base.kind === "call" ? FUNCTIONS.indexOf(base.prim.name) : -1;
  return place < 0 ? FUNCTIONS.length : place;
}

/** Numbers, symbols, then polynomials in parentheses, then functions, then other sums. */
function factorGroup({ base, exponent }: Factor): number {
  if (base.kind === "leaf" && base.constant) return -1;
  if (exponent.d === 2) return 2;
  if (isSymbolLike(base)) return 0;
  if (base.kind === "call") return 2;
  return Number.isNaN(base.degree) ? 3 : 1;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareAlike = (a: Expression, b: Expression): number =>
  compareText(a.label, b.label) || a.hash - b.hash || a.id - b.id;

/** x * (y + 1) * exp(z) * (1 + sin(x)) */
export const compareFactors = (a: Factor, b: Factor): number =>
  factorGroup(a) - factorGroup(b) ||
  (factorGroup(a) === 2 ? functionRank(a) - functionRank(b) : 0) ||
  compareAlike(a.base, b.base);

const factors = (x: Expression): readonly Factor[] =>
  x.kind === "product" ? x.factors : [{ base: x, exponent: { n: 1, d: 1, decimal: false } }];

/** x^2, x * y, y^2: the higher power of the first symbol comes first. */
function compareMonomials(a: Expression, b: Expression): number {
  const [left, right] = [factors(a), factors(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const byName = compareAlike(left[i].base, right[i].base);
    if (byName !== 0) return byName;
    const byPower = valueOf(right[i].exponent) - valueOf(left[i].exponent);
    if (byPower !== 0) return byPower;
  }
  return right.length - left.length;
}

/** Matrix products, then polynomials, then functions, then (where the constant stands) powers and products of them. */
function termGroup({ expression }: Term): number {
  if (expression.kind === "call" && expression.prim.name === "dot") return -1;
  if (!Number.isNaN(expression.degree)) return 0;
  if (expression.kind === "call" || expression.kind === "leaf") return 1;
  if (
    expression.kind === "product" &&
    expression.factors.length === 1 &&
    expression.factors[0].exponent.d === 2
  )
    return isNegative(expression.factors[0].exponent) ? 3 : 1;
  return 3;
}

/** The powers of symbols in a product: sin(x) comes before x * cos(x). */
function symbolDegree(x: Expression): number {
  let degree = 0;
  for (const one of factors(x)) if (isSymbolLike(one.base)) degree += valueOf(one.exponent);
  return degree;
}

const rankOfTerm = (x: Expression): number =>
  Math.min(...factors(x).map((one) => (one.base.kind === "call" ? functionRank(one) : FUNCTIONS.length)));

/** Falling powers in polynomials; in all else, the simpler first. */
export function compareTerms(a: Term, b: Term): number {
  const group = termGroup(a) - termGroup(b);
  if (group !== 0) return group;
  const [x, y] = [a.expression, b.expression];
  if (termGroup(a) === 0) return y.degree - x.degree || compareMonomials(x, y) || compareAlike(x, y);
  return symbolDegree(x) - symbolDegree(y) || rankOfTerm(x) - rankOfTerm(y) || compareAlike(x, y);
}

/** In textbook order, and no sum begins with a minus if another order spares it, but for polynomials in falling powers. */
export function inOrder(terms: readonly Term[], hasConstant: boolean): Term[] {
  const sorted = [...terms].sort(compareTerms);
  if (sorted.length === 0 || !isNegative(sorted[0].coefficient)) return sorted;
  if (sorted.length + (hasConstant ? 1 : 0) > 2 && sorted.every((one) => termGroup(one) === 0)) return sorted;
  const positive = sorted.findIndex(({ coefficient }) => !isNegative(coefficient));
  if (positive > 0) sorted.unshift(...sorted.splice(positive, 1));
  return sorted;
}

/** How many terms stand before a sum's constant. */
export function constantPlace(terms: readonly Term[], constantIsNegative: boolean): number {
  const place = terms.findIndex((one) => termGroup(one) === 3);
  const before = place < 0 ? terms.length : place;
  if (terms.length === 0 || constantIsNegative || !isNegative(terms[0].coefficient)) {
    // No sum begins with a negative constant.
    return before === 0 && constantIsNegative ? terms.length : before;
  }
  return terms.length > 1 && terms.every((one) => termGroup(one) === 0) ? before : 0;
}
