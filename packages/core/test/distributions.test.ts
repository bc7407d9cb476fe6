import { describe, expect, test } from "vitest";
import {
  compile,
  DTypeError,
  grad,
  IndexError,
  random,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  vmap,
} from "../src/index.ts";

const COUNT = 50_000;
const FLOATS = ["float32", "float64"] as const;

/** The greatest distance between the distribution function of a sample and the given one (Kolmogorov, 1933). */
function distance(sample: ArrayLike<number>, distribution: (x: number) => number): number {
  const sorted = Float64Array.from(sample).sort();
  let greatest = 0;
  sorted.forEach((x, i) => {
    const p = distribution(x);
    greatest = Math.max(greatest, Math.abs(p - i / sorted.length), Math.abs((i + 1) / sorted.length - p));
  });
  return greatest;
}

/** Exceeded by one sample in 100,000. */
const KOLMOGOROV = 2.47 / Math.sqrt(COUNT);

/** How far counts are from what is expected, in standard deviations of the chi-square statistic. */
function surprise(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const chi = counts.reduce(
    (sum, n, i) => sum + (n - total * probabilities[i]) ** 2 / (total * probabilities[i]),
    0,
  );
  const freedom = counts.length - 1;
  return (chi - freedom) / Math.sqrt(2 * freedom);
}

function tally(values: ArrayLike<number>, size: number, low = 0): number[] {
  const counts = new Array<number>(size).fill(0);
  for (let i = 0; i < values.length; i++) counts[values[i] - low]++;
  return counts;
}

/** By the series of the normal distribution function, which is exact enough within (-6, 6). */
function normalCdf(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; Math.abs(term) > 1e-17; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

interface Continuous {
  readonly name: string;
  readonly draw: (dtype: "float32" | "float64") => Tensor;
  readonly distribution: (x: number) => number;
  readonly mean: number;
  readonly std: number;
}

const shape = [COUNT];
const truncatedCdf = (low: number, high: number) => (x: number) =>
  (normalCdf(x) - normalCdf(low)) / (normalCdf(high) - normalCdf(low));

const CONTINUOUS: readonly Continuous[] = [
  {
    name: "exponential",
    draw: (dtype) => random.exponential(shape, { seed: 1, dtype }),
    distribution: (x) => -Math.expm1(-x),
    mean: 1,
    std: 1,
  },
  {
    name: "laplace",
    draw: (dtype) => random.laplace(shape, { seed: 2, dtype }),
    distribution: (x) => (x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2),
    mean: 0,
    std: Math.SQRT2,
  },
  {
    name: "gumbel",
    draw: (dtype) => random.gumbel(shape, { seed: 3, dtype }),
    distribution: (x) => Math.exp(-Math.exp(-x)),
    mean: 0.5772156649015329,
    std: Math.PI / Math.sqrt(6),
  },
  {
    name: "truncatedNormal",
    draw: (dtype) => random.truncatedNormal(shape, { seed: 4, dtype }),
    distribution: truncatedCdf(-2, 2),
    mean: 0,
    std: 0.8796256610342398,
  },
  {
    name: "truncatedNormal on one side",
    draw: (dtype) => random.truncatedNormal(shape, { seed: 5, dtype, lower: 0, upper: 5 }),
    distribution: truncatedCdf(0, 5),
    mean: Math.sqrt(2 / Math.PI),
    std: Math.sqrt(1 - 2 / Math.PI),
  },
];

describe.each(FLOATS)("in %s", (dtype) => {
  test.each(CONTINUOUS)("$name has its distribution and moments", ({ draw, distribution, mean, std }) => {
    const x = draw(dtype);
    expect(x.dtype).toBe(dtype);
    expect(distance(x.dataSync(), distribution)).toBeLessThan(KOLMOGOROV);
    expect(Math.abs(x.mean().item() - mean)).toBeLessThan((4 * std) / Math.sqrt(COUNT));
    expect(Math.abs(x.std().item() / std - 1)).toBeLessThan(0.03);
  });

  test("truncatedNormal stays within its bounds", () => {
    for (const [lower, upper] of [
      [-2, 2],
      [3, 3.001],
      [-0.001, 0.001],
      [4, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, -4],
      [20, 21],
    ]) {
      const x = random.truncatedNormal([2000], { seed: 6, dtype, lower, upper });
      expect(x.min().item()).toBeGreaterThan(Math.fround(lower));
      expect(x.max().item()).toBeLessThan(Math.fround(upper));
    }
  });
});

describe("whole numbers", () => {
  test.each([1, 2, 7, 10, 64])("randint below %i comes up evenly", (span) => {
    const x = random.randint([COUNT], { seed: span, low: -3, high: span - 3 });
    expect(x.dtype).toBe("int32");
    const counts = tally(x.dataSync(), span, -3);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(COUNT);
    if (span > 1) expect(Math.abs(surprise(counts, new Array<number>(span).fill(1 / span)))).toBeLessThan(5);
  });

  test("randint of the whole range has bits that are even", () => {
    for (const dtype of ["int32", "uint32"] as const) {
      const low = dtype === "int32" ? -(2 ** 31) : 0;
      const x = random.randint([COUNT], { seed: 1, low, high: low + 2 ** 32, dtype });
      expect(x.dtype).toBe(dtype);
      const eighths = tally(x.dataSync().map((n) => Math.floor((n - low) / 2 ** 29)) as Float64Array, 8);
      expect(Math.abs(surprise(eighths, new Array<number>(8).fill(1 / 8)))).toBeLessThan(5);
    }
  });

  test("another range compiles nothing again and is read at run time", () => {
    const draws = [5, 9].map((high) => random.randint([1000], { seed: 2, high }).max().item());
    expect(draws).toEqual([4, 8]);
  });

  test("bernoulli and rademacher", () => {
    for (const p of [0, 0.1, 0.5, 0.9, 1]) {
      const x = random.bernoulli([COUNT], { seed: 3, p });
      expect(x.dtype).toBe("bool");
      const off = Math.abs(x.mean().item() - p);
      expect(off).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / COUNT));
    }
    const p = tensor([0, 1, Number.NaN, 2, -1]);
    expect(random.bernoulli(p, { seed: 1 }).arraySync()).toEqual([false, true, false, true, false]);
    expect(random.bernoulli([3, 2], { seed: 1, p: [0, 1] }).arraySync()).toEqual([
      [false, true],
      [false, true],
      [false, true],
    ]);
    const signs = random.rademacher([COUNT], { seed: 4 });
    expect(signs.abs().min().item()).toBe(1);
    expect(Math.abs(signs.mean().item())).toBeLessThan(4 / Math.sqrt(COUNT));
  });

  test("categorical draws with the softmax of its logits", () => {
    const logits = tensor([0, 1, -1, Number.NEGATIVE_INFINITY, 2]);
    const x = random.categorical(logits, { seed: 5, shape: [COUNT] });
    expect(x.dtype).toBe("int32");
    const counts = tally(x.dataSync(), 5);
    expect(counts[3]).toBe(0);
    const weights = [0, 1, -1, 2].map(Math.exp);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const drawn = counts.filter((_, i) => i !== 3);
    expect(
      Math.abs(
        surprise(
          drawn,
          weights.map((w) => w / total),
        ),
      ),
    ).toBeLessThan(5);
    const many = random.categorical(
      tensor([
        [0, 50],
        [50, 0],
      ]),
      { seed: 6, axis: 0, shape: [3, 2] },
    );
    expect(many.arraySync()).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
  });
});

describe("permutation", () => {
  test.each([0, 1, 2, 100, 1626, 5000])("of %i elements has each of them once", (n) => {
    const order = random.permutation(n, { seed: n });
    expect(order.dtype).toBe("int32");
    expect([...order.dataSync()].sort((i, k) => i - k)).toEqual(Array.from({ length: n }, (_, i) => i));
    if (n >= 100) expect([...order.dataSync().slice(0, 5)]).not.toEqual([0, 1, 2, 3, 4]);
  });

  test("of a tensor puts its slices into that order, as JAX does", () => {
    const key = random.key(7);
    const x = tensor(
      Float32Array.from({ length: 12 }, (_, i) => i),
      { shape: [4, 3] },
    );
    // jax.random.permutation(jax.random.key(7), x), and the same with axis=1.
    const [rows, columns] = [random.permutation(x, { key }), random.permutation(x, { key, axis: 1 })];
    expect(rows.slice([0, 0], [4, 1]).reshape([4]).arraySync()).toEqual([6, 9, 0, 3]);
    expect(columns.slice([0], [1]).reshape([3]).arraySync()).toEqual([2, 0, 1]);
    const weighted = (z: Tensor) => random.permutation(z, { key }).mul(x).sum();
    // Row 2 came first: its gradient is the first row of the factors.
    expect(grad(weighted)(x).slice([2], [3]).reshape([3]).arraySync()).toEqual([0, 1, 2]);
    expect(random.permutation(tensor([]), { key }).shape).toEqual([0]);
    expect(() => random.permutation(x, { axis: 2 })).toThrow(IndexError);
    expect(() => random.permutation("x" as never)).toThrow(StateError);
  });

  test("all orders of four elements come up evenly", () => {
    const keys = random.bits([6000, 2], { seed: 7 });
    const orders = vmap((key: Tensor) => random.permutation(4, { key }))(keys).arraySync() as number[][];
    const counts = new Map<string, number>();
    for (const order of orders) counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1);
    expect(counts.size).toBe(24);
    expect(Math.abs(surprise([...counts.values()], new Array<number>(24).fill(1 / 24)))).toBeLessThan(5);
  });
});

describe("choice", () => {
  const weights = [1, 0, 3, 4, 2];
  const shares = weights.filter((w) => w > 0).map((w) => w / 10);

  test("draws items as often as p says", () => {
    const counts = tally(random.choice(5, { seed: 1, shape: [COUNT], p: weights }).dataSync(), 5);
    expect(counts[1]).toBe(0);
    const drawn = counts.filter((_, i) => i !== 1);
    expect(Math.abs(surprise(drawn, shares))).toBeLessThan(5);
    const even = tally(random.choice(5, { seed: 2, shape: [COUNT] }).dataSync(), 5);
    expect(Math.abs(surprise(even, new Array<number>(5).fill(0.2)))).toBeLessThan(5);
  });

  test("without replacement draws each item once, the first as often as p says", () => {
    const keys = random.bits([6000, 2], { seed: 3 });
    const draw = (key: Tensor) => random.choice(5, { key, shape: [3], replace: false, p: weights });
    const rows = vmap(draw)(keys).arraySync() as number[][];
    expect(rows.every((row) => new Set(row).size === 3 && !row.includes(1))).toBe(true);
    const firsts = tally(
      rows.map(([first]) => first),
      5,
    ).filter((_, i) => i !== 1);
    expect(Math.abs(surprise(firsts, shares))).toBeLessThan(5);
    const all = random.choice(40, { seed: 4, shape: [5, 8], replace: false }).dataSync();
    expect(new Set(all).size).toBe(40);
  });
});

describe("keys", () => {
  test("foldIn makes the keys that split makes, also of traced numbers", () => {
    const key = random.key(4);
    const keys = random.split(key, 6).map((one) => one.arraySync());
    expect(random.foldIn(key, 5).arraySync()).toEqual(keys[5]);
    const folded = compile((step: Tensor | number) => random.foldIn(key, step as number));
    expect([3, 4].map((step) => folded(step).arraySync())).toEqual(keys.slice(3, 5));
    const steps = tensor([0, 1, 2], { dtype: "int32" });
    expect(vmap((step: Tensor) => random.foldIn(key, step))(steps).arraySync()).toEqual(keys.slice(0, 3));
    const each = vmap((one: Tensor) => random.foldIn(one, 2))(random.bits([2, 2], { seed: 1 }));
    const rows = random.bits([2, 2], { seed: 1 }).arraySync() as number[][];
    expect(each.arraySync()).toEqual(
      rows.map((row) => random.foldIn(tensor(row, { dtype: "uint32" }), 2).arraySync()),
    );
  });

  const DRAWS: Readonly<Record<string, () => Tensor>> = {
    truncatedNormal: () => random.truncatedNormal([3]),
    gumbel: () => random.gumbel([3]),
    exponential: () => random.exponential([3]),
    laplace: () => random.laplace([3]),
    randint: () => random.randint([3], { high: 1_000_000 }),
    bernoulli: () => random.bernoulli([40]),
    rademacher: () => random.rademacher([40]),
    categorical: () => random.categorical(new Array<number>(50).fill(0), { shape: [4] }),
    permutation: () => random.permutation(30),
    choice: () => random.choice(1000, { shape: [4] }),
    "choice without replacement": () => random.choice(30, { shape: [20], replace: false }),
  };

  test.each(Object.entries(DRAWS))(
    "%s without a key: the same under compile, another in each lane",
    (_, draw) => {
      random.seed(1);
      const plain = [draw(), draw(), draw()].map((x) => x.arraySync());
      random.seed(1);
      const compiled = compile(draw);
      expect([compiled(), compiled(), compiled()].map((x) => x.arraySync())).toEqual(plain);
      expect(new Set(plain.map(String)).size).toBe(3);
      const lanes = vmap((x: Tensor) => draw().cast("float64").add(x))(
        tensor([0, 0, 0], { dtype: "float64" }),
      );
      expect(new Set((lanes.arraySync() as number[][]).map(String)).size).toBe(3);
    },
  );

  test("draws are constants of the graph", () => {
    const key = random.key(1);
    const drawn = random.gumbel([], { key }).item();
    expect(grad((x: Tensor) => x.mul(random.gumbel([], { key })))(2).item()).toBe(drawn);
    expect(grad((p: Tensor) => random.bernoulli(p, { key }).cast("float32").mul(p))(0.9).item()).toBe(1);
  });
});

describe("refusals", () => {
  const key = random.key(0);
  const refused: readonly (readonly [string, () => unknown, new (message: string) => Error, RegExp])[] = [
    ["p above 1", () => random.bernoulli([2], { p: 1.5 }), StateError, /p is 1.5.*from 0 to 1/],
    ["p below 0", () => random.bernoulli([2], { p: -0.1 }), StateError, /p is -0.1/],
    ["p NaN", () => random.bernoulli([2], { p: Number.NaN }), StateError, /p is NaN/],
    ["p twice", () => random.bernoulli(tensor([0.5]), { p: 0.1 }), StateError, /given twice/],
    ["p that does not fit", () => random.bernoulli([2], { p: [0.1, 0.2, 0.3] }), ShapeError, /bernoulli/],
    ["p of a greater shape", () => random.bernoulli([2], { p: [[0.1], [0.2]] }), ShapeError, /does not fit/],
    ["low = high", () => random.randint([2], { low: 3, high: 3 }), StateError, /low 3 is not below high 3/],
    ["low > high", () => random.randint([2], { low: 4, high: 3 }), StateError, /not below/],
    ["broken bounds", () => random.randint([2], { low: 0.5, high: 3 }), StateError, /whole numbers/],
    ["no high", () => random.randint([2], {} as never), StateError, /high undefined/],
    ["bounds beyond int32", () => random.randint([2], { high: 2 ** 32 }), StateError, /of int32/],
    ["negative uint32", () => random.randint([2], { low: -1, high: 2, dtype: "uint32" }), StateError, /uint32/],
    ["floating randint", () => random.randint([2], { high: 2, dtype: "float32" }), DTypeError, /float32/],
    ["unsigned signs", () => random.rademacher([2], { dtype: "uint32" }), DTypeError, /does not hold -1/],
    ["lower = upper", () => random.truncatedNormal([2], { lower: 1, upper: 1 }), StateError, /between lower 1/],
    ["lower > upper", () => random.truncatedNormal([2], { lower: 3 }), StateError, /lower 3 and upper 2/],
    ["lower NaN", () => random.truncatedNormal([2], { lower: Number.NaN }), StateError, /lower NaN/],
    ["bounds that are neighbours", () => random.truncatedNormal([2], { lower: 1, upper: 1 + 1e-9 }), StateError, /float32 number/],
    ["integer gumbel", () => random.gumbel([2], { dtype: "int32" }), DTypeError, /not floating/],
    ["key and seed", () => random.laplace([2], { key, seed: 1 }), StateError, /both key and seed/],
    ["a key of floats", () => random.gumbel([2], { key: tensor([1, 2]) }), DTypeError, /random.gumbel.*uint32/],
    ["a long key", () => random.exponential([2], { key: random.bits([3]) }), ShapeError, /shape \[2\]/],
    ["several keys", () => random.randint([2], { high: 3, key: random.bits([3, 2]) }), ShapeError, /vmap/],
    ["no key", () => random.bits([2], { key: 3 as never }), StateError, /a key is a tensor/],
    ["a misspelt option", () => random.uniform([2], { minVal: 1 } as never), StateError, /mean minval/],
    ["an unknown option", () => random.categorical([1, 2], { p: 1 } as never), StateError, /unknown option p/],
    ["a negative number folded in", () => random.foldIn(key, -1), StateError, /-1 cannot be folded/],
    ["a broken number folded in", () => random.foldIn(key, 0.5), StateError, /0.5/],
    ["floats folded in", () => random.foldIn(key, tensor(1)), DTypeError, /float32/],
    ["a vector folded in", () => random.foldIn(key, tensor([1], { dtype: "int32" })), ShapeError, /one number/],
    ["a number of keys", () => random.split(key, -1), StateError, /-1/],
    ["a scalar's categories", () => random.categorical(1), IndexError, /rank 0/],
    ["no categories", () => random.categorical(tensor([], { shape: [2, 0] })), ShapeError, /nothing/],
    ["a shape without the logits'", () => random.categorical([[1, 2], [3, 4]], { shape: [2, 3] }), ShapeError, /logits/],
    ["no items", () => random.choice(0), StateError, /0 is not a number of items/],
    ["more draws than items", () => random.choice(3, { shape: [4], replace: false }), StateError, /4 of 3/],
    ["more draws than p allows", () => random.choice(3, { shape: [2], replace: false, p: [1, 0, 0] }), StateError, /2 of 1/],
    ["p of zeros", () => random.choice(2, { p: [0, 0] }), StateError, /1 of 0/],
    ["negative p", () => random.choice(2, { p: [-1, 2] }), StateError, /p holds -1/],
    ["p of another length", () => random.choice(2, { p: [1, 2, 3] }), ShapeError, /for 2 items/],
    ["a negative count", () => random.permutation(-1), StateError, /-1/],
  ]; // biome-ignore format: a table

  test.each(refused.map(([what, call, type, message]) => ({ what, call, type, message })))(
    "$what",
    ({ call, type, message }) => {
      expect(call).toThrow(message);
      expect(call).toThrow(type);
    },
  );
});
