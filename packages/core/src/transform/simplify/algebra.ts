import { definedPrimitive, type NDArray } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { constantLeaf } from "../../prims/leaves.ts";
import { createArray, type DType, isFloating } from "../../types/dtype.ts";
import { formatShape, type Shape, toShape } from "../../types/shape.ts";
import { afterCallRules } from "./calls.ts";
import type { LeafExpression } from "./expression.ts";
import {
  type Algebra,
  type Application,
  type CallExpression,
  type Expression,
  type Factor,
  factor,
  type NumberExpression,
  productSize,
  type Space,
  sumSize,
  type Term,
} from "./expression.ts";
import { irrational } from "./irrational.ts";
import { compareFactors, inOrder } from "./order.ts";
import { simplifiedProduct } from "./products.ts";
import { isNegative, isOne, isWhole, keyOf, type Rational, rationalOf, valueOf } from "./rational.ts";
import { simplifiedSum } from "./sums.ts";

/** Labels are cut off here: they settle an order and are not for reading. */
const LABEL = 80;

/** Attempts at other forms inside of attempts. */
const MAX_ATTEMPTS = 3;

/** Operations of numbers that are computed on the spot, unless the result has no finite value. */
const FOLDED = new Set([
  "neg", "abs", "sign", "exp", "log", "expm1", "log1p", "exp2", "log2", "sin", "cos", "tan", "asin", "acos", "atan",
  "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf", "erfc", "erfinv", "cbrt", "floor", "ceil",
  "round", "trunc", "isNaN", "max", "min", "mod", "atan2", "compare", "bitwise", "where", "cast",
]); // biome-ignore format: a table

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Makes expressions, each once: equal ones are the same object. Applies the rules on the way. */
export class Expressions implements Algebra {
  private readonly made = new Map<string, Expression>();
  private readonly spaces = new Map<string, Space>();
  private readonly leaves = new Map<Tensor, LeafExpression>();
  private count = 0;
  private attempts = 0;

  space(shape: Shape, dtype: DType): Space {
    const key = dtype + formatShape(shape);
    let space = this.spaces.get(key);
    if (space === undefined) {
      space = { shape: toShape(shape), dtype, id: this.spaces.size };
      this.spaces.set(key, space);
    }
    return space;
  }

  number(value: Rational): NumberExpression {
    const key = `n${keyOf(value)}`;
    const make = (): NumberExpression => ({
      kind: "number",
      value,
      id: this.count++,
      size: 0,
      hash: hashText(key),
      label: String(valueOf(value)),
      degree: 0,
    });
    return this.known(key, make);
  }

  leaf(tensor: Tensor): LeafExpression {
    let leaf = this.leaves.get(tensor);
    if (leaf === undefined) {
      const text = nameOf(tensor);
      const hash = hashText(`${text}#${tensor.id}`);
      const space = this.space(tensor.shape, tensor.dtype);
      const common = { id: this.count++, size: 0, hash, label: text, degree: 1 };
      leaf = { kind: "leaf", tensor, space, constant: false, ...common };
      this.leaves.set(tensor, leaf);
    }
    return leaf;
  }

  literal(value: number, space: Space): Expression {
    const named = isFloating(space.dtype) ? irrational(value, space.dtype) : null;
    if (named === null) return this.number(rationalOf(value, space.dtype));
    const { coefficient, base, exponent } = named;
    const key = `c${base}:${space.id}`;
    const leaf = this.known(key, () => ({
      kind: "leaf",
      tensor: constantLeaf(base, space.shape, space.dtype),
      space,
      constant: true,
      id: this.count++,
      size: 0,
      hash: hashText(String(base)),
      label: String(base),
      degree: 0,
    }));
    return this.product([factor(this.number(coefficient)), factor(leaf, exponent)], space);
  }

  sum(terms: readonly Term[], space: Space): Expression {
    return simplifiedSum(this, terms, space);
  }

  product(factors: readonly Factor[], space: Space): Expression {
    return simplifiedProduct(this, factors, space);
  }

  call(application: Application): Expression {
    return folded(this, application) ?? afterCallRules(this, application) ?? this.bareCall(application);
  }

  unary(name: string, x: Expression, space: Space): Expression {
    const prim = definedPrimitive(name);
    return this.call({ prim, params: NO_PARAMS, args: [x], argSpaces: [space], space });
  }

  bareSum(coefficients: ReadonlyMap<Expression, Rational>, constant: Rational, space: Space): Expression {
    const unordered = [...coefficients].map(([expression, coefficient]) => ({ expression, coefficient }));
    if (unordered.length === 0) return this.number(constant);
    if (unordered.length === 1 && constant.n === 0 && isOne(unordered[0].coefficient))
      return unordered[0].expression;
    const terms = inOrder(unordered, constant.n !== 0);
    const key = `+${terms.map((one) => `${one.expression.id}*${keyOf(one.coefficient)}`).join("+")}+${keyOf(constant)}:${space.id}`;
    return this.known(key, () => ({
      kind: "sum",
      terms,
      constant,
      space,
      id: this.count++,
      size: sumSize(terms, constant),
      hash: hashText(
        `+${terms.map((one) => `${one.expression.hash}*${keyOf(one.coefficient)}`).join()}${keyOf(constant)}`,
      ),
      // What has a minus comes after what has none.
      label: joined(terms.map((one) => (isNegative(one.coefficient) ? "~" : "") + one.expression.label)),
      degree: Math.max(...terms.map((one) => one.expression.degree)),
    }));
  }

  bareProduct(exponents: ReadonlyMap<Expression, Rational>, space: Space): Expression | null {
    const factors = [...exponents].map(([base, exponent]) => factor(base, exponent)).sort(compareFactors);
    if (factors.length === 0) return null;
    if (factors.length === 1 && isOne(factors[0].exponent)) return factors[0].base;
    const key = `*${factors.map((one) => `${one.base.id}^${keyOf(one.exponent)}`).join("*")}:${space.id}`;
    return this.known(key, () => ({
      kind: "product",
      factors,
      space,
      id: this.count++,
      size: productSize(factors),
      hash: hashText(`*${factors.map((one) => `${one.base.hash}^${keyOf(one.exponent)}`).join()}`),
      label: joined(factors.map((one) => one.base.label)),
      degree: factors.reduce(
        (degree, { base, exponent }) =>
          degree +
          (isWhole(exponent) && exponent.n > 0 && base.kind !== "sum"
            ? base.degree * exponent.n
            : Number.NaN),
        0,
      ),
    }));
  }

  bareCall(application: Application): CallExpression {
    const { prim, params, args, argSpaces, space } = application;
    const own = JSON.stringify(params);
    const types = args.map((arg, i) => `${arg.id}:${argSpaces[i].id}`).join();
    const shown = VISIBLE(prim.name, args);
    return this.known(`${prim.name}${own}(${types}):${space.id}`, () => ({
      kind: "call",
      prim,
      params,
      args,
      argSpaces,
      space,
      id: this.count++,
      size: args.reduce((size, arg) => size + arg.size, shown ? 1 : 0),
      hash: hashText(`${prim.name}${own}(${args.map(({ hash }) => hash).join()})`),
      label: shown ? `${prim.name}(${joined(args.map(({ label }) => label))}` : args[0].label,
      degree: shown ? Number.NaN : args[0].degree,
    }));
  }

  attempt(form: () => Expression): Expression | null {
    if (this.attempts >= MAX_ATTEMPTS) return null;
    this.attempts++;
    try {
      return form();
    } finally {
      this.attempts--;
    }
  }

  private known<E extends Expression>(key: string, make: () => E): E {
    let expression = this.made.get(key);
    if (expression === undefined) {
      expression = make();
      this.made.set(key, expression);
    }
    return expression as E;
  }
}

/** What a leaf is called; for the argument of a transform, what it stands for. */
function nameOf(leaf: Tensor): string {
  let node = leaf;
  while (node.inputs.length === 1) node = node.inputs[0];
  return node.inputs.length === 0 ? node.prim.text([], node.params, node).text : node.prim.name;
}

const NO_PARAMS = {};

/** Whether a formula shows the operation. */
const VISIBLE = (name: string, args: readonly Expression[]): boolean =>
  args.length === 0 || !["broadcast", "reshape", "identity", "stopGradient", "alternative"].includes(name);

function joined(labels: readonly string[]): string {
  let all = "";
  for (const label of labels) {
    if (all.length >= LABEL) break;
    all += all === "" ? label : ` ${label}`;
  }
  return all.slice(0, LABEL);
}

/** The result of an operation of numbers alone: what the reference function says in the result's dtype. */
function folded(a: Algebra, { prim, params, args, argSpaces, space }: Application): Expression | null {
  if (!FOLDED.has(prim.name) || args.length === 0) return null;
  const inputs: NDArray[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg.kind !== "number") return null;
    const data = createArray(argSpaces[i].dtype, 1);
    data[0] = valueOf(arg.value);
    inputs.push({ data, shape: SCALAR, dtype: argSpaces[i].dtype });
  }
  const out = createArray(space.dtype, 1);
  prim.reference(inputs, params as never, { data: out, shape: SCALAR, dtype: space.dtype });
  return a.literal(out[0], space);
}

const SCALAR: Shape = /* @__PURE__ */ toShape([]);
