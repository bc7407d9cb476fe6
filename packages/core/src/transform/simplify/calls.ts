import { sizeOf } from "../../types/shape.ts";
import {
  type Algebra,
  type Application,
  argumentOf,
  type Expression,
  type Factor,
  factor,
  factorsOf,
  type Space,
  singleTerm,
  term,
} from "./expression.ts";
import { HALF, integer, MINUS_ONE, magnitude, ONE, times, valueOf } from "./rational.ts";
import { scaled } from "./sums.ts";

/** What an operation of these arguments is, or null where the rule does not apply. */
type CallRule = (a: Algebra, call: Application) => Expression | null;

const x = ({ args }: Application): Expression => args[0];
const y = ({ args }: Application): Expression => args[1];
const z = ({ args }: Application): Expression => args[2];

/** The number that an argument is, or null. */
const numberOf = (e: Expression): number | null => (e.kind === "number" ? valueOf(e.value) : null);

/** The argument without its sign, when it has one: of -2 * x, 2 * x. Of a sum, when it begins with a minus. */
function withoutSign(a: Algebra, e: Expression, space: Space): Expression | null {
  const single = singleTerm(e);
  if (single !== null) return single.coefficient.n < 0 ? scaled(a, MINUS_ONE, e, space) : null;
  if (e.kind !== "sum" || !e.terms.every(({ coefficient }) => coefficient.n < 0) || e.constant.n > 0)
    return null;
  return scaled(a, MINUS_ONE, e, space);
}

/** f(-x) = f(x) */
const even: CallRule = (a, call) => {
  const positive = withoutSign(a, x(call), call.argSpaces[0]);
  return positive === null ? null : a.call({ ...call, args: [positive] });
};

/** f(-x) = -f(x) */
const odd: CallRule = (a, call) => {
  const positive = withoutSign(a, x(call), call.argSpaces[0]);
  return positive === null ? null : scaled(a, MINUS_ONE, a.call({ ...call, args: [positive] }), call.space);
};

/** For each f the g with f(g(x)) = x. */
const INVERSES: Readonly<Record<string, string>> = {
  log: "exp",
  exp2: "log2",
  log2: "exp2",
  expm1: "log1p",
  log1p: "expm1",
  sin: "asin",
  cos: "acos",
  tan: "atan",
  sinh: "asinh",
  cosh: "acosh",
  tanh: "atanh",
  asinh: "sinh",
  atanh: "tanh",
};

/** f(g(x)) = x */
const undone: CallRule = (_, call) => argumentOf(x(call), INVERSES[call.prim.name]);

/** exp(c * log(x)) = x^c */
const powerOfLogarithm: CallRule = (a, call) => {
  const single = singleTerm(x(call)) ?? term(x(call));
  const inner = argumentOf(single.expression, "log");
  return inner === null ? null : a.product([factor(inner, single.coefficient)], call.space);
};

/** |x^2| = x^2, |sqrt(x)| = sqrt(x), |exp(x)| = exp(x), ||x|| = |x| */
const alreadyPositive: CallRule = (_, call) => {
  const inner = x(call);
  const positive = factorsOf(inner).every(
    ({ base, exponent }) =>
      exponent.d === 2 ||
      exponent.n % 2 === 0 ||
      (base.kind === "call" && ["exp", "abs", "cosh"].includes(base.prim.name)),
  );
  return positive && inner.kind !== "number" ? inner : null;
};

/** |c * x| = |c| * |x| */
const magnitudeOfNumber: CallRule = (a, call) => {
  const single = singleTerm(x(call));
  if (single === null) return null;
  const inner = a.call({ ...call, args: [single.expression] });
  return scaled(a, magnitude(single.coefficient), inner, call.space);
};

/** f(c * x) = c * f(x), where f moves or adds up elements, or multiplies matrices */
const linear: CallRule = (a, call) => {
  const singles = call.args.map(singleTerm);
  if (singles.every((single) => single === null)) return null;
  const coefficient = singles.reduce(
    (c, single) => (single === null ? c : times(c, single.coefficient)),
    ONE,
  );
  const args = call.args.map((arg, i) => singles[i]?.expression ?? arg);
  return scaled(a, coefficient, a.call({ ...call, args }), call.space);
};

/** f(c) = c: a number is the same wherever its elements are moved */
const keepsNumbers: CallRule = (_, call) => (x(call).kind === "number" ? x(call) : null);

/** f(f(x)) = f(x), with the shape of the outer one */
const lastOneCounts: CallRule = (a, call) => {
  const inner = x(call);
  if (inner.kind !== "call" || inner.prim.name !== call.prim.name) return null;
  return a.call({ ...call, args: inner.args, argSpaces: inner.argSpaces });
};

/** f(x) = x, where the shape stays as it is */
const changesNothing: CallRule = (_, call) => (call.space === call.argSpaces[0] ? x(call) : null);

/** (x^T)^T = x */
const twiceTransposed: CallRule = (_, call) => {
  const inner = x(call);
  if (inner.kind !== "call" || inner.prim.name !== "permute") return null;
  const [outerAxes, innerAxes] = [axesOf(call), axesOf(inner)];
  const rank = Math.max(outerAxes.length, innerAxes.length);
  const at = (axes: readonly number[], i: number) => (i > axes.length ? -i : axes[axes.length - i]);
  for (let i = 1; i <= rank; i++) if (at(innerAxes, -at(outerAxes, i)) !== -i) return null;
  return inner.args[0];
};

const axesOf = ({ params }: Application): readonly number[] => (params as { axes: readonly number[] }).axes;

/** sum(c) = n * c, for n elements */
const sumOfNumber: CallRule = (a, call) => {
  const value = x(call);
  const shape = call.argSpaces[0].shape;
  if (value.kind !== "number") return null;
  const count = sizeOf(axesOf(call).map((axis) => shape[shape.length + axis]));
  return a.sum([term(value, integer(count))], call.space);
};

/** max(x, x) = x */
const sameOnBothSides: CallRule = (_, call) => (x(call) === y(call) ? x(call) : null);

/** x^c, with a number as the exponent, is a power */
const numericPower: CallRule = (a, call) => {
  const exponent = y(call);
  if (exponent.kind !== "number") return null;
  const { value } = exponent;
  const half = value.decimal && value.d === 2;
  return a.product([factor(x(call), half ? { ...value, decimal: false } : value)], call.space);
};

/** 1^x = 1, and e^x is exp(x) */
const knownBase: CallRule = (a, call) => {
  const base = x(call);
  if (numberOf(base) === 1) return base;
  const isE = base.kind === "leaf" && base.constant && base.label === String(Math.E);
  return isE ? a.unary("exp", y(call), call.space) : null;
};

/** (x^n)^m = x^(n * m) */
const powerOfSymbolicPower: CallRule = (a, call) => {
  const inner = x(call);
  if (inner.kind !== "call" || inner.prim.name !== "pow") return null;
  return a.call({
    ...inner,
    args: [inner.args[0], a.product([factor(inner.args[1]), factor(y(call))], call.space)],
  });
};

/** where(true, x, y) = x; where(false, x, y) = y; where(c, x, x) = x */
const decided: CallRule = (_, call) => {
  const condition = numberOf(x(call));
  if (condition !== null) return condition !== 0 ? y(call) : z(call);
  return y(call) === z(call) ? y(call) : null;
};

/** where(n != 0, n * x, 0) = n * x, and x^n or log(x) in place of n: as in a textbook, which leaves such points out */
const guardedPoint: CallRule = (_, call) => {
  if (numberOf(z(call)) !== 0) return null;
  const points = guarded(x(call));
  const value = y(call);
  const terms = value.kind === "sum" ? value.terms.map(({ expression }) => expression) : [value];
  const concerns = ({ base, exponent }: Factor): boolean =>
    (points.includes(base) && exponent.n > 0) ||
    (base.kind === "call" &&
      ["pow", "log"].includes(base.prim.name) &&
      base.args.some((arg) => points.includes(arg)));
  return points.length > 0 && terms.some((one) => factorsOf(one).some(concerns)) ? value : null;
};

/** The points of `x != 0`, or of `x != 0 or ...`. */
function guarded(condition: Expression): readonly Expression[] {
  if (condition.kind !== "call") return [];
  const { op } = condition.params as { op?: string };
  if (condition.prim.name === "bitwise" && op === "or") return condition.args.flatMap(guarded);
  if (condition.prim.name !== "compare" || op !== "notEqual" || numberOf(condition.args[1]) !== 0) return [];
  return [condition.args[0]];
}

/** true or x = true; false or x = x; true and x = x; false and x = false */
const logic: CallRule = (_, call) => {
  const { op } = call.params as { op: string };
  if (x(call) === y(call) && op !== "xor") return x(call);
  if (call.space.dtype !== "bool") return null;
  const at = call.args.findIndex(({ kind }) => kind === "number");
  if (at < 0 || op === "xor") return null;
  const isTrue = numberOf(call.args[at]) !== 0;
  return isTrue === (op === "or") ? call.args[at] : call.args[1 - at];
};

/** sqrt(x) = x^(1/2) */
const root: CallRule = (a, call) => a.product([factor(x(call), HALF)], call.space);

/** The rules of each operation, in the order in which they are tried. */
export const CALL_RULES: Readonly<Record<string, readonly CallRule[]>> = {
  exp: [powerOfLogarithm],
  log: [undone],
  exp2: [undone],
  log2: [undone],
  expm1: [undone],
  log1p: [undone],
  sqrt: [root],
  pow: [numericPower, knownBase, powerOfSymbolicPower],
  sin: [odd, undone],
  cos: [even, undone],
  tan: [odd, undone],
  sinh: [odd, undone],
  cosh: [even, undone],
  tanh: [odd, undone],
  asin: [odd],
  atan: [odd],
  asinh: [odd, undone],
  atanh: [odd, undone],
  erf: [odd],
  cbrt: [odd],
  sign: [odd],
  abs: [even, magnitudeOfNumber, alreadyPositive],
  max: [sameOnBothSides],
  min: [sameOnBothSides],
  where: [decided, guardedPoint],
  bitwise: [logic],
  broadcast: [keepsNumbers, changesNothing, lastOneCounts, linear],
  reshape: [keepsNumbers, changesNothing, lastOneCounts, linear],
  permute: [keepsNumbers, twiceTransposed, linear],
  slice: [keepsNumbers, linear],
  flip: [keepsNumbers, linear],
  pad: [linear],
  stopGradient: [keepsNumbers],
  reduceSum: [sumOfNumber, linear],
  reduceMax: [keepsNumbers],
  reduceMin: [keepsNumbers],
  dot: [linear],
  conv: [linear],
  windows: [keepsNumbers, linear],
  fold: [linear],
};

/** The result of the first rule that applies, or null. */
export function afterCallRules(a: Algebra, call: Application): Expression | null {
  for (const rule of CALL_RULES[call.prim.name] ?? []) {
    const result = rule(a, call);
    if (result !== null) return result;
  }
  return null;
}
