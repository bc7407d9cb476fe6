import {
  type Algebra,
  argumentOf,
  type Expression,
  factor,
  factorsOf,
  isLongSum,
  type Space,
  scaledSize,
  sumSize,
  type Term,
  term,
} from "./expression.ts";
import { isSymbolLike } from "./order.ts";
import {
  isMinusOne,
  isNegative,
  isOne,
  isWhole,
  negate,
  plus,
  type Rational,
  same,
  times,
  valueOf,
  ZERO,
} from "./rational.ts";

/** Rules that compare terms with each other, or try other forms, stop at this: simplification takes linear time. */
const MANY_TERMS = 32;
const MANY_OPERATIONS = 200;

/** Terms under construction: coefficients by expression, and the constant. */
interface Linear {
  readonly terms: Map<Expression, Rational>;
  constant: Rational;
}

function addTo(linear: Linear, expression: Expression, coefficient: Rational): void {
  if (expression.kind === "number") {
    linear.constant = plus(linear.constant, times(coefficient, expression.value));
    return;
  }
  const total = plus(linear.terms.get(expression) ?? ZERO, coefficient);
  if (total.n === 0) linear.terms.delete(expression);
  else linear.terms.set(expression, total);
}

function addSum(linear: Linear, sum: Expression & { kind: "sum" }, coefficient: Rational): void {
  linear.constant = plus(linear.constant, times(coefficient, sum.constant));
  for (const one of sum.terms) addTo(linear, one.expression, times(coefficient, one.coefficient));
}

/** x + (y + z) = x + y + z; 2x + 3x = 5x; c * (x + y) stays unless that meets like terms. */
function collect(parts: readonly Term[]): Linear {
  const linear: Linear = { terms: new Map(), constant: ZERO };
  const scaled = new Map<Expression & { kind: "sum" }, Rational>();
  for (const { expression, coefficient, whole } of parts) {
    if (expression.kind !== "sum" || whole) addTo(linear, expression, coefficient);
    else if (isOne(coefficient) || isMinusOne(coefficient)) addSum(linear, expression, coefficient);
    else if (expression.terms.length === 1 && expression.constant.n === 0)
      addSum(linear, expression, coefficient);
    else scaled.set(expression, plus(scaled.get(expression) ?? ZERO, coefficient));
  }
  // A sum that was multiplied by a number before is one expression among the terms.
  for (const [expression, coefficient] of [...linear.terms]) {
    if (expression.kind !== "sum" || isLongSum(expression)) continue;
    linear.terms.delete(expression);
    scaled.set(expression, plus(scaled.get(expression) ?? ZERO, coefficient));
  }
  if (scaled.size > 0) addScaled(linear, scaled);
  return linear;
}

function addScaled(linear: Linear, scaled: ReadonlyMap<Expression & { kind: "sum" }, Rational>): void {
  const seen = new Map<Expression | "constant", number>();
  const note = (key: Expression | "constant") => seen.set(key, (seen.get(key) ?? 0) + 1);
  for (const key of linear.terms.keys()) note(key);
  if (linear.constant.n !== 0) note("constant");
  for (const sum of scaled.keys()) {
    for (const { expression } of sum.terms) note(expression);
    if (sum.constant.n !== 0) note("constant");
  }
  for (const [sum, coefficient] of scaled) {
    const meets =
      sum.terms.some(({ expression }) => (seen.get(expression) ?? 0) > 1) ||
      (sum.constant.n !== 0 && (seen.get("constant") ?? 0) > 1);
    if (meets || isOne(coefficient) || isMinusOne(coefficient)) addSum(linear, sum, coefficient);
    else addTo(linear, sum, coefficient);
  }
}

const listOf = (linear: Linear): Term[] =>
  [...linear.terms].map(([expression, coefficient]) => ({ expression, coefficient }));

const sizeOfLinear = ({ terms, constant }: Linear): number =>
  sumSize(
    [...terms].map(([expression, coefficient]) => ({ expression, coefficient })),
    constant,
  );

/** What stays of a product without base^exponent; null when it has no such factor. */
function without(a: Algebra, x: Expression, base: Expression, exponent: Rational, space: Space) {
  const own = factorsOf(x).find((one) => one.base === base);
  if (own === undefined || !same(own.exponent, exponent)) return null;
  return a.product([factor(x), factor(base, negate(exponent))], space);
}

const SQUARE: Rational = { n: 2, d: 1, decimal: false };

/** c * f(u)^2 * z and d * g(u)^2 * z, for functions whose squares belong together. */
function* squarePairs(a: Algebra, linear: Linear, f: string, g: string, space: Space) {
  for (const [x, c] of linear.terms) {
    for (const { base, exponent } of factorsOf(x)) {
      const u = argumentOf(base, f);
      if (u === null || !same(exponent, SQUARE)) continue;
      const rest = without(a, x, base, SQUARE, space);
      if (rest === null) continue;
      const partner = a.product([factor(rest), factor(a.unary(g, u, space), SQUARE)], space);
      const d = linear.terms.get(partner);
      if (d !== undefined) yield { x, c, partner, d, rest };
    }
  }
}

type SumRule = (a: Algebra, linear: Linear, space: Space) => Expression | null;

/** sin(u)^2 + cos(u)^2 = 1, and c * z * both of them is c * z. */
const pythagoras: SumRule = (a, linear, space) => {
  for (const { x, c, partner, d, rest } of squarePairs(a, linear, "sin", "cos", space)) {
    if (same(c, d)) return replaced(a, linear, [x, partner], term(rest, c), space);
  }
  return null;
};

/** cosh(u)^2 - sinh(u)^2 = 1 */
const hyperbola: SumRule = (a, linear, space) => {
  for (const { x, c, partner, d, rest } of squarePairs(a, linear, "cosh", "sinh", space)) {
    if (same(c, negate(d))) return replaced(a, linear, [x, partner], term(rest, c), space);
  }
  return null;
};

function replaced(
  a: Algebra,
  linear: Linear,
  gone: readonly Expression[],
  by: Term,
  space: Space,
): Expression {
  const kept = listOf(linear).filter(({ expression }) => !gone.includes(expression));
  return a.sum([...kept, by, term(a.number(linear.constant))], space);
}

/** x * (x + 1) - x = x^2, where multiplying out makes the whole shorter. */
const multiplyOut: SumRule = (a, linear, space) => {
  let any = false;
  const parts: Term[] = [term(a.number(linear.constant))];
  for (const [expression, coefficient] of linear.terms) {
    const products = expandedOnce(a, expression, space);
    if (products === null) parts.push(term(expression, coefficient));
    else {
      any = true;
      for (const one of products) parts.push(term(one.expression, times(coefficient, one.coefficient)));
    }
  }
  if (!any) return null;
  const expanded = collect(parts);
  const gain = sizeOfLinear(linear) - sizeOfLinear(expanded);
  const merged = expanded.terms.size + 1 < parts.length;
  if (gain < 0 || (gain === 0 && !merged)) return null;
  return a.sum([...listOf(expanded), term(a.number(expanded.constant))], space);
};

/** Products with at most this many terms are multiplied out. */
const MAX_PRODUCTS = 12;

/** z * (x + y)^n as terms; null for what is no such product. */
function expandedOnce(a: Algebra, x: Expression, space: Space): Term[] | null {
  const all = factorsOf(x);
  const at = all.findIndex(
    ({ base, exponent }) => base.kind === "sum" && isWhole(exponent) && exponent.n > 0,
  );
  if (at < 0) return null;
  const { base, exponent } = all[at];
  if (base.kind !== "sum" || exponent.n > 3 || (base.terms.length + 1) ** exponent.n > MAX_PRODUCTS)
    return null;
  const addends: Term[] = [...base.terms];
  if (base.constant.n !== 0) addends.push(term(a.number(base.constant)));
  const rest = all.filter((_, i) => i !== at);
  let terms: Term[] = [term(a.product(rest, space))];
  for (let i = 0; i < exponent.n; i++) {
    terms = terms.flatMap((left) =>
      addends.map((right) => ({
        expression: a.product([factor(left.expression), factor(right.expression)], space),
        coefficient: times(left.coefficient, right.coefficient),
      })),
    );
  }
  return terms;
}

/**
 * cos(x) / x - sin(x) / x^2 = (x * cos(x) - sin(x)) / x^2 and f * exp(x) + g * exp(x) = (f + g) * exp(x): what all terms
 * have in common is written once, unless the whole gets longer. Powers of symbols stay in polynomials.
 */
const takeOut: SumRule = (a, linear, space) => {
  if (linear.constant.n !== 0) return null;
  const common = [...powersIn(linear)].filter(
    ([base, { count, least }]) => count === linear.terms.size && (isNegative(least) || !isSymbolLike(base)),
  );
  const result = a.attempt(() => takenOut(a, linear, common, space));
  return common.length > 0 && result !== null && result.size <= sizeOfLinear(linear) ? result : null;
};

/** sqrt(x) + x / sqrt(x) = 2 * x / sqrt(x): over a common denominator, where that makes the whole shorter. */
const commonDenominator: SumRule = (a, linear, space) => {
  for (const [base, power] of powersIn(linear)) {
    if (power.count < 2 || !isNegative(power.least)) continue;
    const result = a.attempt(() => takenOut(a, linear, [[base, power]], space));
    if (result !== null && result.size < sizeOfLinear(linear)) return result;
  }
  return null;
};

interface Powers {
  readonly least: Rational;
  /** How many terms have the base. */
  readonly count: number;
}

/** The least power of each base over the terms that have it. */
function powersIn({ terms }: Linear): Map<Expression, Powers> {
  const found = new Map<Expression, Powers>();
  for (const x of terms.keys()) {
    for (const { base, exponent } of factorsOf(x)) {
      const { least = exponent, count = 0 } = found.get(base) ?? {};
      found.set(base, { least: valueOf(exponent) < valueOf(least) ? exponent : least, count: count + 1 });
    }
  }
  return found;
}

/** base^least * ... * (what stays of the terms) */
function takenOut(
  a: Algebra,
  linear: Linear,
  common: readonly (readonly [Expression, Powers])[],
  space: Space,
): Expression {
  const inverse = common.map(([base, { least }]) => factor(base, negate(least)));
  const parts = [...listOf(linear), term(a.number(linear.constant))].map(({ expression, coefficient }) =>
    term(a.product([factor(expression), ...inverse], space), coefficient),
  );
  const outer = common.map(([base, { least }]) => factor(base, least));
  return a.product([factor(a.sum(parts, space)), ...outer], space);
}

/** In this order; the first that applies starts anew with what it made. */
const SUM_RULES: readonly SumRule[] = [pythagoras, hyperbola, multiplyOut, takeOut, commonDenominator];

/** A sum with like terms collected, after all rules. */
export function simplifiedSum(a: Algebra, parts: readonly Term[], space: Space): Expression {
  const linear = collect(parts);
  const { size } = linear.terms;
  if (size > 1 && size <= MANY_TERMS && sizeOfLinear(linear) <= MANY_OPERATIONS) {
    for (const rule of SUM_RULES) {
      const result = rule(a, linear, space);
      if (result !== null) return result;
    }
  }
  return a.bareSum(linear.terms, linear.constant, space);
}

/** c * x: -(x - y) = y - x; 2 * (x + y) stays, unless multiplying out is shorter. */
export function scaled(a: Algebra, coefficient: Rational, x: Expression, space: Space): Expression {
  if (coefficient.n === 0) return a.number(ZERO);
  if (isOne(coefficient)) return x;
  if (x.kind === "number") return a.number(times(coefficient, x.value));
  if (x.kind === "sum") {
    const linear = collect([term(a.number(ZERO))]);
    addSum(linear, x, coefficient);
    const alone = x.terms.length === 1 && x.constant.n === 0;
    if (alone || isMinusOne(coefficient) || sizeOfLinear(linear) < scaledSize(coefficient, x))
      return a.bareSum(linear.terms, linear.constant, space);
  }
  return a.bareSum(new Map([[x, coefficient]]), ZERO, space);
}
