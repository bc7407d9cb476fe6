import { type DType, isFloating, type Program, type ProgramNode } from "@cotangent/core";
import { describe, test } from "vitest";
import { type EngineCase, inferred, primitiveOf } from "./support/case.ts";
import { checkCase } from "./support/check.ts";
import { enginesUnderTest } from "./support/engines.ts";
import { ALL } from "./support/operation.ts";
import {
  BINARY_NAMES,
  BITWISE,
  COMPARISONS,
  SCALARS,
  SHIFTS,
  UNARY_NAMES,
  WORDS,
} from "./support/scalars.ts";

const INFINITY = Number.POSITIVE_INFINITY;

/** Both signs of each. */
const signed = (...values: readonly number[]): number[] => values.flatMap((x) => [x, -x]);

/** What every operation of floating numbers must get right. */
const COMMON = [
  Number.NaN,
  ...signed(0, INFINITY, 1, 0.5, 1.5, 2.5, 3.5, 2, 3, 10, 0.1, 1 / 3, 1e-3, 1e-8, 1e-20, 1e6, 1e15, 1e20),
  // Halfway, and next to it; whole from here on.
  ...signed(0.49999999999999994, 0.4999999701976776, 0.5000000596046448, 4503599627370495.5, 8388607.5, 2 ** 23, 2 ** 24),
  ...signed(2 ** 31, 2 ** 31 - 1, 2 ** 32, 2 ** 32 - 1, 2 ** 52, 2 ** 53, 2 ** 63, 4294967295.5),
]; // biome-ignore format: a table

/** Where functions change their way of computing, overflow or underflow. */
const TURNING = [
  // Multiples of pi/2 and what lies beside them; arguments that cancel most.
  ...signed(Math.PI, Math.PI / 2, Math.PI / 4, 3 * Math.PI, 100 * Math.PI, 22, 355, 1e10, 6381956970095103 * 2 ** 797),
  // exp, sinh, cosh: overflow, underflow to subnormal numbers and to zero, in both formats; exp2 too.
  ...signed(88.72283172607422, 88.72284, 87.33654, 103.97, 104, 89.41598, 89.415985, 709.782712893384, 709.7827128933841),
  ...signed(710.4758600739439, 745.1332191019411, 745.1332191019412, 708.3964185322641, 126, 127, 128, 149, 150, 1022),
  ...signed(1023, 1024, 1074, 1075, 1000, 37, 17, 18, 9, 20, 22.1, 0.34657359, Math.LN2, 1.0397),
  // erf and its relatives.
  ...signed(0.84375, 1.25, 2.857142857142857, 3.8, 4, 5.9, 6, 9.3, 10.05, 13.3, 26.5, 27.2, 28),
  // Near 1, where log, acosh, atanh, asin and erfinv are steep or small.
  ...signed(0.9999999, 0.99999994, 0.9999999999999999, 1.0000001, 1.0000000000000002, 0.999, 1.001, Math.SQRT1_2),
  // Zeros of lgamma and digamma, what lies beside them and their poles; where their code changes.
  ...signed(1.4616321449683622, 2.4570247382208006, 2.7476826467274127, 0.5040830082644554, 2.9999999, 7.9999, 8, 11),
  ...signed(0.41421356, 2.414213562373095, 0.4375, 0.6875, 1.1875, 2.4375, 1e-5, 1e-4, 1e-300, 1e300, 1e-310),
]; // biome-ignore format: a table

const EDGES: Readonly<Record<"float32" | "float64", readonly number[]>> = {
  float32: signed(
    2 ** -149,
    2 ** -148,
    1.1754942106924411e-38,
    2 ** -126,
    3.4028234663852886e38,
    1e-40,
    2 ** -12,
  ),
  float64: signed(5e-324, 1e-323, 2.225073858507201e-308, 2 ** -1022, Number.MAX_VALUE, 2 ** -28, 2 ** -54),
};

const INTEGERS = [
  0, 1, 2, 3, 5, 7, 8, 31, 32, 255, 256, 46340, 46341, 65535, 65536, 1e9, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1,
  2 ** 32 - 8, 2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1,
]; // biome-ignore format: a table

/** The values for operations of one operand. */
function valuesOf(dtype: DType): number[] {
  if (dtype === "bool") return [0, 1];
  if (!isFloating(dtype)) return INTEGERS;
  const all = [...COMMON, ...TURNING, ...EDGES[dtype as "float32" | "float64"]];
  return dtype === "float64" ? all : [...new Set(all.map(Math.fround))];
}

/** The values that are paired, each with each. */
function pairedValues(dtype: DType): number[] {
  if (!isFloating(dtype)) return valuesOf(dtype);
  const some = signed(0, INFINITY, 1, 0.5, 2, 3, 1.5, 7, 1e6, 1e-3, 1 / 3, 1023.5, 2 ** 24, 1e15, 0.9999999);
  return [Number.NaN, ...some, ...EDGES[dtype as "float32" | "float64"]];
}

/** One node on inputs with the given elements: as they are, and with every tail that vectors of four may leave. */
function caseOf(
  name: string,
  params: object,
  operands: readonly (readonly [DType, readonly number[]])[],
): EngineCase {
  const [[, first]] = operands;
  const slots = operands.map(([dtype]): ProgramNode => ({ prim: null, inputs: [], params: {}, shape: [first.length], dtype })); // biome-ignore format: a line
  const node: ProgramNode = { ...slots[0], prim: primitiveOf(name), inputs: slots.map((_, i) => i), params };
  const nodes = [...slots, inferred(node, slots)];
  const program: Program = {
    nodes,
    inputs: slots.map((_, i) => ({ node: i, kind: "data" })),
    outputs: [slots.length],
    updates: [],
  };
  const given = (elements: readonly number[]) => ({ kind: "given", elements }) as const;
  return {
    program,
    slots: operands.map(([, elements]) => ({ values: given(elements), renewed: true, resident: false })),
    donated: [],
    runs: 1,
  };
}

/** Lists of the same elements in other places, so that each is met in vectors and in what they leave over. */
const rotations = (count: number): number[] => [0, 1, 2, 3].map((by) => Math.floor((by * count) / 4) + by);

const rotated = <T>(list: readonly T[], by: number): T[] => [...list.slice(by), ...list.slice(0, by)].slice(0, list.length - (by % 4)); // biome-ignore format: a line

/** Every value with every other. */
const pairs = (values: readonly number[]): [number[], number[]] => [
  values.flatMap((x) => values.map(() => x)),
  values.flatMap(() => values),
];

interface Row {
  readonly name: string;
  readonly dtype: DType;
  readonly label: string;
  readonly params: object;
  readonly operands: readonly (readonly [DType, readonly number[]])[];
}

const row = (
  name: string,
  dtype: DType,
  operands: Row["operands"],
  params: object = {},
  label = name,
): Row => ({
  name,
  dtype,
  label: `${label} of ${dtype}`,
  params,
  operands,
});

function paired(name: string, dtype: DType, params: object = {}, label = name): Row {
  const [x, y] = pairs(pairedValues(dtype));
  return row(name, dtype, [[dtype, x], [dtype, y]], params, label); // biome-ignore format: a line
}

const dtypesOf = (name: string): readonly DType[] => SCALARS[name].dtypes;

const ROWS: readonly Row[] = [
  ...UNARY_NAMES.flatMap((name) =>
    dtypesOf(name).map((dtype) => row(name, dtype, [[dtype, valuesOf(dtype)]])),
  ),
  ...BINARY_NAMES.flatMap((name) => dtypesOf(name).map((dtype) => paired(name, dtype))),
  ...COMPARISONS.flatMap((op) => ALL.map((dtype) => paired("compare", dtype, { op }, op))),
  ...BITWISE.flatMap((op) => dtypesOf("bitwise").map((dtype) => paired("bitwise", dtype, { op }, op))),
  ...SHIFTS.flatMap((op) => dtypesOf("shift").map((dtype) => paired("shift", dtype, { op }, `shift ${op}`))),
  ...[0, 1, 2, 3, 10].flatMap((n) =>
    dtypesOf("polygamma").map((dtype) =>
      row("polygamma", dtype, [[dtype, valuesOf(dtype)]], { n }, `polygamma of order ${n}`),
    ),
  ),
  ...WORDS.flatMap((from) =>
    WORDS.filter((to) => to !== from).map((to) =>
      row("bitcast", from, [[from, valuesOf(from)]], { dtype: to }, `bitcast to ${to}`),
    ),
  ),
  ...ALL.flatMap((from) =>
    ALL.filter((to) => to !== from).map((to) =>
      row("cast", from, [[from, valuesOf(from)]], { dtype: to }, `cast to ${to}`),
    ),
  ),
  ...ALL.map((dtype) => {
    const [x, y] = pairs(pairedValues(dtype));
    return row("where", dtype, [["bool", x.map((_, i) => (i % 3 === 0 ? 1 : 0))], [dtype, x], [dtype, y]]); // biome-ignore format: a line
  }),
];

describe.each(await enginesUnderTest())("on $name, special values", (engine) => {
  test.each(ROWS)("$label", ({ name, params, operands }) => {
    for (const by of rotations(operands[0][1].length)) {
      const turned = operands.map(([dtype, elements]) => [dtype, rotated(elements, by)] as const);
      checkCase(caseOf(name, params, turned), engine);
    }
    // A scalar is computed on its own; few are enough where all pairs are many.
    const stride = Math.ceil(operands[0][1].length / 60);
    for (let i = 0; i < operands[0][1].length; i += stride) {
      checkCase(caseOf(name, params, operands.map(([dtype, elements]) => [dtype, [elements[i]]] as const)), engine); // biome-ignore format: a line
    }
  });
});
