import { describe, expect, test } from "vitest";
import {
  checkpoint,
  compile,
  customJvp,
  customVjp,
  grad,
  gradients,
  hessian,
  jacobian,
  linearize,
  random,
  StateError,
  type Tensor,
  TraceError,
  tensor,
  variable,
  vjp,
  vmap,
} from "../../src/index.ts";

const float64 = { dtype: "float64" } as const;
const x = tensor([1, 2, 3], float64);
const rows = tensor([[1, 2, 3], [4, 5, 6]], float64); // biome-ignore format: a matrix
const square = compile((z: Tensor) => z.mul(z));
/** The sum of cubes: its gradient is 3 x^2, its Hessian 6 x on the diagonal. */
const cubes = compile((z: Tensor) => square(z).mul(z).sum());
const slopes = [3, 12, 27];
const bends = [[6, 0, 0], [0, 12, 0], [0, 0, 18]]; // biome-ignore format: a matrix

describe("a compiled function inside", () => {
  const own = customVjp(square, {
    forward: (z: Tensor) => [square(z), z],
    backward: (z: Tensor, ct: Tensor) => [compile((a: Tensor, b: Tensor) => a.mul(b).mul(2))(z, ct)],
  });
  const ownForward = customJvp(square, { jvp: ([z], [t]) => [square(z), square(z.add(t)).sub(square(z.sub(t))).div(2)] }); // biome-ignore format: a line

  test("other compiled functions, and their derivatives", () => {
    expect(compile((z: Tensor) => square(z).add(square(z.add(1))))(x).arraySync()).toEqual([5, 13, 25]);
    expect(compile(grad(cubes))(x).arraySync()).toEqual(slopes);
    expect(compile(hessian(compile(cubes)))(x).arraySync()).toEqual(bends);
    expect(compile(vmap(grad(cubes)))(rows).arraySync()).toEqual(vmap(grad(cubes))(rows).arraySync());
    expect(
      compile(vmap(compile(grad(compile(cubes)))))(rows)
        .slice([0], [1])
        .arraySync(),
    ).toEqual([slopes]);
    expect(compile(jacobian(square))(x).sum(1).arraySync()).toEqual([2, 4, 6]);
    expect(compile((z: Tensor, v: Tensor) => linearize(square, z)[1](v))(x, x).arraySync()).toEqual([
      2, 8, 18,
    ]);
    expect(compile((z: Tensor) => vjp(square, z)[1](z)[0])(x).arraySync()).toEqual([2, 8, 18]);
  });

  test("custom rules and checkpoints", () => {
    const energy = (f: (z: Tensor) => Tensor) => (z: Tensor) => f(z).mul(z).sum();
    for (const f of [own, checkpoint(square), compile(checkpoint(compile(own)))]) {
      expect(grad(energy(f))(x).arraySync()).toEqual(slopes);
      expect(compile(hessian(compile(energy(f))))(x).arraySync()).toEqual(bends);
      expect(
        vmap(hessian(energy(f)))(rows)
          .slice([0], [1])
          .arraySync(),
      ).toEqual([bends]);
    }
    for (const f of [own, checkpoint(square)])
      expect(gradients(energy(f)(x), [x])[0].arraySync()).toEqual(slopes);
    // Linear in t: (z + t)^2 - (z - t)^2 = 4 z t is, but only as a polynomial, and so it has no transpose.
    expect(() => grad(energy(ownForward))(x)).toThrow(/not linear in its tangents/);
  });

  test("assigns variables in their order, and draws as the loop without it would", () => {
    const total = variable(tensor(0, float64), { name: "total" });
    const inner = compile((z: Tensor) => {
      total.assign(total.add(z.sum()));
      return z.mul(total);
    });
    const outer = compile((z: Tensor) => inner(z).add(inner(z)));
    expect([outer(x).arraySync(), total.item()]).toEqual([[18, 36, 54], 12]);
    expect([inner(x).arraySync(), total.item()]).toEqual([[18, 36, 54], 18]);
    expect(() => vmap(inner)(rows)).toThrow(StateError);
    const draw = compile((_: Tensor) => random.uniform([2]));
    const pair = compile((z: Tensor) => [draw(z), draw(z)]);
    const drawn = () => [...pair(x), ...pair(x)].map((one) => one.arraySync());
    const compiled = random.withSeed(4, drawn);
    expect(compiled).toEqual(
      random.withSeed(4, () => [1, 2, 3, 4].map(() => random.uniform([2]).arraySync())),
    );
  });
});

describe("compiled functions", () => {
  test("pass on what they were called on: each object has plans of its own", () => {
    class Scale {
      readonly factor: Tensor;
      constructor(factor: number) {
        this.factor = variable(tensor(factor, float64));
      }
      apply(z: Tensor): Tensor {
        return z.mul(this.factor);
      }
      readonly bound = compile((z: Tensor) => this.apply(z));
      declare compiled: (z: Tensor) => Tensor;
    }
    Scale.prototype.compiled = compile(Scale.prototype.apply);
    const [two, three] = [new Scale(2), new Scale(3)];
    for (let round = 0; round < 2; round++) {
      for (const [scale, by] of [
        [two, 2],
        [three, 3],
      ] as const) {
        // biome-ignore format: pairs
        expect(scale.compiled(x).arraySync()).toEqual([by, 2 * by, 3 * by]);
        expect(scale.bound(x).arraySync()).toEqual([by, 2 * by, 3 * by]);
        expect(grad((z: Tensor) => scale.compiled(z).sum())(x).arraySync()).toEqual([by, by, by]);
      }
    }
  });

  test("may call themselves as long as a string or a shape ends it", () => {
    const power: (z: Tensor, n: string) => Tensor = compile((z: Tensor, n: string) =>
      n === "" ? z : z.mul(power(z, n.slice(1))),
    );
    expect(power(x, "..").arraySync()).toEqual([1, 8, 27]);
    const halves: (z: Tensor) => Tensor = compile((z: Tensor) =>
      z.shape[0] === 1 ? z : halves(z.slice([0], [z.shape[0] >> 1])).mul(2),
    );
    expect(halves(tensor([1, 2, 3, 4], float64)).arraySync()).toEqual([4]);
    const endless: (z: Tensor) => Tensor = compile((z: Tensor) => other(z), { name: "endless" });
    const other: (z: Tensor) => Tensor = compile((z: Tensor) => endless(z));
    expect(() => endless(x)).toThrow(TraceError);
    expect(() => grad(endless)(x)).toThrow(/called itself 256 times/);
    expect(square(x).arraySync()).toEqual([1, 4, 9]);
  });

  test("refuse options that nobody reads, as all transforms do", () => {
    const f = (z: Tensor) => z.sum();
    const unknown = { verfy: true } as never;
    for (const transform of [compile, grad, hessian, jacobian, vmap] as ((f: unknown, o: never) => void)[])
      expect(() => transform(f, unknown)).toThrow(/unknown option verfy/);
  });
});
