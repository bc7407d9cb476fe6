import type { ConvParams, Tensor } from "@cotangent/core";
import type { Builder } from "./rule.ts";

type Operand = Tensor | number;
type Arguments = readonly unknown[];
/** What a mutated call gives; null where the mutant does not apply (the shapes do not let it pass). */
type Mutate = (b: Builder, args: Arguments) => Tensor | null;

const sameKind = (x: Tensor, y: Tensor): boolean => x.dtype === y.dtype && x.shape.join() === y.shape.join();

/** The operand as a tensor: numbers are literals of the other's shape and dtype. */
const operand = (b: Builder, args: Arguments, i: number): Tensor => {
  const own = args[i] as Operand;
  return typeof own === "number" ? b.literal(own, args[1 - i] as Tensor) : own;
};

const left: Mutate = (b, args) => operand(b, args, 0);
const right: Mutate = (b, args) => operand(b, args, 1);
const first: Mutate = (_, [x]) => x as Tensor;

/** Numbers instead of a truth that is computed. */
const always =
  (value: 0 | 1): Mutate =>
  (b, args) =>
    b.constant(value, operand(b, args, 0).shape, "bool");

const zeros = (x: Tensor): number[] => x.shape.map(() => 0);

/** What stands first along the axes, instead of a total over them. */
const firstAlong: Mutate = (b, [, x, axes, keepDims]) => {
  const [from, along] = [x as Tensor, axes as readonly number[]];
  if (along.some((axis) => from.shape[axis] < 2)) return null;
  const sliced = b.slice(
    from,
    zeros(from),
    from.shape.map((size, axis) => (along.includes(axis) ? 1 : size)),
  );
  return keepDims
    ? sliced
    : b.reshape(
        sliced,
        from.shape.filter((_, axis) => !along.includes(axis)),
      );
};

/** In the first place only, instead of in all places. */
const toFirstPlace: Mutate = (b, [x, shape]) => {
  const [from, to] = [x as Tensor, shape as readonly number[]];
  const aligned = b.reshape(from, [...new Array<number>(to.length - from.rank).fill(1), ...from.shape]);
  if (aligned.size === 0 || to.includes(0)) return null;
  return b.pad(
    aligned,
    zeros(aligned),
    to.map((size, axis) => size - aligned.shape[axis]),
  );
};

/** The permutation the other way round, where the sizes let it pass. */
const notInverted: Mutate = (b, [x, axes]) => {
  const order = axes as readonly number[];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const [wrong, expected] = [b.permute(x as Tensor, inverse), b.permute(x as Tensor, order)];
  return sameKind(wrong, expected) ? wrong : null;
};

/** The axes as they were, where the sizes let it pass. */
const notPermuted: Mutate = (b, [x, axes]) =>
  sameKind(x as Tensor, b.permute(x as Tensor, axes as number[])) ? (x as Tensor) : null;

/** Other arguments in the same call. */
const withArguments =
  (name: keyof Builder, change: (args: Arguments) => Arguments): Mutate =>
  (b, args) =>
    (b[name] as (...args: Arguments) => Tensor)(...change(args));

const swapped =
  (name: keyof Builder, i: number, k: number): Mutate =>
  (b, args) => {
    const [x, y] = [args[i], args[k]] as [Operand, Operand];
    if (typeof x !== "number" && typeof y !== "number" && !sameKind(x, y)) return null;
    return withArguments(name, () => args.with(i, y).with(k, x))(b, args);
  };

/** Another operation where the first argument says which. */
const operation =
  (name: keyof Builder, other: Readonly<Record<string, string>>): Mutate =>
  (b, args) => {
    const op = other[args[0] as string];
    return op === undefined ? null : withArguments(name, () => args.with(0, op))(b, args);
  };

/** From the first element on, instead of from where the box begins. */
const fromStart: Mutate = (b, [x, start, end, step]) => {
  const [from, to] = [start as readonly number[], end as readonly number[]];
  return b.slice(
    x as Tensor,
    zeros(x as Tensor),
    to.map((n, i) => n - from[i]),
    step as number[],
  );
};

/** A convolution that moves in another way. */
const withConvParams = (change: (params: ConvParams) => Partial<ConvParams>): Mutate =>
  withArguments("conv", ([x, w, params]) => [
    x,
    w,
    { ...(params as ConvParams), ...change(params as ConvParams) },
  ]);

/** The same of an operand whose last axis is in reverse order. */
const ofReversed =
  (name: "windows" | "fold"): Mutate =>
  (b, args) => {
    const x = args[0] as Tensor;
    return x.rank === 0 ? null : withArguments(name, () => args.with(0, b.flip(x, [x.rank - 1])))(b, args);
  };

/** Comparisons that differ where both sides are equal. */
const BOUNDARY = {
  less: "lessEqual",
  lessEqual: "less",
  greater: "greaterEqual",
  greaterEqual: "greater",
  equal: "greaterEqual",
  notEqual: "greater",
} as const;

const NEGATED = {
  less: "greaterEqual",
  lessEqual: "greater",
  greater: "lessEqual",
  greaterEqual: "less",
  equal: "notEqual",
  notEqual: "equal",
} as const;

const product = { "without the left factor": right, "without the right factor": left };

/** By operation of the builder: what can be wrong with a call of it in a rule. */
const OF_CALLS: Readonly<Partial<Record<keyof Builder, Readonly<Record<string, Mutate>>>>> = {
  add: { "without the left term": right, "without the right term": left },
  sub: {
    "without the left term": (b, args) => b.neg(operand(b, args, 1)),
    "without the right term": left,
    "terms swapped": swapped("sub", 0, 1),
  },
  mul: product,
  div: { "without the divisor": left, "without the dividend": (b, args) => b.div(1, operand(b, args, 1)) },
  pow: { "without the exponent": left, "operands swapped": swapped("pow", 0, 1) },
  where: {
    "the branches swapped": swapped("where", 1, 2),
    "always the first branch": (b, [, x, y]) =>
      typeof x === "number" ? b.literal(x, y as Tensor) : (x as Tensor),
    "always the second branch": (b, [, x, y]) =>
      typeof y === "number" ? b.literal(y, x as Tensor) : (y as Tensor),
  },
  compare: {
    negated: operation("compare", NEGATED),
    "other at the boundary": operation("compare", BOUNDARY),
  },
  bitwise: {
    "without the left operand": (_, [, , y]) => y as Tensor,
    "without the right operand": (_, [, x]) => x as Tensor,
  },
  isNaN: { "never true": always(0) },
  not: { "left out": first },
  neg: { "left out": first },
  polygamma: { "of one order less": withArguments("polygamma", ([n, x]) => [(n as number) - 1, x]) },
  reduce: { "the first element instead of the total": firstAlong },
  broadcast: { "in the first place only": toFirstPlace },
  permute: { "the permutation not inverted": notInverted, "left out": notPermuted },
  flip: { "left out": first },
  slice: { "from the first element on": fromStart },
  pad: { "low and high swapped": withArguments("pad", ([x, low, high, inner]) => [x, high, low, inner]) },
  concat: {
    "in reverse order": withArguments("concat", ([xs, axis]) => [[...(xs as Tensor[])].reverse(), axis]),
  },
  cumulative: {
    "in the other direction": withArguments("cumulative", ([op, x, axis, back]) => [op, x, axis, !back]),
  },
  affine: {
    "in the other direction": withArguments("affine", ([a, c, axis, back]) => [a, c, axis, !back]),
    "the factors left out": (b, [, c, axis, back]) =>
      b.cumulative("sum", c as Tensor, axis as number, back as boolean),
  },
  dot: { "operands swapped": swapped("dot", 0, 1) },
  conv: {
    "operands swapped": swapped("conv", 0, 1),
    "low and high swapped": withConvParams(({ low, high }) => ({ low: high, high: low })),
    "the kernel's dilation is that of the input": withConvParams(({ inputDilation }) => ({
      kernelDilation: inputDilation,
    })),
  },
  windows: { "of what is in reverse order": ofReversed("windows") },
  fold: { "of what is in reverse order": ofReversed("fold") },
  gather: {
    "the last row picked first": (b, [x, indices, params]) => {
      const picks = indices as Tensor;
      if (picks.rank === 0) return null;
      return b.gather(x as Tensor, b.flip(picks, [picks.rank - 1]), params as never);
    },
  },
  scatter: {
    "of an index that occurs twice only the last counts": operation("scatter", {
      add: "set",
      max: "set",
      mul: "set",
    }),
    "updates added instead": operation("scatter", { set: "add", mul: "add" }),
  },
  barrier: { "left out": first },
};

/** Functions of one operand whose call can be left out. */
const FUNCTIONS = ["sign", "exp", "log", "sin", "cos", "sinh", "cosh", "sigmoid", "sqrt", "floor"] as const;

const MUTATIONS: typeof OF_CALLS = {
  ...OF_CALLS,
  ...Object.fromEntries(FUNCTIONS.map((name) => [name, { "left out": first }])),
};

/** What is mutated in calls of an operation of the builder. */
export const mutationsOf = (name: string): readonly string[] =>
  Object.keys(MUTATIONS[name as keyof Builder] ?? {});

/** Which call of a builder's operation in a rule is another one, and what it is instead. */
export interface MutatedCall {
  readonly name: string;
  /** The first call of that operation is 0. */
  readonly nth: number;
  readonly how: string;
}

/** The builder with every call handed to `around`. */
const intercepted = (
  b: Builder,
  around: (name: string, args: Arguments, call: () => unknown) => unknown,
): Builder =>
  new Proxy(b, {
    get: (target, name) => {
      const own: unknown = Reflect.get(target, name);
      if (typeof own !== "function" || typeof name !== "string") return own;
      return (...args: Arguments) => around(name, args, () => own.apply(target, args));
    },
  });

/** The builder with one of its calls mutated. */
export function withMutatedCall(b: Builder, { name: wanted, nth, how }: MutatedCall): Builder {
  const mutate = MUTATIONS[wanted as keyof Builder]?.[how] as Mutate;
  let seen = 0;
  return intercepted(b, (name, args, call) =>
    name === wanted && seen++ === nth ? (mutate(b, args) ?? call()) : call(),
  );
}

/** The builder, which counts in `counts` how often each operation is called. */
export const counted = (b: Builder, counts: Map<string, number>): Builder =>
  intercepted(b, (name, _, call) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return call();
  });
