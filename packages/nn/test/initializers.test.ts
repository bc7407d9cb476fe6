import { DTypeError, random, StateError, tensor } from "@cotangent/core";
import { Dense, type Initializer, initializers } from "@cotangent/nn";
import { describe, expect, it } from "vitest";
import { fans } from "../src/initializers/fans.ts";
import { values } from "./helpers.ts";

const SHAPE = [300, 200];

const moments = (numbers: readonly number[]) => {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return { mean, variance: numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length };
};

describe.each<[string, Initializer, number, number]>([
  ["glorotUniform", initializers.glorotUniform, 2 / 500, Math.sqrt(6 / 500)],
  ["glorotNormal", initializers.glorotNormal, 2 / 500, Number.POSITIVE_INFINITY],
  ["heUniform", initializers.heUniform, 2 / 300, Math.sqrt(6 / 300)],
  ["heNormal", initializers.heNormal, 2 / 300, Number.POSITIVE_INFINITY],
  ["lecunUniform", initializers.lecunUniform, 1 / 300, Math.sqrt(3 / 300)],
  ["lecunNormal", initializers.lecunNormal, 1 / 300, Number.POSITIVE_INFINITY],
  ["glorotTruncatedNormal", initializers.glorotTruncatedNormal, 2 / 500, (2 / 0.8796) * Math.sqrt(2 / 500)],
  ["heTruncatedNormal", initializers.heTruncatedNormal, 2 / 300, (2 / 0.8796) * Math.sqrt(2 / 300)],
  ["lecunTruncatedNormal", initializers.lecunTruncatedNormal, 1 / 300, (2 / 0.8796) * Math.sqrt(1 / 300)],
  [
    "varianceScaling",
    initializers.varianceScaling({ scale: 3, mode: "fanOut", distribution: "normal" }),
    3 / 200,
    Number.POSITIVE_INFINITY,
  ],
])("%s", (name, initializer, variance, limit) => {
  const drawn = values(initializer(SHAPE, { seed: 1 }));

  it("has mean 0 and the variance of its formula", () => {
    const found = moments(drawn);
    expect(Math.abs(found.mean)).toBeLessThan(5 * Math.sqrt(variance / drawn.length));
    expect(found.variance / variance).toBeGreaterThan(0.97);
    expect(found.variance / variance).toBeLessThan(1.03);
  });

  it("stays within its limits, and uses them", () => {
    const greatest = Math.max(...drawn.map(Math.abs));
    expect(greatest).toBeLessThanOrEqual(limit * (1 + 1e-6));
    const least = Number.isFinite(limit) ? 0.999 * limit : 3.5 * Math.sqrt(variance);
    expect(greatest, name).toBeGreaterThan(least);
  });

  it("gives the same numbers for the same seed or key, others for others", () => {
    expect(values(initializer(SHAPE, { key: random.key(1) }))).toEqual(drawn);
    expect(values(initializer(SHAPE, { seed: 2 }))).not.toEqual(drawn);
    expect(values(initializer([3]))).not.toEqual(values(initializer([3])));
  });

  it("makes float64 where asked, and nothing else", () => {
    expect(initializer([2, 2], { seed: 1, dtype: "float64" }).dtype).toBe("float64");
    expect(initializer([2, 2], { seed: 1 }).dtype).toBe("float32");
    expect(() => initializer([2, 2], { dtype: "int32" })).toThrow(DTypeError);
    expect(() => initializer([2, 2], { seed: 1, key: random.key(1) })).toThrow(StateError);
  });

  it("is finite for shapes without elements and for scalars", () => {
    expect(values(initializer([0, 3]))).toEqual([]);
    expect(Number.isFinite(initializer([]).item())).toBe(true);
  });
});

describe("zeros and ones", () => {
  it("are what they say, in the dtype asked for", () => {
    expect(initializers.zeros([2, 2], { seed: 1 }).arraySync()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(initializers.ones([2], { dtype: "float64" }).dtype).toBe("float64");
    expect(values(initializers.ones([2]))).toEqual([1, 1]);
  });
});

describe("initialisers that are made of options", () => {
  it("constant is one number everywhere", () => {
    expect(values(initializers.constant(0.5)([2, 2]))).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(initializers.constant(3)([2], { dtype: "int32" }).dtype).toBe("int32");
  });

  it("identity is a matrix with a gain, not square where the shape is not", () => {
    expect(initializers.identity()([2, 3]).arraySync()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(values(initializers.identity({ gain: 0.5 })([2, 2], { dtype: "float64" }))).toEqual([
      0.5, 0, 0, 0.5,
    ]);
    expect(() => initializers.identity()([2, 2, 2])).toThrow(/\[2, 2, 2\] is not the shape of a matrix/);
  });

  it("uniform, normal and truncatedNormal have the bounds and moments asked for", () => {
    const uniform = values(initializers.uniform({ minval: 2, maxval: 3 })(SHAPE, { seed: 1 }));
    expect([Math.min(...uniform) >= 2, Math.max(...uniform) < 3]).toEqual([true, true]);
    const normal = moments(values(initializers.normal({ mean: 5, std: 2 })(SHAPE, { seed: 1 })));
    expect(normal.mean).toBeCloseTo(5, 1);
    expect(normal.variance).toBeCloseTo(4, 0);
    for (const dtype of ["float32", "float64"] as const) {
      const options = { mean: 1, std: 0.5, low: -1, high: 4 };
      const cut = values(initializers.truncatedNormal(options)(SHAPE, { seed: 1, dtype }));
      expect(Math.min(...cut)).toBeGreaterThan(0.5);
      expect(Math.min(...cut)).toBeLessThan(0.501);
      expect(Math.max(...cut)).toBeLessThan(3);
      expect(Math.max(...cut)).toBeGreaterThan(2.2);
    }
  });

  it("truncatedNormal stays inside of bounds in a far tail", () => {
    const far = values(initializers.truncatedNormal({ std: 1, low: 3, high: 3.001 })([1000], { seed: 1 }));
    expect(far.every((x) => x > 3 && x < 3.001)).toBe(true);
  });

  it("are what layers take", () => {
    const layer = new Dense(2, 2, {
      kernelInitializer: initializers.identity({ gain: 3 }),
      biasInitializer: initializers.constant(1),
    });
    expect(values(layer.forward(tensor([[1, 2]])))).toEqual([4, 7]);
    const named = new Dense(2, 2, { kernelInitializer: "lecunNormal", seed: 1 });
    expect(named.kernel.shape).toEqual([2, 2]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["a scale of 0", () => initializers.varianceScaling({ scale: 0 }), /varianceScaling: scale is 0/],
    [
      "a mode",
      () => initializers.varianceScaling({ mode: "fan_in" as never }),
      /mode is "fan_in".*fanIn, fanOut/,
    ],
    [
      "a distribution",
      () => initializers.varianceScaling({ distribution: "gauss" as never }),
      /distribution is "gauss".*truncatedNormal/,
    ],
    ["an option", () => initializers.normal({ stddev: 1 } as never), /unknown option stddev/],
    ["a deviation below 0", () => initializers.normal({ std: -1 }), /std is -1/],
    ["a constant that is none", () => initializers.constant("1" as never), /value is string "1"/],
    ["bounds out of order", () => initializers.truncatedNormal({ low: 2, high: 1 }), /high is 1/],
    [
      "no room between bounds",
      () => initializers.truncatedNormal({ low: 2, high: 2 }),
      /low and high are both 2/,
    ],
  ])("refuse %s", (_, call, message) => {
    expect(call).toThrow(StateError);
    expect(call).toThrow(message);
  });
});

describe("fans", () => {
  it.each([
    [[784, 64], 784, 64],
    [[3, 3, 16, 32], 144, 288],
    [[10], 10, 10],
    [[], 1, 1],
    [[0, 5], 1, 5],
  ])("of shape %j are %i and %i", (shape, fanIn, fanOut) => {
    expect(fans(shape, "varianceScaling")).toEqual({ fanIn, fanOut });
  });
});
