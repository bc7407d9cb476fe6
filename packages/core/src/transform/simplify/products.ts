import {
  type Algebra,
  argumentOf,
  type Expression,
  type Factor,
  factor,
  factorsOf,
  isLongProduct,
  productSize,
  type Space,
  singleTerm,
  type Term,
  term,
} from "./expression.ts";
import {
  exactPower,
  integer,
  isEven,
  isNegative,
  isOne,
  isWhole,
  MINUS_ONE,
  negate,
  ONE,
  plus,
  type Rational,
  same,
  times,
  valueOf,
  ZERO,
} from "./rational.ts";
import { scaled } from "./sums.ts";

/** Rules that compare factors with each other stop at this: simplification takes linear time. */
const MANY_FACTORS = 32;
const MANY_OPERATIONS = 200;

/** Factors under construction: exponents by base, the number before them, and what e is raised to. */
interface Monomial {
  coefficient: Rational;
  readonly factors: Map<Expression, Rational>;
  readonly exponentials: Term[];
}

function numberPower(base: Rational, exponent: Rational): Rational {
  return exactPower(base, exponent) ?? integer(valueOf(base) ** valueOf(exponent));
}

/** x * x^2 = x^3 */
function collectFactor({ factors }: Monomial, base: Expression, exponent: Rational): void {
  const total = plus(factors.get(base) ?? ZERO, exponent);
  if (total.n === 0) factors.delete(base);
  else factors.set(base, total);
}

/** What a base becomes: other bases, one rule a line; null where it stays. */
function split(a: Algebra, base: Expression, e: Rational, space: Space): readonly Factor[] | null {
  const scaledBase = singleTerm(base);
  // (2 * x)^2 = 4 * x^2
  if (scaledBase !== null) {
    const { coefficient, expression } = scaledBase;
    const exact = isWhole(e) || !isNegative(coefficient) ? exactPower(coefficient, e) : null;
    return exact === null ? null : [factor(a.number(exact)), factor(expression, e)];
  }
  // (x^a)^b = x^(a * b)
  if (base.kind === "product") return powerOfProduct(a, base.factors, e, space);
  const inside = (name: string) => argumentOf(base, name);
  const [ofAbs, ofCbrt] = [inside("abs"), inside("cbrt")];
  // |x|^2 = x^2
  if (ofAbs !== null && isEven(e)) return [factor(ofAbs, e)];
  // cbrt(x)^3 = x
  if (ofCbrt !== null && isWhole(e) && e.n % 3 === 0) return [factor(ofCbrt, integer(e.n / 3))];
  return null;
}

/** A product to a power: factor by factor, where that is no longer. */
function powerOfProduct(
  a: Algebra,
  factors: readonly Factor[],
  e: Rational,
  space: Space,
): readonly Factor[] | null {
  if (factors.length === 1) return [powerOfPower(a, factors[0], e, space)];
  if (!isWhole(e)) return null;
  const each = factors.map(({ base, exponent }) => factor(base, times(exponent, e)));
  const together = productSize(factors) + (e.n === 1 || e.n === -1 ? 0 : 1) + (isNegative(e) ? 1 : 0);
  return productSize(each) <= together ? each : null;
}

/** (x^2)^(1/2) = |x|; all others multiply, where the power is defined. */
function powerOfPower(a: Algebra, { base, exponent }: Factor, e: Rational, space: Space): Factor {
  const product = times(exponent, e);
  const mayBeNegative = isEven(exponent) && !isWhole(e) && !isEven(product);
  return factor(mayBeNegative ? a.unary("abs", base, space) : base, product);
}

function collect(a: Algebra, parts: readonly Factor[], space: Space): Monomial {
  const all: Monomial = { coefficient: ONE, factors: new Map(), exponentials: [] };
  const waiting = [...parts].reverse();
  while (waiting.length > 0) {
    const { base, exponent } = waiting.pop() as Factor;
    if (exponent.n === 0) continue;
    if (base.kind === "number") {
      all.coefficient = times(all.coefficient, numberPower(base.value, exponent));
      continue;
    }
    const parts = isLongProduct(base)
      ? null
      : isOne(exponent) && base.kind === "product"
        ? base.factors
        : split(a, base, exponent, space);
    const power = argumentOf(base, "exp");
    if (parts !== null) for (const one of parts) waiting.push(one);
    else if (power !== null) all.exponentials.push(term(power, exponent));
    else collectFactor(all, base, exponent);
  }
  return all;
}

/** exp(x) * exp(y)^2 = exp(x + 2 * y) */
function collectExponentials(a: Algebra, all: Monomial, space: Space): readonly Factor[] {
  const { exponentials } = all;
  if (exponentials.length === 0) return [];
  const [{ expression, coefficient }] = exponentials;
  const power = exponentials.length === 1 && isOne(coefficient) ? expression : a.sum(exponentials, space);
  return factorsOf(a.unary("exp", power, space));
}

const listOf = ({ factors }: Monomial): Factor[] =>
  [...factors].map(([base, exponent]) => factor(base, exponent));

type ProductRule = (a: Algebra, all: Monomial, space: Space) => boolean;

/** (x - y) * (y - x) = -(x - y)^2 */
const oppositeSums: ProductRule = (a, { factors }, space) => {
  for (const [base, exponent] of factors) {
    if (base.kind !== "sum" || !isWhole(exponent)) continue;
    const opposite = scaled(a, MINUS_ONE, base, space);
    const other = factors.get(opposite);
    if (other === undefined || !isWhole(other)) continue;
    factors.delete(opposite);
    return put(factors, base, plus(exponent, other), isEven(other) ? ONE : MINUS_ONE, a);
  }
  return false;
};

/** A sign that a rule leaves behind is a factor of its own. */
function put(
  factors: Map<Expression, Rational>,
  base: Expression,
  exponent: Rational,
  sign: Rational,
  a: Algebra,
): boolean {
  if (exponent.n === 0) factors.delete(base);
  else factors.set(base, exponent);
  if (!isOne(sign)) factors.set(a.number(sign), ONE);
  return true;
}

/** (x - y) * (x + y) = x^2 - y^2, also under a root */
const conjugates: ProductRule = (a, { factors }, space) => {
  const sums = [...factors.keys()].filter(
    (x) => x.kind === "sum" && x.terms.length + (x.constant.n === 0 ? 0 : 1) === 2,
  );
  for (const [i, x] of sums.entries()) {
    for (const y of sums.slice(i + 1)) {
      const exponent = factors.get(x) as Rational;
      if (!same(exponent, factors.get(y) as Rational)) continue;
      const difference = squaresOf(a, x, y, space);
      if (difference === null || difference.size > x.size + y.size + 1) continue;
      factors.delete(x);
      factors.delete(y);
      factors.set(difference, plus(factors.get(difference) ?? ZERO, exponent));
      return true;
    }
  }
  return false;
};

/** p^2 - q^2, when x and y are p + q and p - q (or q - p, then with the other sign). */
function squaresOf(a: Algebra, x: Expression, y: Expression, space: Space): Expression | null {
  if (x.kind !== "sum" || y.kind !== "sum") return null;
  const addends = (s: typeof x): Map<Expression | null, Rational> =>
    new Map<Expression | null, Rational>([
      ...s.terms.map(({ expression, coefficient }) => [expression, coefficient] as const),
      ...(s.constant.n === 0 ? [] : [[null, s.constant] as const]),
    ]);
  const [left, right] = [addends(x), addends(y)];
  const terms: Term[] = [];
  let opposite = 0;
  for (const [p, c] of left) {
    const d = right.get(p);
    if (d === undefined || !(same(c, d) || same(c, negate(d)))) return null;
    if (!same(c, d)) opposite++;
    const square = p === null ? a.number(ONE) : a.product([factor(p, integer(2))], space);
    terms.push(term(square, times(c, d)));
  }
  return opposite === 1 ? a.sum(terms, space) : null;
}

/** sin(x) / cos(x) = tan(x) */
const tangent: ProductRule = (a, { factors }, space) => {
  for (const [base, exponent] of factors) {
    const x = argumentOf(base, "sin");
    if (x === null) continue;
    const cosine = a.unary("cos", x, space);
    if (!same(factors.get(cosine) ?? ZERO, negate(exponent))) continue;
    factors.delete(base);
    factors.delete(cosine);
    const ratio = a.unary("tan", x, space);
    return put(factors, ratio, plus(factors.get(ratio) ?? ZERO, exponent), ONE, a);
  }
  return false;
};

/** |x| * sign(x) = x */
const signedMagnitude: ProductRule = (a, { factors }, space) => {
  for (const [base, exponent] of factors) {
    const x = argumentOf(base, "sign");
    if (x === null || !isOne(exponent)) continue;
    const size = a.unary("abs", x, space);
    if (!isOne(factors.get(size) ?? ZERO)) continue;
    factors.delete(base);
    factors.delete(size);
    return put(factors, x, plus(factors.get(x) ?? ZERO, ONE), ONE, a);
  }
  return false;
};

/** x^n * x = x^(n + 1) and x^n * x^m = x^(n + m), with symbols as exponents */
const symbolicPowers: ProductRule = (a, { factors }, space) => {
  for (const [base, exponent] of factors) {
    if (base.kind !== "call" || base.prim.name !== "pow" || !isOne(exponent)) continue;
    const [x, n] = base.args;
    for (const [other, e] of factors) {
      if (other === base) continue;
      const isPower = other.kind === "call" && other.prim.name === "pow" && other.args[0] === x && isOne(e);
      if (other !== x && !isPower) continue;
      const addend = isPower ? term((other as typeof base).args[1]) : term(a.number(e));
      factors.delete(base);
      factors.delete(other);
      const power = a.call({ ...base, args: [x, a.sum([term(n), addend], space)] });
      return put(factors, power, plus(factors.get(power) ?? ZERO, ONE), ONE, a);
    }
  }
  return false;
};

/** x * (x * y)^2 = x^3 * y^2: a power of a product is multiplied out beside a factor of it, if that is no longer */
const meetingProducts: ProductRule = (_, all) => {
  const { factors } = all;
  for (const [base, exponent] of factors) {
    if (base.kind !== "product" || isLongProduct(base) || !isWhole(exponent)) continue;
    if (!base.factors.some((one) => factors.has(one.base))) continue;
    const apart: Monomial = { ...all, factors: new Map(factors) };
    apart.factors.delete(base);
    for (const one of base.factors) collectFactor(apart, one.base, times(one.exponent, exponent));
    if (productSize(listOf(apart)) > productSize(listOf(all))) continue;
    factors.clear();
    for (const [one, power] of apart.factors) factors.set(one, power);
    return true;
  }
  return false;
};

/** While one of them applies, the product is collected again. */
const PRODUCT_RULES: readonly ProductRule[] = [
  meetingProducts,
  oppositeSums,
  conjugates,
  tangent,
  signedMagnitude,
  symbolicPowers,
];

/** A product with like factors collected, after all rules. */
export function simplifiedProduct(a: Algebra, parts: readonly Factor[], space: Space): Expression {
  let all = collect(a, parts, space);
  const exponentials = collectExponentials(a, all, space);
  const [only] = exponentials;
  if (exponentials.length === 1 && argumentOf(only.base, "exp") !== null && isOne(only.exponent))
    collectFactor(all, only.base, ONE);
  else if (exponentials.length > 0) all = again(a, all, exponentials, space);
  while (
    all.factors.size > 1 &&
    all.factors.size <= MANY_FACTORS &&
    productSize(listOf(all)) <= MANY_OPERATIONS
  ) {
    if (!PRODUCT_RULES.some((rule) => rule(a, all, space))) break;
    all = again(a, all, [], space);
  }
  // 0 * x = 0
  if (all.coefficient.n === 0) return a.number(ZERO);
  const product = a.bareProduct(all.factors, space);
  return product === null ? a.number(all.coefficient) : scaled(a, all.coefficient, product, space);
}

/** Collects once more, since what a rule made may be a product itself. Powers of e are collected already. */
function again(a: Algebra, all: Monomial, more: readonly Factor[], space: Space): Monomial {
  const parts = [...all.factors].map(([base, exponent]) => factor(base, exponent));
  const next = collect(a, [factor(a.number(all.coefficient)), ...parts, ...more], space);
  for (const { expression, coefficient } of next.exponentials)
    collectFactor(next, a.unary("exp", expression, space), coefficient);
  return { ...next, exponentials: [] };
}
