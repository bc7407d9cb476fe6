import fc from "fast-check";
import { symbol, type Tensor } from "../../src/index.ts";

/** A random expression, as data: built as a graph, and computed here with a bound of its rounding errors. */
export type Tree =
  | { readonly name: "x" | "y" }
  | { readonly value: number }
  | { readonly op: string; readonly args: readonly Tree[] };

interface Facts {
  readonly f: (...args: number[]) => number;
  /** The partial derivatives, by which errors of the arguments grow. */
  readonly slopes: (...args: number[]) => readonly number[];
  readonly build: (...args: Tensor[]) => Tensor;
}

const unary = (
  f: (x: number) => number,
  slope: (x: number) => number,
  build: (x: Tensor) => Tensor,
): Facts => ({
  f,
  slopes: (x) => [slope(x)],
  build,
});

const OPERATIONS: Readonly<Record<string, Facts>> = {
  add: { f: (x, y) => x + y, slopes: () => [1, 1], build: (x, y) => x.add(y) },
  sub: { f: (x, y) => x - y, slopes: () => [1, 1], build: (x, y) => x.sub(y) },
  mul: { f: (x, y) => x * y, slopes: (x, y) => [y, x], build: (x, y) => x.mul(y) },
  div: { f: (x, y) => x / y, slopes: (x, y) => [1 / y, x / (y * y)], build: (x, y) => x.div(y) },
  neg: unary((x) => -x, () => 1, (x) => x.neg()),
  square: unary((x) => x * x, (x) => 2 * x, (x) => x.square()),
  cube: unary((x) => x ** 3, (x) => 3 * x * x, (x) => x.pow(3)),
  inverseSquare: unary((x) => x ** -2, (x) => 2 * x ** -3, (x) => x.pow(-2)),
  power: unary((x) => x ** 2.5, (x) => 2.5 * x ** 1.5, (x) => x.pow(2.5)),
  reciprocal: unary((x) => 1 / x, (x) => 1 / (x * x), (x) => x.reciprocal()),
  exp: unary(Math.exp, Math.exp, (x) => x.exp()),
  log: unary(Math.log, (x) => 1 / x, (x) => x.log()),
  sqrt: unary(Math.sqrt, (x) => 0.5 / Math.sqrt(x), (x) => x.sqrt()),
  sin: unary(Math.sin, () => 1, (x) => x.sin()),
  cos: unary(Math.cos, () => 1, (x) => x.cos()),
  tan: unary(Math.tan, (x) => 1 + Math.tan(x) ** 2, (x) => x.tan()),
  tanh: unary(Math.tanh, () => 1, (x) => x.tanh()),
  sinh: unary(Math.sinh, Math.cosh, (x) => x.sinh()),
  cosh: unary(Math.cosh, (x) => Math.abs(Math.sinh(x)), (x) => x.cosh()),
  abs: unary(Math.abs, () => 1, (x) => x.abs()),
  atan: unary(Math.atan, () => 1, (x) => x.atan()),
}; // biome-ignore format: a table

const BINARY = ["add", "sub", "mul", "div"];
const ARITHMETIC = [...BINARY, "neg", "square", "cube", "reciprocal", "inverseSquare"];
const FUNCTIONS = Object.keys(OPERATIONS).filter((op) => !ARITHMETIC.includes(op));

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<"x" | "y">("x", "y").map((name): Tree => ({ name })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1, 2, -1, 3, -2, 0.5, 0.1, 1.5, 10).map((value): Tree => ({ value })),
  },
);

/** Arithmetic more often than functions, so that terms and factors meet. */
export const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => {
  const node = (ops: readonly string[], count: number) =>
    fc
      .tuple(fc.constantFrom(...ops), ...new Array<fc.Arbitrary<Tree>>(count).fill(tie("tree")))
      .map(([op, ...args]): Tree => ({ op, args }));
  return {
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      { weight: 2, arbitrary: leaf },
      { weight: 6, arbitrary: node(BINARY, 2) },
      { weight: 2, arbitrary: node(ARITHMETIC.slice(BINARY.length), 1) },
      { weight: 2, arbitrary: node(FUNCTIONS, 1) },
    ),
  };
}).tree;

export const x = symbol("x", { dtype: "float64" });
export const y = symbol("y", { dtype: "float64" });

/** The tree as a graph over the symbols x and y. */
export function graphOf(tree: Tree): Tensor {
  if ("name" in tree) return tree.name === "x" ? x : y;
  if ("value" in tree) return x.mul(0).add(tree.value);
  // Numbers beside tensors, as users write them.
  const [first, second] = tree.args;
  if (second !== undefined && "value" in second) {
    const left = graphOf(first);
    if (tree.op === "add") return left.add(second.value);
    if (tree.op === "sub") return left.sub(second.value);
    if (tree.op === "mul") return left.mul(second.value);
    return left.div(second.value);
  }
  return OPERATIONS[tree.op].build(...tree.args.map(graphOf));
}

export interface Bounded {
  readonly value: number;
  /** About how far off a computation in float64 may be. */
  readonly error: number;
}

const UNIT = 2 ** -52;

/** The value of the tree, with a bound of the rounding errors on the way; NaN where some part has no finite value. */
export function compute(tree: Tree, at: { readonly x: number; readonly y: number }): Bounded {
  if ("name" in tree) return { value: at[tree.name], error: 0 };
  if ("value" in tree) return { value: tree.value, error: 0 };
  const args = tree.args.map((arg) => compute(arg, at));
  const { f, slopes } = OPERATIONS[tree.op];
  const values = args.map(({ value }) => value);
  const value = f(...values);
  if (!Number.isFinite(value) || Math.abs(value) > 1e100) return { value: Number.NaN, error: Number.NaN };
  const grown = slopes(...values).map((slope, i) => Math.abs(slope) * args[i].error);
  return { value, error: grown.reduce((total, one) => total + one, UNIT * Math.abs(value)) };
}
