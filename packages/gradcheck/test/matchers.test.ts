import { ones, StateError, type Tensor, tensor, zeros } from "@cotangent/core";
import { tensors } from "@cotangent/gradcheck/arbitraries";
import { test as gradientsTest } from "@cotangent/gradcheck/vitest";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { asTypeScript } from "../src/vitest/code.ts";
import { checkProperty, GradientPropertyError } from "../src/vitest/property.ts";
import { cubes, hinge, wrongSquares } from "./support/functions.ts";

const point = tensor([1.5, -2, 0.25], { dtype: "float64" });
const kink = tensor([1, 2], { dtype: "float64" });

/** The message that a failing expectation gives. */
function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("toHaveCorrectGradients", () => {
  test("passes for right gradients, with options", () => {
    expect(cubes).toHaveCorrectGradients([point]);
    expect(cubes).toHaveCorrectGradients([point], { order: 2 });
  });

  test("fails with the report, and what to do", () => {
    const message = messageOf(() =>
      expect(wrongSquares).toHaveCorrectGradients([point], { modes: ["reverse"] }),
    );
    expect(message).toMatch(/^WRONG: gradients of wrongSquares by inputs\[0\] float64 \[3\]\n/);
    expect(message).toMatch(/made at +.*support\/functions\.ts:\d+:\d+/);
    expect(message).toMatch(/Correct the rule or the function that the findings name\.$/);
  });

  test("fails at a kink, under that name", () => {
    expect(messageOf(() => expect(hinge).toHaveCorrectGradients([kink]))).toMatch(
      /^At a kink: .*kinks: "move"/s,
    );
    expect(hinge).toHaveCorrectGradients([kink], { kinks: "move" });
  });

  test("not passes for what is wrong, but not for what cannot be decided", () => {
    expect(wrongSquares).not.toHaveCorrectGradients([point], { modes: ["reverse"] });
    expect(messageOf(() => expect(cubes).not.toHaveCorrectGradients([point]))).toMatch(
      /^The gradients are expected to be wrong, but no check says so\.\n\nRight: gradients of cubes/,
    );
    expect(messageOf(() => expect(hinge).not.toHaveCorrectGradients([kink]))).toContain("At a kink: ");
  });

  test("refuses what is no function", () => {
    expect(() => expect(3).toHaveCorrectGradients([point])).toThrow(StateError);
  });
});

describe("matchers of tensors", () => {
  test("toBeCloseToTensor", () => {
    expect(ones([2])).toBeCloseToTensor([1, 1 + 1e-6]);
    expect(ones([2])).toBeCloseToTensor([1, 1.5], { atol: 0.5 });
    expect(ones([2])).not.toBeCloseToTensor([1, 2]);
    expect(ones([2])).not.toBeCloseToTensor(ones([2, 1]));
    expect(messageOf(() => expect(ones([2])).toBeCloseToTensor([1, 2]))).toMatch(
      /^toBeCloseToTensor: 1 of 2 elements differ \(of shape \[2\], float32\)\n {2}first at \[1\]: 1, expected 2/,
    );
    expect(messageOf(() => expect(ones([2])).not.toBeCloseToTensor([1, 1]))).toBe(
      "not.toBeCloseToTensor: all 2 elements (of shape [2], float32) are within rtol 1.3e-6 and atol 1e-5",
    );
  });

  test("toBeWithinUlp", () => {
    expect(ones([2])).toBeWithinUlp([1, 1 + 2 ** -23], 1);
    expect(ones([2])).not.toBeWithinUlp([1, 1 + 2 ** -23], 0);
    expect(zeros([1])).not.toBeWithinUlp([-0], 0, { signedZeros: true });
    expect(messageOf(() => expect(ones([2])).toBeWithinUlp([1, 2], 7))).toContain("ulp apart, allowed 7");
    expect(messageOf(() => expect(ones([1])).not.toBeWithinUlp([1], 0))).toContain("within 0 ulp");
  });

  test("toHaveShape", () => {
    expect(ones([2, 3])).toHaveShape([2, 3]);
    expect(ones([2, 3])).not.toHaveShape([3, 2]);
    expect({ x: ones([2]) }).toEqual({ x: expect.toSatisfy((x: Tensor) => x.shape.length === 1) });
    expect(messageOf(() => expect(ones([2, 3])).toHaveShape([3, 3]))).toContain("(other in axis 0)");
    expect(messageOf(() => expect(ones([2])).not.toHaveShape([2]))).toBe(
      "not.toHaveShape: the tensor has shape [2]",
    );
  });

  test("work on promises, and refuse what is no tensor", async () => {
    await expect(Promise.resolve(ones([2]))).resolves.toHaveShape([2]);
    await expect(expect(Promise.resolve(ones([2]))).resolves.toHaveShape([3])).rejects.toThrow("toHaveShape");
    expect(() => expect([1]).not.toHaveShape([1])).toThrow(StateError);
  });

  test("have types", () => {
    expectTypeOf(expect(1).toHaveShape).parameters.toEqualTypeOf<[readonly number[]]>();
    expectTypeOf(expect(1).not.toBeWithinUlp).parameter(1).toEqualTypeOf<number>();
    // @ts-expect-error: a shape is a list
    expect(() => expect(ones([2])).toHaveShape(2)).toThrow(StateError);
    // @ts-expect-error: no such order
    expect(() => expect(cubes).toHaveCorrectGradients([point], { order: 3 })).toThrow(StateError);
  });
});

/** Vectors of one to four numbers of float64: eighths. */
const vectors = fc
  .array(fc.integer({ min: -32, max: 32 }), { minLength: 1, maxLength: 4 })
  .map((values) => tensor(values, { dtype: "float64" }).div(8));

describe("test.gradients", () => {
  gradientsTest.gradients("passes where gradients are right", cubes, [vectors], { numRuns: 20, order: 2 });
  gradientsTest.gradients(
    "takes functions of several arguments, and trees",
    (weights: { w: Tensor }, x: Tensor) => weights.w.mul(x).sum(),
    [fc.record({ w: vectors.map((x) => x.sum()) }), vectors],
    { numRuns: 10, timeout: 30_000 },
  );
  gradientsTest.gradients(
    "takes this package's arbitraries",
    (x: Tensor) => x.sin().mul(x),
    [tensors({ dtype: "float32" })],
    {
      numRuns: 20,
    },
  );
  gradientsTest.gradients("moves inputs off kinks", hinge, [fc.constant(kink)], { numRuns: 3 });
  gradientsTest.gradients.skip("has the variants of test", wrongSquares, [vectors]);
  gradientsTest("is vitest's test otherwise", ({ expect: own }) => own(1).toBe(1));

  test("knows the types of arguments", () => {
    const { skip } = gradientsTest.gradients;
    // @ts-expect-error: two arbitraries for a function of one argument
    expectTypeOf(skip).toBeCallableWith("name", cubes, [vectors, vectors]);
    // @ts-expect-error: the function takes no strings
    expectTypeOf(skip).toBeCallableWith("name", cubes, [fc.string()]);
  });
});

/** What a property fails with. */
async function failureOf(...args: Parameters<typeof checkProperty>): Promise<GradientPropertyError> {
  const error = await checkProperty(...args).catch((caught) => caught);
  expect(error).toBeInstanceOf(GradientPropertyError);
  return error;
}

describe("a property that fails", () => {
  const wrongFrom2 = (x: Tensor) => (x.shape[0] < 2 ? cubes(x) : wrongSquares(x));

  test("shows the smallest case as TypeScript, with its report, seed and path", async () => {
    const { message, report, seed, path } = await failureOf(wrongFrom2, [vectors], {
      seed: 5,
      modes: ["reverse"],
    });
    expect(message).toMatch(
      /^test\.gradients: the gradients are WRONG in case \d+ of 100\. The smallest such case/,
    );
    expect(message).toMatch(
      /checkGradients\(wrongFrom2, \[tensor\(\[[-\de.]+, [-\de.]+\], \{ dtype: "float64" \}\)\], \{ kinks: "move", modes: \["reverse"\] \}\);/,
    );
    expect(message).toContain("WRONG: gradients of wrongFrom2 by inputs[0] float64 [2]");
    expect(message).toContain(`To run this case alone: { seed: 5, path: "${path}" }`);
    expect(report?.verdict).toBe("wrong");
    expect(seed).toBe(5);
  });

  test("fails again at its seed and path alone", async () => {
    const first = await failureOf(wrongFrom2, [vectors], { seed: 5, modes: ["reverse"] });
    let calls = 0;
    const counted = (x: Tensor) => {
      calls++;
      return wrongFrom2(x);
    };
    const again = await failureOf(counted, [vectors], { seed: 5, path: first.path, modes: ["reverse"] });
    expect(again.report?.findings[0].element).toEqual(first.report?.findings[0].element);
    expect(again.message).toContain("in the case of the path");
    expect(calls).toBeLessThan(400);
  });

  test("is one that throws, too", async () => {
    const throwing = (x: Tensor) => {
      if (x.shape[0] > 2) throw new StateError("no three", { remedy: "Pass two" });
      return cubes(x);
    };
    const { message, report, cause } = await failureOf(throwing, [vectors], { seed: 5 });
    expect(report).toBeNull();
    expect(cause).toBeInstanceOf(StateError);
    expect(message).toContain("It throws StateError: no three. Pass two");
    expect(message).toMatch(/tensor\(\[[^,]+, [^,]+, [^,]+\]/);
  });
});

describe("cases that cannot be decided", () => {
  const atKink = fc.constant(kink);

  test("are counted: a few may be, more fail", async () => {
    const mixed = fc.nat(9).map((n) => (n === 0 ? kink : point));
    const options = { seed: 1, numRuns: 50, kinks: "report" } as const;
    await checkProperty(hinge, [mixed], { ...options, maxInconclusive: 0.5 });
    const { message, report } = await failureOf(hinge, [mixed], { ...options, maxInconclusive: 0 });
    expect(report?.verdict).toBe("kink");
    expect(message).toMatch(/: of \d+ cases?, 1 are inconclusive or at a kink, at most 0 of 50 may be\./);
  });

  test("are 2 of 100 by default", async () => {
    const { message } = await failureOf(hinge, [atKink], { kinks: "report" });
    expect(message).toContain("of 3 cases, 3 are inconclusive or at a kink, at most 2 of 100 may be");
  });

  test("fail at a path", async () => {
    const { path, seed } = await failureOf(hinge, [atKink], { kinks: "report", seed: 3 });
    expect((await failureOf(hinge, [atKink], { kinks: "report", seed, path })).report?.verdict).toBe("kink");
  });

  test("are not what a wrong case shrinks to", async () => {
    const both = fc.integer({ min: 0, max: 100 }).map((n) => tensor([n + 0.5, 1], { dtype: "float64" }));
    const values: number[] = [];
    const f = (x: Tensor) => {
      const [value] = x.dataSync();
      values.push(value);
      return value > 20 ? wrongSquares(x) : hinge(x);
    };
    const options = { seed: 2, kinks: "report", modes: ["reverse"], maxInconclusive: 1 } as const;
    const error = await failureOf(f, [both], options);
    expect(error.report?.verdict).toBe("wrong");
    expect(error.message).toContain("tensor([20.5, 1]");
    expect(Math.min(...values)).toBeLessThan(20);
  });
});

test("options are checked, and a missing fast-check is named", async () => {
  await expect(checkProperty(cubes, [vectors], { numRuns: 0 })).rejects.toThrow(StateError);
  await expect(checkProperty(cubes, [vectors], { maxInconclusive: 2 })).rejects.toThrow(StateError);
  await expect(checkProperty(cubes, [vectors], { runs: 2 } as object)).rejects.toThrow(/unknown option runs/);
  const missing = checkProperty(cubes, [vectors], {}, () => Promise.reject(new Error("not found")));
  await expect(missing).rejects.toThrow(/npm install --save-dev fast-check/);
});

test("inputs are written as TypeScript that makes them again", () => {
  const tree = {
    "a b": [
      tensor([
        [0.1, Number.NaN],
        [-0, Number.POSITIVE_INFINITY],
      ]),
      zeros([0, 2], { dtype: "int32" }),
    ],
    flags: tensor([true, false]),
    scale: 0.5,
    name: "x",
    nothing: undefined,
    empty: {},
  };
  const code = asTypeScript(tree);
  expect(code).toContain('tensor([[0.1, NaN], [-0, Infinity]], { dtype: "float32" })');
  const made = new Function("tensor", "zeros", `return (${code});`)(tensor, zeros);
  expect(Object.keys(made)).toEqual(Object.keys(tree));
  expect(made["a b"][0]).toBeWithinUlp(tree["a b"][0], 0, { equalNaN: true, signedZeros: true });
  expect(made["a b"][1]).toHaveShape([0, 2]);
  expect(made["a b"][1].dtype).toBe("int32");
  expect(made.flags).toBeCloseToTensor(tree.flags);
  expect([made.scale, made.name, made.nothing, made.empty]).toEqual([0.5, "x", undefined, {}]);
});
