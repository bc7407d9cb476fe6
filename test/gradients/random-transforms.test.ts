import * as core from "@cotangent/core";
import { programs } from "@cotangent/gradcheck/arbitraries";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RUNS, SEED } from "./support/run.ts";

type Tensor = core.Tensor;

/** Derivatives of higher order of larger inputs take long. */
const MAX_SIZE = 12;
/** Steps may compute in float32. */
const TOLERANCE = 1e-4;

/** A random program as a function of its first input, where its other inputs stand still. */
interface Model {
  readonly f: (x: Tensor) => Tensor[];
  /** A scalar with curvature made of all that f gives. */
  readonly loss: (x: Tensor) => Tensor;
  readonly x: Tensor;
  readonly v: Tensor;
}

const models: fc.Arbitrary<Model> = programs({ dtypes: ["float64"], maxSteps: 5 })
  .filter((program) => program.parameters[0].elements.length <= MAX_SIZE)
  .map((program) => {
    const [x, ...rest] = program.inputs();
    const f = (z: Tensor) => program.outputs(z, ...rest);
    const loss = (z: Tensor) => curved(f(z)).mul(z.sum().mul(0.1).add(1).square());
    const v = core.cos(core.arange(x.size).cast("float64")).reshape(x.shape);
    return Object.assign({ f, loss, x, v }, { [fc.toStringMethod]: () => `\n${program}\n` });
  });

const curved = (outputs: readonly Tensor[]): Tensor =>
  outputs.map((y) => y.mul(0.5).sin().sum().cast("float64")).reduce((a, b) => a.add(b));

function expectClose(actual: Tensor, expected: Tensor, what: string): void {
  expect(actual.shape, what).toEqual(expected.shape);
  const [own, other] = [actual.dataSync(), expected.dataSync()];
  const scale = Math.max(1, ...Array.from(other, Math.abs));
  own.forEach((value, i) => {
    if (!(Math.abs(value - other[i]) <= TOLERANCE * scale))
      expect(value, `${what}, element ${i}`).toBe(other[i]);
  });
}

const holds = (name: string, property: (model: Model) => void, share = 1): void => {
  test(name, () => {
    fc.assert(fc.property(models, property), { seed: SEED, numRuns: Math.ceil(share * RUNS) });
  });
};

/** Everything by one row for each element of the outputs. */
const rowsOf = ({ f, x }: Model, mode: "forward" | "reverse"): Tensor[] =>
  core
    .jacobian((z: Tensor) => f(z), { mode })(x)
    .map((block) => (block as Tensor).reshape([-1, x.size]));

holds("Jacobians of random programs are the same forward, reverse and sparse", (model) => {
  if (model.x.size === 0) return;
  const [forward, reverse] = [rowsOf(model, "forward"), rowsOf(model, "reverse")];
  forward.forEach((block, i) => {
    expectClose(block, reverse[i], "forward and reverse");
  });
  for (const mode of ["forward", "reverse"] as const) {
    const sparse = core.sparseJacobian((z: Tensor) => model.f(z), { mode })(model.x);
    expectClose(sparse.toDense(), core.concat(reverse), `sparse, ${mode}`);
  }
});

holds("Hessians of random programs are the same dense and sparse", ({ loss, x }) => {
  const dense = core.hessian(loss)(x).reshape([x.size, x.size]);
  expectClose(core.sparseHessian(loss)(x).toDense(), dense, "sparse");
  expectClose(core.hessianDiagonal(loss)(x).reshape([x.size]), core.diagonal(dense), "diagonal");
});

holds("Gauss-Newton products of random programs are those of the dense matrices", ({ f, x, v }) => {
  const outputs = f(x);
  const product = core.gvp((z: Tensor) => f(z), curved)(x)(v);
  const along = core.jvp((z: Tensor) => f(z), [x], [v])[1];
  const bent = core.hvp((z: Tensor[]) => curved(z), [outputs], [along]);
  const expected = core.vjp((z: Tensor) => f(z), x)[1](bent)[0] as Tensor;
  expectClose(product, expected, "gvp");
  const matrix = core.gaussNewton((z: Tensor) => f(z), curved)(x) as Tensor;
  expectClose(
    core.matmul(matrix.reshape([x.size, x.size]), v.reshape([x.size])).reshape(x.shape),
    expected,
    "dense",
  );
});

holds("linearize of random programs is jvp, again and again, and its transpose is vjp", ({ f, x, v }) => {
  const g = (z: Tensor) => f(z);
  const [, along] = core.linearize(g, x);
  for (const direction of [v, v.mul(-2), v.add(1)]) {
    const expected = core.jvp(g, [x], [direction])[1];
    along(direction).forEach((one, i) => {
      expectClose(one, expected[i], "linearize");
    });
  }
  const cts = f(x).map((y) => y.mul(0.5).cos());
  const back = core.linearTranspose((z: Tensor) => along(z), v)(cts)[0] as Tensor;
  expectClose(back, core.vjp(g, x)[1](cts)[0] as Tensor, "transpose");
});

holds(
  "vmap of derivatives of random programs is a loop over them, compiled or not",
  ({ loss, x, v }) => {
    const lanes = core.stack([x, x]);
    const f = (z: Tensor, w: Tensor) => core.jvp(core.grad(loss), [z], [w])[1].add(core.grad(loss)(z));
    const loop = core.stack([f(x, v), f(x, v.mul(2))]);
    const directions = core.stack([v, v.mul(2)]);
    expectClose(core.vmap(f)(lanes, directions), loop, "vmap");
    expectClose(core.compile(core.vmap(core.compile(f)))(lanes, directions), loop, "compiled");
  },
  0.5,
);
