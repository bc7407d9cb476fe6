import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  customVjp,
  grad,
  hessian,
  jvp,
  random,
  ShapeError,
  StateError,
  stack,
  type Tensor,
  TraceError,
  tensor,
  vmap,
  zeros,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const rows = tensor([[1, 2, 3], [4, 5, 6]], float64); // biome-ignore format: a matrix
const uniform = (key?: Tensor) => random.uniform([2], key === undefined ? {} : { key });

describe("the lanes of vmap", () => {
  test("are counted by axisSize where no argument is mapped", () => {
    const f = (x: Tensor) => x.mul(2);
    const same = vmap(f, { inAxes: null, axisSize: 3 })(rows.sum(0));
    expect(same.arraySync()).toEqual([[10, 14, 18], [10, 14, 18], [10, 14, 18]]); // biome-ignore format: a matrix
    expect(vmap(f, { inAxes: null, outAxes: null, axisSize: 3 })(rows).shape).toEqual([2, 3]);
    expect(vmap(() => uniform(), { axisSize: 0 })().shape).toEqual([0, 2]);
    expect(vmap(f, { axisSize: 2 })(rows).shape).toEqual([2, 3]);
    expect(() => vmap(f, { inAxes: null })(rows)).toThrow(/axisSize says how many/);
    expect(() => vmap(f, { axisSize: 3 })(rows)).toThrow(ShapeError);
    for (const axisSize of [-1, 1.5, "2"])
      expect(() => vmap(f, { axisSize: axisSize as number })).toThrow(StateError);
  });

  test("have one result where outAxes is null, which must be the same in all of them", () => {
    const f = (x: Tensor, y: Tensor) => ({ own: x.sum(), shared: y.sum() });
    const options = { inAxes: [0, null], outAxes: { own: 0, shared: null } };
    expect(vmap(f, options)(rows, rows).shared.item()).toBe(21);
    expect(() => vmap(f, { inAxes: [0, null], outAxes: null })(rows, rows)).toThrow(
      /result own that differs/,
    );
    expect(() => vmap((x: Tensor) => x, { outAxes: null })(rows)).toThrow(TraceError);
  });

  test("get strings, booleans and functions as they are, and scalars only unmapped", () => {
    const f = (x: Tensor, kind: string, twice: boolean, then: (y: Tensor) => Tensor, by: Tensor) =>
      then(kind === "sum" ? x.sum() : x.max()).mul(twice ? by.mul(2) : by);
    const mapped = vmap(f, { inAxes: [0, 0, 0, 0, null] });
    expect(mapped(rows, "sum", true, (y) => y.sin(), 3).arraySync()).toEqual(
      rows.sum(1).sin().mul(6).arraySync(),
    );
    expect(() => vmap(f)(rows, "sum", true, (y) => y, 3)).toThrow(/arguments\[4\] has shape \[\].*null/);
  });

  test("refuse axes that are no axes, and options that nobody reads", () => {
    const f = (x: Tensor) => x;
    expect(() => vmap(f, { inAxes: "0" as never })(rows)).toThrow(/inAxes holds string/);
    expect(() => vmap(f, { outAxes: { y: 0 } })(rows)).toThrow(/outAxes names fields \(y\)/);
    expect(() => vmap(f, { in_axes: 0 } as never)).toThrow(/unknown option in_axes/);
  });
});

describe("random draws in lanes", () => {
  const keys = random.split(random.key(5), 3);
  const distinct = (draws: Tensor) => new Set(draws.dataSync()).size;

  test("with a key for each lane are what the key gives outside", () => {
    const normal = (key: Tensor) => {
      const [first, second] = random.split(key);
      return random.normal([2], { key: first }).add(uniform(second));
    };
    expect(vmap(normal)(stack(keys)).arraySync()).toEqual(keys.map((key) => normal(key).arraySync()));
    const nested = vmap(vmap(normal))(stack([stack(keys), stack(keys)]));
    expect(nested.arraySync()).toEqual([1, 2].map(() => keys.map((key) => normal(key).arraySync())));
  });

  test("with one key are one draw, unless the lane is folded in", () => {
    const shared = vmap((x: Tensor) => x.mul(0).add(random.normal([3], { key: keys[0], ...float64 })))(rows);
    expect(distinct(shared)).toBe(3);
    const folded = (lane: Tensor) => uniform(random.foldIn(keys[0], lane));
    const lanes = tensor(Int32Array.of(0, 1, 2));
    expect(distinct(vmap(folded)(lanes))).toBe(6);
    expect(vmap(folded)(lanes).arraySync()).toEqual(
      [0, 1, 2].map((lane) => folded(tensor(lane, { dtype: "int32" })).arraySync()),
    );
  });

  test("without a key differ from lane to lane, from call to call, and under every other transform", () => {
    const noise = (x: Tensor) => x.mul(random.uniform([3], float64)).sum();
    const ones = rows.mul(0).add(1);
    const own = customVjp((x: Tensor) => noise(x), {
      forward: (x) => {
        const mask = random.uniform([3], float64);
        return [x.mul(mask).sum(), mask];
      },
      backward: (mask, ct) => [mask.mul(ct)],
    });
    const ways: readonly ((x: Tensor) => Tensor)[] = [
      vmap(grad(noise)),
      grad((x: Tensor) => vmap(noise)(x).sum()),
      vmap(grad(checkpoint(noise))),
      vmap(grad(own)),
      vmap(grad(compile(noise))),
      compile(vmap(grad(noise))),
      compile((x: Tensor) => grad((z: Tensor) => vmap(noise)(z).sum())(x)),
      (x) => vmap((z: Tensor) => jvp(noise, [z], [z])[1])(x),
    ];
    for (const way of ways) {
      const [first, second] = [way(ones), way(ones)];
      expect(distinct(stack([first, second]))).toBe(2 * first.size);
    }
    expect(distinct(vmap(() => uniform(), { axisSize: 4 })())).toBe(8);
    expect(distinct(vmap(vmap((x: Tensor) => x.mul(0).add(random.uniform([], float64))))(rows))).toBe(6);
  });

  test("are the same for the value and all of its derivatives", () => {
    const f = (x: Tensor) =>
      x
        .mul(x)
        .mul(random.uniform([3], float64))
        .sum();
    const both = vmap((x: Tensor) => {
      const key = random.key(3);
      const g = (z: Tensor) => z.mul(z).mul(random.uniform([3], { key, ...float64 })).sum(); // biome-ignore format: a line
      return { g: grad(g)(x), h: hessian(g)(x).sum(1).mul(x) };
    })(rows);
    expect(both.g.arraySync()).toEqual(both.h.arraySync());
    expect(vmap(hessian(f))(zeros([0, 3], float64)).shape).toEqual([0, 3, 3]);
  });
});
