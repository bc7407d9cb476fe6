import {
  cumsum,
  customVjp,
  flip,
  matmul,
  random,
  slice,
  softmax,
  sum,
  type Tensor,
  tensor,
  Variable,
  variable,
  where,
  zeros,
} from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { draw, judged, withBatchRule, withoutMask } from "./support.ts";

const HERE = expect.stringContaining("wrong.test.ts");
const messages = (result: ReturnType<typeof judged>) => result.findings.map(({ message }) => message);

describe("purity", () => {
  test("draws from the default generator", () => {
    const result = judged(
      "purity",
      (x: Tensor) => x.mul(random.normal(x.shape, { dtype: "float64" })),
      draw([3]),
    );
    expect(result.summary.verdict).toBe("wrong");
    expect(messages(result)).toEqual([expect.stringMatching(/output.*default generator. Pass a key/)]);
    expect(result.findings[0].culprit).toMatchObject({ operation: "randomBits", line: HERE });
  });

  test("draws of JavaScript", () => {
    const result = judged("purity", (x: Tensor) => x.mul(Math.random()), draw([3]));
    expect(messages(result)).toEqual([expect.stringMatching(/Math.random or a counter/)]);
    expect(result.findings[0].culprit).toMatchObject({ operation: "mul", line: HERE });
  });

  test("a rule whose backward differs from call to call", () => {
    let calls = 0;
    const f = customVjp((x: Tensor) => x.mul(1), {
      forward: (x: Tensor) => [x.mul(1), null],
      backward: (_, ct) => [ct.mul(1 + calls++)],
    });
    const result = judged("purity", (x: Tensor) => f(x), draw([3]));
    expect(messages(result)).toEqual([expect.stringMatching(/second call .* the gradient by inputs\[0\]/)]);
    expect(result.findings[0]).toMatchObject({ input: "inputs[0]", order: 1 });
  });

  test("another shape at a second call", () => {
    let calls = 0;
    const f = (x: Tensor) => (calls++ > 1 ? x.sum() : x);
    expect(messages(judged("purity", f, draw([3])))).toEqual([expect.stringMatching(/shape .* should be/)]);
  });

  test("a number read out of an input", () => {
    const f = (x: Tensor, y: Tensor) => ({ mean: x.mul(y), scaled: x.div(y.mean().item()) });
    const result = judged("purity", f, draw([3]), draw([3], 1));
    expect(result.findings[0]).toMatchObject({ verdict: "wrong", output: "output.scaled" });
    expect(result.findings[0].message).toMatch(/reads values/);
  });

  test("a branch that depends on a value", () => {
    const f = (x: Tensor) => ((x.sum().item() as number) > 0 ? x.mul(2) : x.exp());
    expect(messages(judged("purity", f, draw([1])))).toEqual([expect.stringMatching(/reads values/)]);
  });

  test("a shape that depends on a value", () => {
    const f = (x: Tensor) => slice(x, [0], [1 + (x.dataSync()[0] > draw([5]).dataSync()[0] ? 1 : 0)]);
    expect(judged("purity", f, draw([5])).summary.verdict).toBe("wrong");
  });

  test("a changed input", () => {
    const x = variable(draw([3]));
    const f = (one: Tensor) => {
      if (one instanceof Variable) one.assign(one.mul(2));
      return one.mul(3);
    };
    expect(messages(judged("purity", f, x))).toEqual([
      expect.stringMatching(/leaves its inputs as they are/),
    ]);
  });

  test("a tensor added to an input's tree", () => {
    const parameters: Record<string, Tensor> = { w: draw([3]) };
    const f = (p: Record<string, Tensor>) => {
      p.cached = p.w.mul(2);
      return p.cached;
    };
    expect(messages(judged("purity", f, parameters))).toEqual([
      expect.stringMatching(/list of tensors in its inputs/),
    ]);
  });
});

describe("vmap", () => {
  test("a wrong batching rule is named, with the input, the element and the line", () => {
    const result = withBatchRule(
      "cumulativeSum",
      (b, [x]) => b.add(x, x),
      () => judged("vmap", (x: Tensor, y: Tensor) => cumsum(x.sin(), 0).mul(y), draw([4]), draw([4], 1)),
    );
    expect(result.summary.verdict).toBe("wrong");
    const [first] = result.findings;
    expect(first).toMatchObject({ output: "output", outputElement: [0] });
    expect(first.message).toMatch(/value of output mapped over inputs\[0\], in lane 0, at \[0\]/);
    expect(first.culprit).toMatchObject({
      operation: "cumulativeSum",
      line: HERE,
      call: "cumulativeSum([4])",
    });
  });

  test("a rule that is wrong only for the second operand", () => {
    const result = withBatchRule(
      "sub",
      (b, operands, batched, _, size) => {
        const [x, y] = operands.map((one, k) => (batched[k] ? one : b.broadcast(one, [size, ...one.shape])));
        return batched[0] ? b.sub(x, y) : b.add(x, y);
      },
      () => judged("vmap", (x: Tensor, y: Tensor) => x.sub(y), draw([2]), draw([2], 1)),
    );
    expect(result.findings[0].message).toMatch(/mapped over inputs\[1\]/);
    expect(result.findings.every(({ message }) => message.includes("inputs[1]"))).toBe(true);
    expect(result.findings[0].culprit).toMatchObject({ operation: "sub" });
  });

  test("right values, but a wrong gradient: the function with the rule is named", () => {
    const square = customVjp(
      function square(x: Tensor) {
        return sum(x.square());
      },
      {
        forward: (x: Tensor) => [sum(x.square()), x],
        backward: (x, ct) => [flip(flip(x, 0), 0).mul(ct).mul(2)],
      },
    );
    const result = withBatchRule(
      "flip",
      (b, [x]) => b.add(x, x),
      () => judged("vmap", (x: Tensor) => square(x), draw([3])),
    );
    expect(result.summary.verdict).toBe("wrong");
    expect(result.findings[0]).toMatchObject({ input: "inputs[0]", order: 1 });
    expect(result.findings[0].culprit).toMatchObject({ operation: "square", line: HERE });
  });

  test("there is nothing to compare gradients with that differ from call to call", () => {
    let calls = 0;
    const f = customVjp((x: Tensor) => x.mul(1), {
      forward: (x: Tensor) => [x.mul(1), null],
      backward: (_, ct) => [ct.mul(1 + (calls++ % 2))],
    });
    expect(judged("vmap", (x: Tensor) => f(x), draw([3])).summary.verdict).toBe("inconclusive");
  });

  test("a function that reads a value cannot be mapped", () => {
    const result = judged("vmap", (x: Tensor) => x.mul(x.sum().item()), draw([3]));
    expect(result.summary.verdict).toBe("wrong");
    expect(result.findings[0].message).toMatch(/cannot be mapped over inputs\[0\]: .*placeholder/);
  });

  test("a function that assigns cannot be mapped", () => {
    const count = variable(zeros([]));
    const f = (x: Tensor) => {
      count.assign(1);
      return x.mul(2);
    };
    expect(judged("vmap", f, draw([3])).findings[0].message).toMatch(/assigned inside vmap/);
  });

  test("there is nothing to compare draws with", () => {
    const result = judged("vmap", (x: Tensor) => x.mul(Math.random()), draw([3]));
    expect(result.summary).toMatchObject({ verdict: "inconclusive", compared: 0 });
    expect(messages(result)).toEqual([expect.stringMatching(/pass a key/)]);
  });
});

describe("aliasing", () => {
  test("an input told by identity", () => {
    const f = (x: Tensor, y: Tensor) => (x === y ? x.mul(y).mul(3) : x.mul(y));
    const result = judged("aliasing", f, draw([3]), draw([3], 1));
    expect(messages(result)).toEqual([
      expect.stringMatching(/With the same tensor as inputs\[0\] and inputs\[1\] output/),
      expect.stringMatching(/The gradient by the same tensor as inputs\[0\] and inputs\[1\]/),
    ]);
  });

  test("a right value with the gradient of one place", () => {
    const stopped = (x: Tensor, y: Tensor) => (x === y ? x.mul(tensor(y.dataSync())) : x.mul(y));
    const result = judged("aliasing", stopped, draw([3]), draw([3], 1));
    expect(result.findings).toMatchObject([{ input: "inputs[0]", order: 1, verdict: "wrong" }]);
  });

  test("what backward needs, kept in a closure", () => {
    let saved: Tensor | null = null;
    const square = customVjp((x: Tensor) => x.square(), {
      forward: (x: Tensor) => {
        saved = tensor(x.dataSync(), { dtype: "float64" });
        return [x.square(), null];
      },
      backward: (_, ct) => [ct.mul(2).mul(saved as Tensor)],
    });
    const result = judged("aliasing", (x: Tensor) => square(x), draw([3]));
    expect(messages(result)).toEqual([
      expect.stringMatching(/With another call, at other inputs, .* closure/),
    ]);
  });

  test("nothing is said of inputs of different kinds", () => {
    const result = judged("aliasing", (x: Tensor, y: Tensor) => x.mul(y), draw([3]), draw([1]));
    expect(result.summary).toMatchObject({
      verdict: "right",
      note: "no two inputs have one shape and dtype",
    });
  });
});

describe("unused", () => {
  test("a rule that gives a gradient to what it does not use", () => {
    const f = customVjp((x: Tensor, _y: Tensor) => x.mul(2), {
      forward: (x: Tensor, _y: Tensor) => [x.mul(2), null],
      backward: (_, ct) => [ct.mul(2), ct],
    });
    const result = judged("unused", (x: Tensor, y: Tensor) => f(x, y), draw([3]), draw([3], 1));
    expect(result.findings[0]).toMatchObject({ input: "inputs[1]", order: 1, numeric: 0 });
    expect(result.findings).toHaveLength(2);
    expect(result.summary.note).toBe("unused: inputs[1]");
  });

  test("NaN for what is not used", () => {
    const f = customVjp((x: Tensor, _y: Tensor) => x.mul(2), {
      forward: (x: Tensor, _y: Tensor) => [x.mul(2), null],
      backward: (_, ct) => [ct.mul(2), ct.mul(Number.NaN)],
    });
    const result = judged("unused", (x: Tensor, y: Tensor) => f(x, y), draw([3]), draw([3], 1));
    expect(result.findings[0]).toMatchObject({ input: "inputs[1]", analytic: Number.NaN });
  });

  test("nothing is said of what is used", () => {
    const result = judged("unused", (x: Tensor, y: Tensor) => x.mul(y.floor()), draw([3]), draw([3], 1));
    expect(result.summary).toMatchObject({ verdict: "right", compared: 0, note: "every input is used" });
  });
});

describe("maskedNaN", () => {
  test("a rule of one's own that lets it through is noted", () => {
    const f = customVjp((x: Tensor) => x.sqrt(), {
      forward: (x: Tensor) => [x.sqrt(), x],
      backward: (x, ct) => [ct.mul(0.5).div(x.sqrt())],
    });
    const result = judged("maskedNaN", (x: Tensor) => f(x), draw([3]).abs());
    expect(result.summary).toMatchObject({
      verdict: "right",
      note: expect.stringMatching(/rule of their own/),
    });
  });

  test("a contraction that lets it through is noted", () => {
    const result = judged("maskedNaN", (x: Tensor, y: Tensor) => matmul(x, y), draw([2, 3]), draw([3, 2], 1));
    expect(result.summary).toMatchObject({ verdict: "right", note: expect.stringMatching(/contractions/) });
  });

  test("an operation that loses the mask is named", () => {
    const result = withoutMask("reshape", () =>
      judged("maskedNaN", (x: Tensor) => x.sqrt().reshape([4]).mul(2), draw([2, 2]).abs()),
    );
    expect(result.summary.verdict).toBe("wrong");
    expect(result.findings[0]).toMatchObject({ input: "inputs[0]", element: [0, 0], numeric: 0 });
    expect(result.findings[0].culprit).toMatchObject({ operation: "reshape", line: HERE });
  });
});

describe("doubleBackward", () => {
  test("a backward pass that is not linear in the cotangents", () => {
    const f = customVjp((x: Tensor) => x.mul(3), {
      forward: (x: Tensor) => [x.mul(3), null],
      backward: (_, ct) => [ct.mul(3).add(1)],
    });
    const result = judged("doubleBackward", (x: Tensor) => f(x), draw([3]));
    expect(messages(result)).toEqual([expect.stringMatching(/sum of two cotangents .* linear/)]);
    expect(result.findings[0]).toMatchObject({ verdict: "wrong", input: "inputs[0]", order: 1 });
  });

  test("saved values that are used up", () => {
    // The first two calls, which tell whether there is anything to compare, find it as it was.
    let calls = 0;
    const f = customVjp((x: Tensor) => x.mul(3), {
      forward: (x: Tensor) => [x.mul(3), null],
      backward: (_, ct) => [ct.mul(calls++ < 5 ? 3 : 4)],
    });
    const result = judged("doubleBackward", (x: Tensor) => f(x), draw([3]));
    expect(messages(result)).toEqual([expect.stringMatching(/runs again .* what was saved/)]);
  });
});

describe("batchSizes", () => {
  test("a batch axis that is lost at one row", () => {
    const result = judged("batchSizes", (x: Tensor) => (x.shape[0] === 1 ? x.squeeze(0) : x), draw([3, 2]));
    expect(messages(result)).toEqual([
      "With one row the kind of output is float64[2], but should be float64[1, 2]",
    ]);
  });

  test("another value at one row", () => {
    const result = judged("batchSizes", (x: Tensor) => x.mul(x.shape[0] === 1 ? 2 : 1), draw([3, 2]));
    expect(messages(result)).toEqual([
      expect.stringMatching(/With one row output at \[0, 0\]/),
      expect.stringMatching(/With one row the gradient by inputs\[0\]/),
    ]);
  });

  test("another gradient at one row", () => {
    const f = customVjp((x: Tensor) => x.mul(2), {
      forward: (x: Tensor) => [x.mul(2), null],
      backward: (_, ct) => [ct.shape[0] === 1 ? ct : ct.mul(2)],
    });
    const result = judged("batchSizes", (x: Tensor) => f(x), draw([3, 2]));
    expect(result.findings).toMatchObject([{ input: "inputs[0]", order: 1, element: [0, 0] }]);
  });

  test("what does not work without rows", () => {
    const result = judged("batchSizes", (x: Tensor) => x.sub(x.max()), draw([3, 2]));
    expect(messages(result)).toEqual([expect.stringMatching(/^Without rows in inputs\[0\]: /)]);
  });

  test("NaN without rows", () => {
    const f = (x: Tensor, w: Tensor) =>
      x.mul(where(w.isFinite(), w.div(x.shape[0]).mul(x.shape[0]), w)).sum();
    const result = judged("batchSizes", f, draw([3, 2]), draw([], 1));
    expect(messages(result)).toEqual([
      expect.stringMatching(/^Without rows the gradient .* by inputs\[1\] is NaN/),
    ]);
  });

  test("another size than its own does not work", () => {
    const result = judged("batchSizes", (x: Tensor) => x.reshape([2, 3]), draw([3, 2]));
    expect(messages(result)).toEqual([
      expect.stringMatching(/^With another number of rows in inputs\[0\]: /),
    ]);
  });

  test("rows that depend on one another are not compared, and the note says so", () => {
    const { summary } = judged("batchSizes", (x: Tensor) => x.sub(x.mean(0)), draw([4, 2]));
    expect(summary).toMatchObject({ verdict: "right", note: expect.stringMatching(/rows of it meet/) });
  });

  test("rows that meet only where others do not count are found to meet", () => {
    const logits = tensor([0, 1000, 2000], { dtype: "float64" });
    const { summary } = judged("batchSizes", (x: Tensor) => softmax(x), logits);
    expect(summary).toMatchObject({ verdict: "right", note: expect.stringMatching(/rows of it meet/) });
  });

  test("a size that is fixed by a single row", () => {
    const f = (x: Tensor) => x.mul(tensor([1, 2, 3, 4, 5], { dtype: "float64" }));
    expect(messages(judged("batchSizes", f, draw([1])))).toEqual([
      expect.stringMatching(/another number of rows/),
    ]);
  });

  test("labels are batched with the inputs", () => {
    const labels = tensor([1, 0, 1], { dtype: "int32" });
    const f = (x: Tensor, y: Tensor) => x.mul(y.cast("float64").expandDims(1));
    const { summary } = judged("batchSizes", f, draw([3, 2]), labels);
    expect(summary).toMatchObject({ verdict: "right", note: "batched: inputs[0], inputs[1]" });
  });

  test("a matrix of the batch's size is no batch", () => {
    const { summary } = judged(
      "batchSizes",
      (x: Tensor, w: Tensor) => matmul(x, w),
      draw([3, 3]),
      draw([3, 3], 1),
    );
    expect(summary).toMatchObject({ verdict: "right", note: "batched: inputs[0]" });
  });
});
