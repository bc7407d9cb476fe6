import { describe, expect, test } from "vitest";
import { compile, grad, random, type Tensor, tensor, vmap } from "../src/index.ts";

describe("keys", () => {
  test("give the bits of threefry-2x32 in JAX's partitionable mode", () => {
    expect(random.bits([4], { key: random.key(0) }).arraySync()).toEqual([
      4070199207, 4202968722, 1427181096, 2012915765,
    ]);
  });

  test("bits depend on the key and the linear index only", () => {
    const key = random.key(3);
    const long = random.bits([12], { key }).dataSync();
    expect(random.bits([3, 4], { key }).dataSync()).toEqual(long);
    expect(random.bits([5], { key }).dataSync()).toEqual(long.slice(0, 5));
  });

  test("split into keys that draw differently", () => {
    const [a, b] = random.split(random.key(1));
    const draws = [a, b].map((key) => random.uniform([8], { key }).arraySync());
    expect(draws[0]).not.toEqual(draws[1]);
    expect(random.split(random.key(1), 5)).toHaveLength(5);
  });

  test("of another kind are refused", () => {
    expect(() => random.bits([2], { key: tensor([1, 2]) })).toThrow(/dtype uint32/);
    expect(() => random.bits([2], { key: tensor([1], { dtype: "uint32" }) })).toThrow(/shape \[2\]/);
    expect(() => random.key(0.5)).toThrow(/not a seed/);
    expect(() => random.uniform([1], { key: random.key(1), seed: 2 })).toThrow(/both/);
    expect(() => random.uniform([1], { dtype: "int32" })).toThrow(/not floating/);
  });
});

describe("the default generator", () => {
  const draw = () => random.uniform([3]).arraySync();

  test("starts again from a seed, and never repeats otherwise", () => {
    random.seed(5);
    const first = [draw(), draw(), draw()];
    random.seed(5);
    expect([draw(), draw(), draw()]).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    random.seed(6);
    expect(draw()).not.toEqual(first[0]);
  });

  test("draws the same under compile as in a plain loop, other numbers at each call", () => {
    const f = () => random.uniform([2]).add(random.normal([2]));
    random.seed(1);
    const plain = Array.from({ length: 4 }, () => f().arraySync());
    random.seed(1);
    const compiled = compile(f);
    expect(Array.from({ length: 4 }, () => compiled().arraySync())).toEqual(plain);
    expect(new Set(plain.map(String)).size).toBe(4);
  });

  test("draws differently in each lane of vmap, also nested and compiled; an explicit key is one draw for all", () => {
    const lanes = (f: (x: Tensor) => Tensor) => vmap(f)(tensor([0, 0, 0])).arraySync() as number[];
    expect(new Set(lanes((x) => x.add(random.uniform([])))).size).toBe(3);
    const key = random.key(9);
    expect(new Set(lanes((x) => x.add(random.uniform([], { key })))).size).toBe(1);
    const nested = vmap(vmap((x: Tensor) => x.add(random.uniform([]))))(
      tensor([
        [0, 0],
        [0, 0],
      ]),
    );
    expect(new Set(nested.dataSync()).size).toBe(4);
    const compiled = compile((x: Tensor) => vmap((y: Tensor) => y.add(random.uniform([])))(x));
    const calls = [compiled(tensor([0, 0])), compiled(tensor([0, 0]))].flatMap((t) => [...t.dataSync()]);
    expect(new Set(calls).size).toBe(4);
    const keys = tensor(new Uint32Array([1, 2, 3, 4]), { shape: [2, 2] });
    const mapped = vmap((k: Tensor) => random.bits([3], { key: k }))(keys).arraySync() as number[][];
    expect(mapped[1]).toEqual(random.bits([3], { key: tensor(new Uint32Array([3, 4])) }).arraySync());
  });

  test("gives constants to derivatives", () => {
    random.seed(2);
    const expected = random.uniform([]).item();
    random.seed(2);
    expect(grad((x) => x.mul(random.uniform([])))(3).item()).toBe(expected);
  });
});

describe("distributions", () => {
  const moments = (x: Tensor) => ({
    mean: x.mean().item(),
    std: x.std().item(),
    min: x.min().item(),
    max: x.max().item(),
  });

  test.each(["float32", "float64"] as const)("uniform fills its interval evenly in %s", (dtype) => {
    const x = random.uniform([100_000], { seed: 4, dtype, minval: -2, maxval: 3 });
    const { mean, std, min, max } = moments(x);
    expect(x.dtype).toBe(dtype);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(std - 5 / Math.sqrt(12))).toBeLessThan(0.02);
    expect(min).toBeGreaterThanOrEqual(-2);
    expect(max).toBeLessThan(3);
  });

  test.each(["float32", "float64"] as const)("normal has the moments asked for in %s", (dtype) => {
    const x = random.normal([100_000], { seed: 4, dtype, mean: 1, std: 2 });
    const { mean, std, min, max } = moments(x);
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(std - 2)).toBeLessThan(0.03);
    expect(Number.isFinite(min) && Number.isFinite(max)).toBe(true);
    const skew = x.sub(1).div(2).pow(3).mean().item();
    expect(Math.abs(skew)).toBeLessThan(0.06);
  });
});
