import { IndexError, ShapeError, StateError, type Tensor, tensor } from "@cotangent/core";
import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test, vi } from "vitest";
import {
  arrayDataset,
  batches,
  classNamesOf,
  type Dataset,
  epochOrder,
  FASHION_MNIST_CLASSES,
  subset,
  topClasses,
  trainValidationSplit,
} from "../src/index.ts";
import { oneHotLabels } from "../src/sets/classes.ts";
import { errorOf, numbers } from "./helpers.ts";

/** n examples: x[i] = [10 i, 10 i + 1], y[i] = i. */
function examples(n: number): { x: Tensor; y: Tensor } {
  const x = tensor(
    Float32Array.from({ length: 2 * n }, (_, i) => 10 * Math.floor(i / 2) + (i % 2)),
    { shape: [n, 2] },
  );
  return {
    x,
    y: tensor(
      Int32Array.from({ length: n }, (_, i) => i),
      { shape: [n], dtype: "int32" },
    ),
  };
}

const ys = (loop: Iterable<{ y: Tensor }>): number[][] => Array.from(loop, ({ y }) => numbers(y));

describe("batches", () => {
  test("come in order, the last one short or dropped", () => {
    expect(ys(batches(examples(7), { batchSize: 3 }))).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    const dropped = batches(examples(7), { batchSize: 3, dropLast: true });
    expect(dropped.length).toBe(2);
    expect(ys(dropped)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(batches(examples(6), { batchSize: 3 }).length).toBe(2);
  });

  test("keep rows of x and y together, with shapes and dtypes", () => {
    for (const { x, y } of batches(examples(10), { batchSize: 4, shuffle: true, seed: 3 })) {
      expect(x.shape).toEqual([y.shape[0], 2]);
      expect([x.dtype, y.dtype]).toEqual(["float32", "int32"]);
      expect(numbers(x)).toEqual(numbers(y).flatMap((i) => [10 * i, 10 * i + 1]));
    }
  });

  test("gather every dtype", () => {
    const columns = {
      flags: tensor([true, false, true]),
      wide: tensor([0.1, 0.2, 0.3], { dtype: "float64" }),
      whole: tensor([1, 2, 3], { dtype: "uint32" }),
    };
    const { flags, wide, whole } = arrayDataset(columns).rows([2, 1, 2]);
    expect([flags.dtype, numbers(flags)]).toEqual(["bool", [1, 0, 1]]);
    expect([wide.dtype, numbers(wide)]).toEqual(["float64", [0.3, 0.2, 0.3]]);
    expect([whole.dtype, numbers(whole)]).toEqual(["uint32", [3, 2, 3]]);
  });

  test("in order are slices of the data, shuffled ones fresh tensors", () => {
    const data = examples(6);
    const slice = vi.spyOn(data.x, "slice");
    ys(batches(data, { batchSize: 2 }));
    expect(slice.mock.calls).toEqual([
      [[0], [2]],
      [[2], [4]],
      [[4], [6]],
    ]);
    slice.mockClear();
    ys(batches(data, { batchSize: 2, shuffle: true }));
    expect(slice).not.toHaveBeenCalled();
    const [whole] = batches(data, { batchSize: 6 });
    expect(whole?.x).toBe(data.x);
  });

  test("have a new order in each epoch, which seed and epoch alone determine", () => {
    const make = (seed: number) => batches(examples(20), { batchSize: 20, shuffle: true, seed });
    const loop = make(1);
    const [first, second] = [ys(loop)[0], ys(loop)[0]];
    expect(first).not.toEqual(second);
    expect(ys(make(1).epoch(1))[0]).toEqual(second);
    expect(ys(loop.epoch(0))[0]).toEqual(first);
    expect(ys(make(2))[0]).not.toEqual(first);
    expect(Array.from(epochOrder(20, { seed: 1, epoch: 1 }))).toEqual(second);
    const resumed = batches(examples(20), { batchSize: 20, shuffle: true, seed: 1, epoch: 1 });
    expect(ys(resumed)[0]).toEqual(second);
  });

  test("the order of an epoch never changes between releases", () => {
    expect(Array.from(epochOrder(10, { seed: 42, epoch: 0 }))).toMatchInlineSnapshot(`
      [
        7,
        6,
        4,
        3,
        8,
        0,
        2,
        9,
        1,
        5,
      ]
    `);
    expect(Array.from(epochOrder(10, { seed: [42, 7], epoch: 3 }))).toMatchInlineSnapshot(`
      [
        6,
        7,
        1,
        2,
        9,
        3,
        4,
        8,
        0,
        5,
      ]
    `);
  });

  property.prop([
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer(),
    fc.nat(100),
    fc.boolean(),
  ])("every example is in an epoch once", (n, batchSize, seed, epoch, shuffle) => {
    const all = ys(batches(examples(n), { batchSize, shuffle, seed }).epoch(epoch)).flat();
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  test("every order is equally likely", () => {
    const counts = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const order = epochOrder(3, { seed: 0, epoch }).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150); // five standard deviations
  });

  test("of lazy data are fetched ahead and awaited in order", async () => {
    const fetched: number[] = [];
    const lazy: Dataset<Promise<number[]>> = {
      length: 6,
      rows: async (indices) => Array.from(indices),
      range: async (start, end) => {
        fetched.push(start);
        return Array.from({ length: end - start }, (_, i) => start + i);
      },
      all: async () => [],
    };
    const seen: number[][] = [];
    for await (const batch of batches(lazy, { batchSize: 2, prefetch: 1 })) {
      if (seen.length === 0) expect(fetched).toEqual([0, 2]);
      seen.push(batch);
    }
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    let count = 0;
    for await (const { y } of batches(examples(4), { batchSize: 2 })) count += y.shape[0] ?? 0;
    expect(count).toBe(4);
  });

  test("a failure while fetching ahead is thrown when its turn comes", async () => {
    const lazy: Dataset<Promise<number>> = {
      length: 3,
      rows: async () => 0,
      range: async (start) => {
        if (start === 1) throw new IndexError("bad example");
        return start;
      },
      all: async () => 0,
    };
    const seen: number[] = [];
    const error = await errorOf(async () => {
      for await (const batch of batches(lazy, { batchSize: 1, prefetch: 2 })) seen.push(batch);
    });
    expect(error.message).toBe("bad example");
    expect(seen).toEqual([0]);
  });

  test.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    [
      "batch size 0",
      () => batches(examples(3), { batchSize: 0 }),
      StateError,
      /^batches: batchSize is 0\. Pass a whole number from 1/,
    ],
    ["NaN", () => batches(examples(3), { batchSize: Number.NaN }), StateError, /batchSize is NaN/],
    [
      "no options",
      () => batches(examples(3), undefined as never),
      StateError,
      /^batches: the options are undefined\. Pass/,
    ],
    [
      "nothing left",
      () => batches(examples(3), { batchSize: 4, dropLast: true }),
      StateError,
      /^batches: no batch of 4 can be made of 3 examples\. Make/,
    ],
    [
      "seed",
      () => batches(examples(3), { batchSize: 1, seed: 0.5 }),
      StateError,
      /^batches: the seed 0.5 is not a whole number/,
    ],
    ["epoch", () => batches(examples(3), { batchSize: 1 }).epoch(-1), StateError, /the epoch is -1/],
    [
      "no tensors",
      () => batches({ x: [1] } as never, { batchSize: 1 }),
      StateError,
      /^arrayDataset: x is \[1\], not a tensor/,
    ],
    ["nothing", () => batches({}, { batchSize: 1 }), StateError, /has no columns\. Pass \{ x, y \}/],
    [
      "different lengths",
      () => arrayDataset({ x: examples(3).x, y: examples(4).y }),
      ShapeError,
      /^arrayDataset: the columns x \[3, 2\], y \[4\] do not have the same number/,
    ],
    [
      "row",
      () => arrayDataset(examples(3)).rows([3]),
      IndexError,
      /^rows: there is no example 3: they are numbered 0 to 2/,
    ],
    ["no row", () => arrayDataset(examples(3)).rows([]), IndexError, /^rows: no example was asked for/],
    [
      "range",
      () => arrayDataset(examples(3)).range(2, 9),
      IndexError,
      /^range: 2 to 9 is not within the 3 examples/,
    ],
  ])("refuse what cannot be: %s", async (_, act, type, message) => {
    const error = await errorOf(act);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });
});

describe("splits", () => {
  const data = arrayDataset(examples(20));

  test("keep every example in one part, in order, the same for the same seed", () => {
    const { train, validation } = trainValidationSplit(data, { validation: 0.25, seed: 4 });
    expect([train.length, validation.length]).toEqual([15, 5]);
    const [a, b] = [numbers(train.all().y), numbers(validation.all().y)];
    expect([...a, ...b].sort((p, q) => p - q)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect([...a].sort((p, q) => p - q)).toEqual(a);
    const again = trainValidationSplit(data, { validation: 0.25, seed: 4 });
    expect(numbers(again.validation.all().y)).toEqual(b);
    const other = trainValidationSplit(data, { validation: 0.25, seed: 5 });
    expect(numbers(other.validation.all().y)).not.toEqual(b);
  });

  test("can be made of tensors at once", () => {
    const { train, validation } = trainValidationSplit(examples(10), { validation: 0.2, shuffle: false });
    expect([train.all().x.shape, validation.all().x.shape]).toEqual([
      [8, 2],
      [2, 2],
    ]);
  });

  test("without shuffling take the last examples, as slices", () => {
    const { train, validation } = trainValidationSplit(data, { validation: 0.1, shuffle: false });
    expect(numbers(validation.all().y)).toEqual([18, 19]);
    const slice = vi.spyOn(data.columns.y, "slice");
    expect(ys(batches(train, { batchSize: 12 }))).toEqual([
      Array.from({ length: 12 }, (_, i) => i),
      Array.from({ length: 6 }, (_, i) => 12 + i),
    ]);
    expect(slice).toHaveBeenCalledTimes(2);
    slice.mockRestore();
  });

  test("draw the share from each class", () => {
    const labels = Int32Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : i < 19 ? 1 : 2));
    const labelled: Dataset<number[]> = {
      length: 20,
      labels,
      rows: (indices) => Array.from(indices),
      range: (start, end) => Array.from({ length: end - start }, (_, i) => start + i),
      all: () => [],
    };
    const { train, validation } = trainValidationSplit(labelled, { validation: 0.2, seed: 1 });
    const count = (part: { labels?: ArrayLike<number> }, label: number) =>
      Array.from(part.labels ?? []).filter((each) => each === label).length;
    expect([0, 1, 2].map((label) => count(validation, label))).toEqual([2, 2, 0]); // one example stays in training
    expect([0, 1, 2].map((label) => count(train, label))).toEqual([8, 7, 1]);
  });

  test("subsets nest", () => {
    const odd = subset(data, [1, 3, 5, 7, 9]);
    const inner = subset(odd, [4, 0]);
    expect(numbers(inner.all().y)).toEqual([9, 1]);
    expect(numbers(inner.rows([1]).x)).toEqual([10, 11]);
    expect(ys(batches(odd, { batchSize: 2 }))).toEqual([[1, 3], [5, 7], [9]]);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "share",
      () => trainValidationSplit(data, { validation: 1 }),
      /^trainValidationSplit: validation is 1\. Pass the share/,
    ],
    ["NaN", () => trainValidationSplit(data, { validation: Number.NaN }), /validation is NaN/],
    [
      "one example",
      () => trainValidationSplit(arrayDataset(examples(1)), { validation: 0.5 }),
      /1 examples cannot be divided/,
    ],
    ["index", () => subset(data, [20]), /^rows: there is no example 20/],
  ])("refuse what cannot be: %s", async (_, act, message) => {
    expect((await errorOf(act)).message).toMatch(message);
  });
});

describe("class names", () => {
  test("of labels", () => {
    expect(classNamesOf([9, 0], FASHION_MNIST_CLASSES)).toEqual(["Ankle boot", "T-shirt/top"]);
    expect(classNamesOf(tensor(Int32Array.of(1), { shape: [1], dtype: "int32" }), ["a", "b"])).toEqual(["b"]);
    expect(() => classNamesOf([0.5], ["a", "b"])).toThrow(
      "classNamesOf: there is no class 0.5 among 2 names.",
    );
  });

  test("of probabilities, best first", () => {
    const p = tensor(Float32Array.of(0.25, 0.5, 0.25, 0, 0, 1), { shape: [2, 3] });
    expect(topClasses(p, ["a", "b", "c"], { top: 2 })).toEqual([
      [
        { name: "b", index: 1, probability: 0.5 },
        { name: "a", index: 0, probability: 0.25 },
      ],
      [
        { name: "c", index: 2, probability: 1 },
        { name: "a", index: 0, probability: 0 },
      ],
    ]);
    expect(() => topClasses(p, ["a", "b"])).toThrow(
      "topClasses: [2, 3] does not hold a probability for each of 2 names. Pass [2] or [n, 2].",
    );
  });

  test("one-hot rows", () => {
    const y = oneHotLabels([1, 0], 3);
    expect([y.shape, y.dtype, numbers(y)]).toEqual([[2, 3], "float32", [0, 1, 0, 1, 0, 0]]);
    expect(() => oneHotLabels([3], 3)).toThrow(IndexError);
    expect(() => oneHotLabels([-1], 3)).toThrow(
      "oneHotLabels: label -1 at 0 is not one of 3 classes. Labels are whole numbers from 0 to 2.",
    );
  });
});
