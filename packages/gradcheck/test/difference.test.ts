import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  centralEstimate,
  LEVELS,
  SIDED_LEVELS,
  sidedEstimate,
  stepsFrom,
} from "../src/numeric/difference.ts";

type Scalar = (x: number) => number;

const around = (f: Scalar, x: number, largest: number) => {
  const steps = stepsFrom(largest, LEVELS);
  return centralEstimate(
    steps,
    steps.map((h) => [f(x + h)]),
    steps.map((h) => [f(x - h)]),
  );
};

const beside = (f: Scalar, x: number, largest: number) => {
  const steps = stepsFrom(largest, SIDED_LEVELS);
  return sidedEstimate(
    steps,
    steps.map((h) => [f(x + h)]),
    [f(x)],
  );
};

/** Functions with their derivatives, smooth around [-2, 2]. */
const SMOOTH: readonly (readonly [string, Scalar, Scalar])[] = [
  ["sin", Math.sin, Math.cos],
  ["exp", Math.exp, Math.exp],
  ["tanh of 3x", (x) => Math.tanh(3 * x), (x) => 3 / Math.cosh(3 * x) ** 2],
  ["1 / (3 + x)", (x) => 1 / (3 + x), (x) => -1 / (3 + x) ** 2],
  ["x^7", (x) => x ** 7, (x) => 7 * x ** 6],
  ["sin of 20x", (x) => Math.sin(20 * x), (x) => 20 * Math.cos(20 * x)],
];

describe("central differences", () => {
  test.each(SMOOTH)("of %s are off by no more than they say, beside rounding", (_, f, derivative) => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.integer({ min: -8, max: -3 }),
        (x, exponent) => {
          const { value, error } = around(f, x, 2 ** exponent);
          const rounding = (2 ** -50 * (1 + Math.abs(f(x)))) / 2 ** (exponent - LEVELS);
          expect(Math.abs(value[0] - derivative(x))).toBeLessThanOrEqual(error[0] + rounding);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test("are exact for a polynomial of degree 9", () => {
    const { value, error } = around((x) => x ** 9, 1, 2 ** -3);
    expect(value[0]).toBeCloseTo(9, 12);
    expect(error[0]).toBeLessThan(1e-9);
  });

  test("say that they know nothing across a kink or a jump", () => {
    for (const f of [Math.abs, Math.sign, Math.floor]) {
      const { value, error } = around((x) => f(x - 0.01), 0, 2 ** -3);
      expect(error[0]).toBeGreaterThan(0.01 * Math.abs(value[0]));
    }
  });

  test("hand NaN on", () => {
    const { value, error } = around(Math.sqrt, 0, 2 ** -3);
    expect([value[0], error[0]]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("one-sided differences", () => {
  test.each(SMOOTH)("of %s are off by no more than they say, on both sides", (_, f, derivative) => {
    fc.assert(
      fc.property(fc.double({ min: -1.5, max: 1.5, noNaN: true }), fc.constantFrom(-1, 1), (x, sign) => {
        const { value, error } = beside(f, x, sign * 2 ** -6);
        const rounding = (2 ** -46 * (1 + Math.abs(f(x)))) / 2 ** -(6 + SIDED_LEVELS);
        expect(Math.abs(value[0] - derivative(x))).toBeLessThanOrEqual(error[0] + rounding);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("see the two sides of a kink", () => {
    expect(beside(Math.abs, 0, 2 ** -5).value[0]).toBe(1);
    expect(beside(Math.abs, 0, -(2 ** -5)).value[0]).toBe(-1);
  });
});
