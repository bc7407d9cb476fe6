import { apply } from "../../ir/apply.ts";
import type { Builder } from "../../ir/builder.ts";
import type { Tensor } from "../../ir/tensor.ts";
import type { Expression, Factor, ProductExpression, Space, SumExpression } from "./expression.ts";
import { writtenFraction } from "./expression.ts";
import { constantPlace } from "./order.ts";
import { isNegative, isOne, magnitude, ONE, type Rational, valueOf } from "./rational.ts";

/** The expression as nodes: each part once, inputs first, without recursion. */
export function writeGraph(b: Builder, root: Expression, space: Space): Tensor {
  const written = new Map<Expression, Tensor>();
  for (const expression of partsOf(root)) {
    if (expression.kind !== "number") written.set(expression, new Writer(b, written).write(expression));
  }
  return new Writer(b, written).at(root, space);
}

/** Everything that the expression is made of, by id: parts have smaller ones. */
function partsOf(root: Expression): Expression[] {
  const found = new Set<Expression>([root]);
  for (const expression of found) for (const part of children(expression)) found.add(part);
  return [...found].sort((p, q) => p.id - q.id);
}

function children(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "call":
      return expression.args;
    case "product":
      return expression.factors.map(({ base }) => base);
    case "sum":
      return expression.terms.map((one) => one.expression);
    default:
      return [];
  }
}

class Writer {
  constructor(
    private readonly b: Builder,
    private readonly written: ReadonlyMap<Expression, Tensor>,
  ) {}

  /** An operand: numbers take the space where they stand. */
  at(expression: Expression, space: Space): Tensor {
    if (expression.kind === "number") return this.number(valueOf(expression.value), space);
    return this.written.get(expression) as Tensor;
  }

  write(expression: Exclude<Expression, { kind: "number" }>): Tensor {
    switch (expression.kind) {
      case "leaf":
        return expression.tensor;
      case "call": {
        const args = expression.args.map((arg, i) => this.at(arg, expression.argSpaces[i]));
        return apply(expression.prim, args, expression.params);
      }
      case "product":
        return this.product(expression, ONE, expression.space);
      case "sum":
        return this.sum(expression);
    }
  }

  private number(value: number, { shape, dtype }: Space): Tensor {
    return this.b.constant(value, shape, dtype);
  }

  private sum({ terms, constant, space }: SumExpression): Tensor {
    const place = constant.n === 0 ? -1 : constantPlace(terms, isNegative(constant));
    let total: Tensor | null = null;
    const add = (value: (coefficient: Rational) => Tensor, coefficient: Rational): void => {
      if (total === null) total = value(coefficient);
      else if (isNegative(coefficient)) total = this.b.sub(total, value(magnitude(coefficient)));
      else total = this.b.add(total, value(coefficient));
    };
    for (let i = 0; i <= terms.length; i++) {
      if (i === place) add((c) => this.number(valueOf(c), space), constant);
      if (i < terms.length) add((c) => this.product(terms[i].expression, c, space), terms[i].coefficient);
    }
    return total as unknown as Tensor;
  }

  /** coefficient * x: numbers first, a fraction where there is something below the line. */
  private product(x: Expression, coefficient: Rational, space: Space): Tensor {
    const factors = x.kind === "product" ? (x as ProductExpression).factors : null;
    if (factors === null && isOne(coefficient)) return this.at(x, space);
    const above = factors === null ? [this.at(x, space)] : this.powers(factors, false, space);
    const below = factors === null ? [] : this.powers(factors, true, space);
    const size = writtenFraction(magnitude(coefficient));
    const negative = isNegative(coefficient);
    // Without numbers, the sign stands before the product; else it is the number's.
    const signed = negative && size.n === 1 && above.length > 0;
    if (size.n !== 1 || above.length === 0) above.unshift(this.number(negative ? -size.n : size.n, space));
    if (size.d !== 1) below.unshift(this.number(size.d, space));
    const numerator = above.reduce((p, q) => this.b.mul(p, q));
    const fraction =
      below.length === 0
        ? numerator
        : this.b.div(
            numerator,
            below.reduce((p, q) => this.b.mul(p, q)),
          );
    return signed ? this.b.neg(fraction) : fraction;
  }

  private powers(factors: readonly Factor[], below: boolean, space: Space): Tensor[] {
    return factors
      .filter(({ exponent }) => isNegative(exponent) === below)
      .map(({ base, exponent }) => this.power(this.at(base, space), magnitude(exponent)));
  }

  private power(base: Tensor, exponent: Rational): Tensor {
    if (isOne(exponent)) return base;
    if (exponent.n === 1 && exponent.d === 2) return this.b.sqrt(base);
    return this.b.pow(base, valueOf(exponent));
  }
}
