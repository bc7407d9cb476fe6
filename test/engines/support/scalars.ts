import { type DType, isFloating, type Tensor } from "@cotangent/core";
import type { Grower } from "./grower.ts";
import { ALL, FLOATING, INTEGER, LOGICAL, NUMERIC, type Operation, type Operations } from "./operation.ts";

/** Brings an operand to where a function is defined and its value of ordinary size. */
type Adapter = (g: Grower, x: Tensor) => Tensor;

const add = (g: Grower, x: Tensor, value: number): Tensor => g.apply("add", [x, g.literal(value, x)]);
const mul = (g: Grower, x: Tensor, value: number): Tensor => g.apply("mul", [x, g.literal(value, x)]);

const positive: Adapter = (g, x) => add(g, g.apply("abs", [x]), 0.125);
const unsigned: Adapter = (g, x) => g.apply("abs", [x]);
const aboveOne: Adapter = (g, x) => add(g, g.apply("abs", [x]), 1);
const withinOne: Adapter = (g, x) => g.apply(g.choices.of(["sin", "tanh", "erf"]), [x]);
const insideOne: Adapter = (g, x) => mul(g, g.apply("tanh", [x]), 0.96);
const small: Adapter = (g, x) => g.tamed(x, 20);
const notZero: Adapter = (g, x) =>
  isFloating(x.dtype)
    ? add(g, g.apply("abs", [x]), 0.5)
    : g.apply("bitwise", [x, g.literal(1, x)], { op: "or" });

const UNARY: Readonly<Record<string, readonly [dtypes: readonly DType[], adapter?: Adapter]>> = {
  neg: [NUMERIC],
  abs: [NUMERIC],
  sign: [NUMERIC],
  exp: [FLOATING, small],
  log: [FLOATING, positive],
  expm1: [FLOATING, small],
  log1p: [FLOATING, unsigned],
  exp2: [FLOATING, small],
  log2: [FLOATING, positive],
  log10: [FLOATING, positive],
  sin: [FLOATING],
  cos: [FLOATING],
  tan: [FLOATING],
  asin: [FLOATING, withinOne],
  acos: [FLOATING, withinOne],
  atan: [FLOATING],
  sinh: [FLOATING, small],
  cosh: [FLOATING, small],
  tanh: [FLOATING],
  asinh: [FLOATING],
  acosh: [FLOATING, aboveOne],
  atanh: [FLOATING, insideOne],
  sigmoid: [FLOATING],
  erf: [FLOATING],
  erfc: [FLOATING],
  erfinv: [FLOATING, insideOne],
  lgamma: [FLOATING],
  sqrt: [FLOATING, unsigned],
  cbrt: [FLOATING],
  floor: [FLOATING],
  ceil: [FLOATING],
  round: [FLOATING],
  trunc: [FLOATING],
  isNaN: [FLOATING],
};

/** The adapter is the second operand's. */
const BINARY: Readonly<
  Record<string, readonly [dtypes: readonly DType[], weight: number, adapter?: Adapter]>
> = {
  add: [NUMERIC, 8],
  sub: [NUMERIC, 6],
  mul: [NUMERIC, 8],
  div: [FLOATING, 4, notZero],
  quotient: [INTEGER, 3, notZero],
  pow: [FLOATING, 3, (g, x) => g.tamed(x, 6)],
  max: [NUMERIC, 4],
  min: [NUMERIC, 4],
  mod: [NUMERIC, 4, notZero],
  atan2: [FLOATING, 2],
};

/** In most places; where not, NaN, infinities and division by zero are part of the test. */
const adapted = (g: Grower, adapter: Adapter | undefined, x: Tensor): Tensor =>
  adapter === undefined || g.style.extreme || g.choices.chance(12) ? x : adapter(g, x);

const unary = (name: string, dtypes: readonly DType[], adapter?: Adapter): Operation => ({
  dtypes,
  weight: 2,
  grow(g, dtype) {
    const x = g.operand(dtype);
    return x && g.apply(name, [adapted(g, adapter, x)]);
  },
});

const binary = (name: string, dtypes: readonly DType[], weight: number, adapter?: Adapter): Operation => ({
  dtypes,
  weight,
  grow(g, dtype) {
    const x = g.operand(dtype);
    if (x === null) return null;
    const base = name === "pow" ? adapted(g, positive, g.tamed(x, 20)) : x;
    const pair = [base, adapted(g, adapter, g.partner(base))];
    return g.apply(name, adapter === undefined ? g.choices.shuffled(pair) : pair);
  },
});

export const COMPARISONS = ["equal", "notEqual", "less", "lessEqual", "greater", "greaterEqual"] as const;
export const BITWISE = ["and", "or", "xor"] as const;
export const SHIFTS = ["left", "arithmetic", "logical"] as const;
/** Dtypes whose bits can be read as one another's. */
export const WORDS: readonly DType[] = ["float32", "int32", "uint32"];

/** A bool of x's shape: a comparison mostly, so that both branches are taken. */
function condition(g: Grower, x: Tensor): Tensor {
  const wanted = { shape: x.shape, dtype: "bool" as const };
  if (x.dtype === "bool" || g.choices.chance(40)) return g.likeInPool(wanted);
  return g.apply("compare", [x, g.partner(x)], { op: g.choices.of(COMPARISONS) });
}

const withOp = (
  name: string,
  ops: readonly string[],
  dtypes: readonly DType[],
  weight: number,
): Operation => ({
  dtypes,
  weight,
  grow(g, dtype) {
    const x = g.operand(dtype);
    return x && g.apply(name, [x, g.partner(x)], { op: g.choices.of(ops) });
  },
});

const CHOSEN: Operations = {
  compare: withOp("compare", COMPARISONS, ALL, 6),
  bitwise: withOp("bitwise", BITWISE, LOGICAL, 5),
  shift: {
    dtypes: INTEGER,
    weight: 4,
    grow(g, dtype) {
      const x = g.operand(dtype);
      if (x === null) return null;
      const any = g.partner(x);
      // Within the range mostly.
      const count = g.choices.chance(70) ? g.apply("bitwise", [any, g.literal(31, x)], { op: "and" }) : any;
      return g.apply("shift", [x, count], { op: g.choices.of(SHIFTS) });
    },
  },
  bitcast: {
    dtypes: WORDS,
    weight: 4,
    grow(g, dtype) {
      const x = g.operand(dtype);
      if (x === null) return null;
      const to = g.choices.of(WORDS.filter((other) => other !== dtype));
      // The bits of a NaN are not settled.
      const settled = dtype === "float32" ? g.apply("where", [g.apply("isNaN", [x]), g.literal(0, x), x]) : x;
      return g.apply("bitcast", [settled], { dtype: to });
    },
  },
  polygamma: {
    dtypes: FLOATING,
    weight: 3,
    grow(g, dtype) {
      const x = g.operand(dtype);
      if (x === null) return null;
      const argument = g.style.extreme || g.choices.chance(30) ? x : positive(g, x);
      return g.apply("polygamma", [argument], { n: g.choices.of([0, 0, 1, 2, 3, 5, 12]) });
    },
  },
  where: {
    dtypes: ALL,
    weight: 6,
    grow(g, dtype) {
      const x = g.operand(dtype);
      if (x === null) return null;
      const branches = g.choices.shuffled([x, g.partner(x)]);
      return g.apply("where", [condition(g, x), ...branches]);
    },
  },
  cast: {
    dtypes: ALL,
    weight: 6,
    grow(g, dtype) {
      const x = g.operand(dtype);
      const to = g.choices.of(ALL.filter((other) => other !== dtype));
      return x && g.apply("cast", [x], { dtype: to });
    },
  },
};

/** Everything that works element by element. */
export const SCALARS: Operations = {
  ...Object.fromEntries(
    Object.entries(UNARY).map(([name, [dtypes, adapter]]) => [name, unary(name, dtypes, adapter)]),
  ),
  ...Object.fromEntries(
    Object.entries(BINARY).map(([name, [dtypes, weight, adapter]]) => [
      name,
      binary(name, dtypes, weight, adapter),
    ]),
  ),
  ...CHOSEN,
};

/** Operations of one and of two operands, without params. */
export const UNARY_NAMES = Object.keys(UNARY);
export const BINARY_NAMES = Object.keys(BINARY);
