import { DTypeError, random, StateError } from "@cotangent/core";
import { type Initializer, initializers } from "@cotangent/nn";
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
    expect(greatest).toBeGreaterThan(name.endsWith("Uniform") ? 0.999 * limit : 3.5 * Math.sqrt(variance));
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

describe("fans", () => {
  it.each([
    [[784, 64], 784, 64],
    [[3, 3, 16, 32], 144, 288],
    [[10], 10, 10],
    [[], 1, 1],
    [[0, 5], 1, 5],
  ])("of shape %j are %i and %i", (shape, fanIn, fanOut) => {
    expect(fans(shape)).toEqual({ fanIn, fanOut });
  });
});
