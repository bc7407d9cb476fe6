import {
  compile,
  DTypeError,
  grad,
  ones,
  random,
  ShapeError,
  StateError,
  type Tensor,
  tensor,
  vmap,
} from "@cotangent/core";
import { Dense, Dropout, dense, dropout, Sequential, sequential } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { values } from "./helpers.ts";

const x = ones([64, 64]);
const text = (y: Tensor): string => values(y).join();

describe("Dropout in training", () => {
  it.each([0.1, 0.5, 0.9])(
    "drops a share of %f, and makes the others greater by what they replace",
    (rate) => {
      const numbers = values(new Dropout(rate, { seed: 1 }).forward(ones([200, 200])));
      const kept = Math.fround(1 / Math.fround(1 - rate));
      const dropped = numbers.filter((value) => value === 0).length;
      expect(dropped / 40000).toBeCloseTo(rate, 1);
      expect(Math.abs(dropped / 40000 - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / 40000));
      for (const value of numbers) if (value !== 0) expect(value).toBeCloseTo(kept, 5);
    },
  );

  it.each([
    ["the default generator", {}],
    ["a seed", { seed: 7 }],
    ["a key", { key: random.key(7) }],
  ])("draws anew at each call, compiled or not, from %s", (_, options) => {
    const layer = new Dropout(0.5, options);
    const compiled = compile((z: Tensor) => layer.forward(z));
    const twice = compile((z: Tensor) => [layer.forward(z), layer.forward(z)] as const);
    const all = [layer.forward(x), compiled(x), compiled(x), ...twice(x), ...twice(x), layer.forward(x)];
    expect(new Set(all.map(text)).size).toBe(8);
  });

  it("draws the same sequence with the same seed, compiled or not, and another with another seed", () => {
    const sequence = (seed: number, how: "plain" | "compiled" | "mixed"): string[] => {
      const layer = new Dropout(0.5, { seed });
      const compiled = compile((z: Tensor) => layer.forward(z));
      return Array.from({ length: 6 }, (_, i) =>
        text(how === "plain" || (how === "mixed" && i % 2 === 0) ? layer.forward(x) : compiled(x)),
      );
    };
    const plain = sequence(3, "plain");
    expect(sequence(3, "compiled")).toEqual(plain);
    expect(sequence(3, "mixed")).toEqual(plain);
    // Seeds that follow one another share no draw: the sequence is not counted up from the seed.
    const others = [2, 4, 5].flatMap((seed) => sequence(seed, "plain"));
    expect(others.some((draw) => plain.includes(draw))).toBe(false);
  });

  it("follows random.seed without a seed of its own", () => {
    const run = () => {
      random.seed(5);
      return text(new Dropout(0.5).forward(x));
    };
    expect(run()).toBe(run());
  });

  it("has the gradient of its mask", () => {
    const layer = new Dropout(0.25, { seed: 2 });
    const y = new Dropout(0.25, { seed: 2 }).forward(x);
    expect(text(grad((z: Tensor) => layer.forward(z).sum())(x))).toBe(text(y));
  });

  it("keeps the dtype; NaN that is dropped is 0", () => {
    const y = new Dropout(0.5, { seed: 1 }).forward(tensor(new Float64Array(100).fill(Number.NaN)));
    expect(y.dtype).toBe("float64");
    const dropped = values(y).filter((value) => value === 0).length;
    expect(dropped).toBeGreaterThan(20);
    expect(dropped).toBeLessThan(80);
  });

  it("with rate 1 gives zeros, with rate 0 the input itself, drawing nothing", () => {
    expect(values(new Dropout(1).forward(x)).every((value) => value === 0)).toBe(true);
    expect(new Dropout(0).forward(x)).toBe(x);
    random.seed(9);
    const before = text(random.uniform([3]));
    random.seed(9);
    new Dropout(0).forward(x);
    new Dropout(1).forward(x);
    new Dropout(0.5).eval().forward(x);
    new Dropout(0.5, { seed: 1 }).forward(x);
    expect(text(random.uniform([3]))).toBe(before);
  });

  it("drops together what noiseShape has in common", () => {
    const y = new Dropout(0.5, { seed: 1, noiseShape: [null, 1, null] }).forward(ones([4, 5, 6]));
    const sums = values(y.mean(1));
    expect(sums.every((value) => value === 0 || value === 2)).toBe(true);
    expect(new Set(sums).size).toBe(2);
    const whole = new Dropout(0.5, { seed: 1, noiseShape: [1, 1] }).forward(ones([3, 3]));
    expect(new Set(values(whole)).size).toBe(1);
  });

  it("gives lanes of vmap draws of their own from the default generator", () => {
    const layer = new Dropout(0.5);
    const y = vmap((row: Tensor) => layer.forward(row))(ones([2, 200]));
    expect(text(y.slice(0, 1))).not.toBe(text(y.slice(1, 2)));
  });
});

describe("Dropout in evaluation", () => {
  it("is the input itself", () => {
    const layer = new Dropout(0.5).eval();
    expect(layer.forward(x)).toBe(x);
    expect(layer.train().forward(x) === x).toBe(false);
  });

  it("switches compiled functions with the model's mode", () => {
    const model = new Sequential([new Dense(4, 64, { seed: 1 }), new Dropout(0.5)]);
    const compiled = compile((z: Tensor) => model.forward(z));
    const input = ones([8, 4]);
    const zeros = () => values(compiled(input)).filter((value) => value === 0).length;
    expect(zeros()).toBeGreaterThan(100);
    model.eval();
    expect(zeros()).toBe(0);
    expect(text(compiled(input))).toBe(text(model.layers[0].forward(input)));
    model.train();
    expect(zeros()).toBeGreaterThan(100);
  });
});

describe("dropout in sequential", () => {
  const make = (seed?: number) =>
    sequential({ inputShape: [8], seed }, [dense(32), dropout(0.5), dense(32), dropout(0.5)]);

  it("is settled by the model's seed, with other draws in each layer", () => {
    const input = ones([4, 8]);
    expect(text(make(1).forward(input))).toBe(text(make(1).forward(input)));
    const model = make(1);
    const [first, second] = [model.layers[1], model.layers[3]].map((layer) => text(layer.forward(x)));
    expect(first).not.toBe(second);
  });

  it("has no weights, and leaves names of others as they are", () => {
    expect([...make(1).namedVariables().keys()]).toEqual([
      "layers.0.kernel",
      "layers.0.bias",
      "layers.2.kernel",
      "layers.2.bias",
    ]);
    expect(make(1).summary()).toMatch(/Dropout/);
  });
});

describe("Dropout refuses", () => {
  it.each<[string, () => unknown, new (message: string) => Error, RegExp]>([
    ["a rate above 1", () => new Dropout(1.5), StateError, /rate must be a number from 0 to 1, not 1.5/],
    ["a rate that is none", () => new Dropout("0.5" as never), StateError, /rate must be a number/],
    ["NaN", () => dropout(Number.NaN), StateError, /not NaN/],
    ["an unknown option", () => new Dropout(0.5, { sead: 1 } as never), StateError, /unknown option sead/],
    [
      "key and seed",
      () => new Dropout(0.5, { seed: 1, key: random.key(1) }),
      StateError,
      /both key and seed/,
    ],
    [
      "a noise shape of text",
      () => new Dropout(0.5, { noiseShape: "a" as never }),
      StateError,
      /noiseShape is/,
    ],
    ["integers", () => new Dropout(0.5).forward(ones([2], { dtype: "int32" })), DTypeError, /dtype int32/],
    [
      "integers in evaluation too",
      () => new Dropout(0.5).eval().forward(ones([2], { dtype: "int32" })),
      DTypeError,
      /dtype int32/,
    ],
    [
      "a noise shape of another rank",
      () => new Dropout(0.5, { noiseShape: [null, 1, null] }).forward(ones([2, 3])),
      ShapeError,
      /the input has shape \[2, 3\], noiseShape is/,
    ],
    [
      "a noise shape of other sizes",
      () => new Dropout(0.5, { noiseShape: [2, 2] }).forward(ones([2, 3])),
      ShapeError,
      /null, 1, or the size of the axis/,
    ],
  ])("%s", (_, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
