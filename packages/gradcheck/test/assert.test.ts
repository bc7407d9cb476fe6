import { CotangentError, ones, StateError, tensor, zeros } from "@cotangent/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assertCloseToTensor,
  assertGradients,
  assertShape,
  assertWithinUlp,
  formatReport,
  GradientCheckError,
  TensorMismatchError,
} from "../src/index.ts";
import { cubes, hinge, wrongSquares } from "./support/functions.ts";

/** The message of what a call throws. */
function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(TensorMismatchError);
    expect(error).toBeInstanceOf(CotangentError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

const double = (values: number | number[] | number[][]) => tensor(values, { dtype: "float64" });

describe("assertGradients", () => {
  const point = double([1.5, -2]);

  /** What it throws. */
  function thrown(call: () => void): GradientCheckError {
    try {
      call();
    } catch (error) {
      if (error instanceof GradientCheckError) return error;
    }
    throw new Error("no GradientCheckError was thrown");
  }

  test("passes where gradients are right", () => assertGradients(cubes, [point], { order: 2 }));

  test("throws the report and its printout", () => {
    const error = thrown(() => assertGradients(wrongSquares, [point]));
    expect(error).toBeInstanceOf(CotangentError);
    expect(error.report.verdict).toBe("wrong");
    expect(error.remedy).toMatch(/^Correct the rule/);
    expect(error.message).toBe(`assertGradients: ${formatReport(error.report)}\n\n${error.remedy}`);
  });

  test("throws where there is no derivative", () => {
    const error = thrown(() => assertGradients(hinge, [double([1])]));
    expect(error.report.verdict).toBe("kink");
    expect(error.remedy).toContain('{ kinks: "move" }');
  });

  test("refuses options that make no sense by another error", () => {
    expect(() => assertGradients(cubes, [point], { order: 3 } as object)).toThrow(StateError);
  });
});

describe("assertCloseToTensor", () => {
  test("passes for equal tensors of every dtype, of no elements and of no axes", () => {
    for (const dtype of ["float32", "float64", "int32", "uint32", "bool"] as const) {
      assertCloseToTensor(ones([2, 3], { dtype }), ones([2, 3], { dtype }));
    }
    assertCloseToTensor(zeros([0, 3]), zeros([0, 3]));
    assertCloseToTensor(tensor(2.5), tensor(2.5));
  });

  test("says how many differ, the first and the worst", () => {
    const message = messageOf(() =>
      assertCloseToTensor(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        tensor([
          [1, 2.25, 3],
          [4, 5, 9],
        ]),
      ),
    );
    expect(message).toBe(`\
assertCloseToTensor: 2 of 6 elements differ (of shape [2, 3], float32)
  first at [0, 1]: 2, expected 2.25 (off by 0.25, allowed 1.3e-5)
  worst at [1, 2]: 6, expected 9 (off by 3, allowed 2.2e-5). If so much is right, say so: { rtol, atol }`);
  });

  test.each([
    ["float32", 1e-5, 1.3e-6],
    ["float64", 1e-7, 1e-7],
  ] as const)("allows for %s what is documented", (dtype, atol, rtol) => {
    for (const value of [0, 1, 1000]) {
      const allowed = atol + rtol * value;
      const expected = tensor([value], { dtype });
      assertCloseToTensor(tensor([value + 0.9 * allowed], { dtype }), expected);
      expect(() => assertCloseToTensor(tensor([value + 1.1 * allowed], { dtype }), expected)).toThrow(
        "1 of 1 element",
      );
    }
  });

  test("takes tolerances, of which both add up", () => {
    assertCloseToTensor(double([110]), double([100]), { rtol: 0.05, atol: 5.01 });
    expect(() => assertCloseToTensor(double([110]), double([100]), { rtol: 0.05, atol: 4.9 })).toThrow(
      "allowed 9.9",
    );
    expect(() => assertCloseToTensor(double([1 + 2e-16]), double([1]), { rtol: 0, atol: 0 })).toThrow(
      TensorMismatchError,
    );
  });

  test.each<[string, object]>([
    ["rtol", { rtol: -1 }],
    ["atol", { atol: Number.NaN }],
    ["epsilon", { epsilon: 1 }],
  ])("refuses a %s that makes no sense", (name, options) => {
    expect(() => assertCloseToTensor(double([1]), double([1]), options)).toThrow(StateError);
    expect(() => assertCloseToTensor(double([1]), double([1]), options)).toThrow(name);
  });

  test("compares integers and booleans exactly, and takes no tolerances for them", () => {
    const message = messageOf(() => assertCloseToTensor(tensor([1, 2], { dtype: "int32" }), [1, 3]));
    expect(message).toContain("first at [1]: 2, expected 3. Integers");
    const flags = messageOf(() => assertCloseToTensor(tensor([true, false]), tensor([true, true])));
    expect(flags).toContain("first at [1]: false, expected true");
    expect(() => assertCloseToTensor(tensor([1], { dtype: "int32" }), [1], { atol: 1 })).toThrow(
      "compared exactly",
    );
  });

  test("finds the integer that is furthest off", () => {
    const message = messageOf(() => assertCloseToTensor(tensor([1, 2, 9], { dtype: "int32" }), [2, 2, 2]));
    expect(message).toContain("worst at [2]: 9, expected 2");
  });

  test("broadcasts nothing", () => {
    const message = messageOf(() => assertCloseToTensor(ones([2, 3]), ones([3])));
    expect(message).toContain("the tensor has shape [2, 3], expected is [3]");
    expect(messageOf(() => assertCloseToTensor(ones([1]), 1))).toContain("has shape [1], expected is []");
  });

  test("tells dtypes apart, and takes numbers in the dtype of the tensor", () => {
    expect(messageOf(() => assertCloseToTensor(ones([2]), double([1, 1])))).toContain(
      "is float32, expected is float64",
    );
    assertCloseToTensor(double([0.1]), [0.1], { rtol: 0, atol: 0 });
  });

  test("NaN is equal to nothing, to NaN by option", () => {
    const [x, y] = [double([Number.NaN, 1, Number.NaN, 2]), double([Number.NaN, Number.NaN, 3, 2])];
    const message = messageOf(() => assertCloseToTensor(x, y));
    expect(message).toContain("3 of 4 elements differ");
    expect(message).toContain("NaN where a number is expected: at [2]");
    expect(message).toContain("a number where NaN is expected: at [1]");
    expect(message).toContain("equal only with { equalNaN: true }: at [0]");
    expect(messageOf(() => assertCloseToTensor(x, y, { equalNaN: true }))).toContain(
      "2 of 4 elements differ",
    );
    assertCloseToTensor(double([Number.NaN]), double([Number.NaN]), { equalNaN: true });
  });

  test("the worst is a number where there is one, and positions of NaN are not without end", () => {
    const x = double([...Array(20).fill(Number.NaN), 5]);
    const message = messageOf(() => assertCloseToTensor(x, zeros([21], { dtype: "float64" })));
    expect(message).toContain("first at [0]: NaN");
    expect(message).toContain("worst at [20]: 5");
    expect(message).toContain("[5] and 14 more");
  });

  test("infinities are close to themselves alone", () => {
    const infinity = double([Number.POSITIVE_INFINITY]);
    assertCloseToTensor(infinity, infinity);
    expect(messageOf(() => assertCloseToTensor(infinity, infinity.neg(), { rtol: 1 }))).toContain(
      "expected -Infinity",
    );
    expect(() => assertCloseToTensor(infinity, double([1e308]), { rtol: 1 })).toThrow(TensorMismatchError);
    expect(() => assertCloseToTensor(double([1e308]), infinity, { rtol: 1 })).toThrow(TensorMismatchError);
  });

  test("values of float32 are written with as few decimals as give them", () => {
    expect(messageOf(() => assertCloseToTensor(tensor([0.1]), tensor([0.2])))).toContain(
      "0.1, expected 0.2 (",
    );
  });

  test("is about a tensor", () => {
    expect(() => assertCloseToTensor([1] as never, [1])).toThrow(StateError);
  });
});

describe("assertWithinUlp", () => {
  const next = { float32: 1 + 2 ** -23, float64: 1 + 2 ** -52 };

  test.each(["float32", "float64"] as const)("counts the numbers of %s between two", (dtype) => {
    const one = tensor([1], { dtype });
    const following = tensor([next[dtype]], { dtype });
    assertWithinUlp(following, one, 1);
    expect(messageOf(() => assertWithinUlp(following, one, 0))).toContain("1 ulp apart, allowed 0");
    const least = dtype === "float32" ? 2 ** -149 : 2 ** -1074;
    assertWithinUlp(tensor([least], { dtype }), tensor([-least], { dtype }), 2);
    expect(() => assertWithinUlp(tensor([least], { dtype }), tensor([-least], { dtype }), 1)).toThrow(
      "2 ulp apart",
    );
    const largest = dtype === "float32" ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
    assertWithinUlp(tensor([largest], { dtype }), tensor([Number.POSITIVE_INFINITY], { dtype }), 1);
  });

  test("steps from number to number are ulp, wherever one begins", () => {
    const bits = new Float32Array(1);
    const place = new Int32Array(bits.buffer);
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-30), max: Math.fround(1e30) }),
        fc.integer({ min: 0, max: 1000 }),
        (x, n) => {
          bits[0] = x;
          place[0] += n;
          const [a, b] = [tensor([x]), tensor([bits[0]])];
          assertWithinUlp(a, b, n);
          if (n > 0) expect(() => assertWithinUlp(a, b, n - 1)).toThrow(`${n} ulp apart`);
        },
      ),
    );
  });

  test("0 and -0 differ by option alone, NaN is equal by option alone", () => {
    assertWithinUlp(double([0]), double([-0]), 0);
    expect(messageOf(() => assertWithinUlp(double([0]), double([-0]), 4, { signedZeros: true }))).toContain(
      "0, expected -0 (zeros of other sign)",
    );
    assertWithinUlp(double([-0]), double([-0]), 0, { signedZeros: true });
    expect(() => assertWithinUlp(double([Number.NaN]), double([Number.NaN]), 9)).toThrow("NaN on both sides");
    assertWithinUlp(double([Number.NaN]), double([Number.NaN]), 0, { equalNaN: true });
    expect(() => assertWithinUlp(double([Number.NaN]), double([1]), 9, { equalNaN: true })).toThrow(
      "NaN where a number",
    );
  });

  test("finds the first and the worst", () => {
    const message = messageOf(() =>
      assertWithinUlp(double([1, 1, 1 + 2 ** -50]), double([1, next.float64, 1]), 0),
    );
    expect(message).toContain("first at [1]");
    expect(message).toMatch(/worst at \[2\].*4 ulp apart/);
  });

  test("integers must be equal; n is a whole number", () => {
    expect(() => assertWithinUlp(tensor([1], { dtype: "int32" }), [2], 5)).toThrow("1 of 1 element");
    expect(() => assertWithinUlp(double([1]), double([1]), 0.5)).toThrow(StateError);
    expect(() => assertWithinUlp(double([1]), double([1]), -1)).toThrow(StateError);
  });
});

describe("assertShape", () => {
  test("compares all axes", () => {
    assertShape(zeros([2, 0, 3]), [2, 0, 3]);
    assertShape(tensor(1), []);
    expect(messageOf(() => assertShape(zeros([2, 3]), [3, 3]))).toContain(
      "has shape [2, 3], expected is [3, 3] (other in axis 0)",
    );
    expect(messageOf(() => assertShape(zeros([2, 3]), [6]))).toContain("(rank 2, expected 1)");
  });

  test("wants a tensor and a list of sizes", () => {
    expect(() => assertShape([1] as never, [1])).toThrow(StateError);
    expect(() => assertShape(zeros([2]), 2 as never)).toThrow(StateError);
    expect(() => assertShape(zeros([2]), [-2])).toThrow(StateError);
  });
});
