import {
  compile,
  grad,
  gradients,
  random,
  setEngine,
  softmax,
  type Tensor,
  tensor,
  variable,
} from "@cotangent/core";
import { beforeAll, describe, expect, test } from "vitest";
import { explainPlan, wasmEngine } from "../src/index.ts";

beforeAll(() => setEngine(wasmEngine));

/** A given value: nothing of how it was made is part of a plan. */
const normal = (shape: readonly number[], seed = 1): Tensor => {
  const x = random.normal(shape, { seed });
  return tensor(x.dataSync(), { shape });
};
const kinds = (tensors: Tensor | readonly Tensor[]): string[] =>
  explainPlan(tensors).kernels.map(({ kind }) => kind);

describe("what is fused", () => {
  test("elementwise operations are one kernel, whatever is broadcast, cast or compared", () => {
    const x = normal([8, 6]);
    const y = x
      .mul(2)
      .add(normal([6]))
      .tanh()
      .greater(0)
      .cast("float32")
      .sub(normal([8, 1]));
    expect(kinds(y)).toEqual(["loops"]);
  });

  test("softmax is one kernel over its rows, and so is its gradient", () => {
    const x = normal([8, 100]);
    expect(kinds(softmax(x))).toEqual(["loops"]);
    expect(
      kinds(
        grad((z: Tensor) =>
          softmax(z)
            .mul(normal([8, 100], 2))
            .sum(),
        )(x),
      ),
    ).toHaveLength(1);
  });

  test("layer norm, written from operations, is one kernel", () => {
    const x = normal([8, 100]);
    const centred = x.sub(x.mean(-1, { keepDims: true }));
    const y = centred.div(centred.mul(centred).mean(-1, { keepDims: true }).add(1e-5).sqrt());
    expect(kinds(y.mul(normal([100], 2)).add(normal([100], 3)))).toEqual(["loops"]);
  });

  test("cross-entropy of logits with its gradient is one kernel over the rows, and one for their mean", () => {
    const logits = normal([32, 10]);
    const targets = normal([32, 10], 2);
    const logs = logits.sub(logits.max(-1, { keepDims: true }));
    const loss = logs
      .sub(logs.exp().sum(-1, { keepDims: true }).log())
      .mul(targets)
      .sum(-1)
      .mean()
      .neg();
    const [dx] = gradients(loss, [logits]);
    expect(kinds([loss, dx]).length).toBeLessThanOrEqual(2);
  });

  test("bias and activation are part of a matrix product", () => {
    const y = normal([32, 20])
      .matmul(normal([20, 16], 2))
      .add(normal([16], 3))
      .maximum(0);
    const report = explainPlan(y);
    expect(report.kernels.map(({ kind, domain }) => [kind, domain])).toEqual([
      ["dot with epilogue", [32, 16, 20]],
    ]);
    expect(report.kernels[0].operations).toEqual(["dot", "add", "max"]);
  });

  test("transposed operands and batches are read in place", () => {
    const a = normal([4, 20, 16]);
    expect(kinds(a.transpose([0, 2, 1]).matmul(normal([4, 20, 8], 2)))).toEqual(["dot"]);
    expect(kinds(a.matmul(normal([4, 8, 16], 2).transpose([0, 2, 1])))).toEqual(["dot"]);
  });

  test("the momentum update is part of the product that makes the weight gradient", () => {
    const [w, v] = [variable(normal([20, 16])), variable(normal([20, 16], 2))];
    const x = normal([32, 20], 3);
    const y = normal([32, 16], 4);
    const error = x.matmul(w).sub(y);
    const [dw] = gradients(error.mul(error).sum(), [w]);
    const velocity = v.mul(0.9).add(dw);
    const report = explainPlan([velocity, w.sub(velocity.mul(0.01))]);
    const last = report.kernels[report.kernels.length - 1];
    expect(last.kind).toBe("dot with epilogue");
    expect(last.domain).toEqual([20, 16, 32]);
    // The gradient itself is stored nowhere.
    expect(last.bytesWritten).toBe(2 * 20 * 16 * 4);
  });
});

describe("a report", () => {
  test("says what each kernel reads, writes and computes, and how long it takes", () => {
    const x = normal([64, 64]);
    const report = explainPlan(x.add(1).exp(), { profile: true });
    expect(report.kernels).toHaveLength(1);
    const [{ bytesRead, bytesWritten, flops, microseconds }] = report.kernels;
    expect([bytesRead, bytesWritten, flops]).toEqual([64 * 64 * 4 + 4, 64 * 64 * 4, 2 * 64 * 64]);
    expect(microseconds).toBeGreaterThan(0);
    expect(String(report)).toMatch(/kernel +over +read B.*\n0 +loops +4096|64x64/);
  });

  test("shows what every pass made", () => {
    const passes = explainPlan(normal([4, 4]).sum(0)).passes();
    for (const title of ["simplified graph", "kernels, in order", "loops", "instructions", "arena"]) {
      expect(passes).toContain(`== ${title}`);
    }
  });
});

describe("code is shared", () => {
  test("by literals, sizes and numbers: none of them compiles anew", () => {
    const f = compile((x: Tensor, scale: number) => x.mul(scale).add(0.125).sin());
    f(tensor([1, 2, 3]), 1.5);
    const before = wasmEngine.stats().kernels;
    for (const scale of [2.5, 3.5]) f(tensor([1, 2, 3]), scale);
    for (const size of [5, 7, 9]) f(tensor(new Float32Array(size)), 0.5);
    for (const literal of [0.3, 0.7, 12]) {
      const c = tensor(literal);
      compile((x: Tensor) => x.mul(1.5).add(c).sin())(tensor([1, 2, 3]));
    }
    expect(wasmEngine.stats().kernels).toBeLessThanOrEqual(before + 1);
  });
});
