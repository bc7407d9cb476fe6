import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { measureFloat32, measureFloat32Pairs } from "./accuracy/float32.ts";
import { hasCases, measureFloat64, readCases, worstOf } from "./accuracy/float64.ts";
import { type FloatType, makeKernel } from "./accuracy/kernel.ts";
import { arityOf, evaluate, FUNCTIONS, NAMES } from "./accuracy/reference.ts";
import { errorFloat32, errorFloat64 } from "./accuracy/ulp.ts";

const CASES = fileURLToPath(new URL("./accuracy/cases", import.meta.url));

/** A prime, so that all parts of the mantissa come by. */
const STEP = 4099;
/** Core's polygamma takes microseconds. */
const LARGE_STEP = 32771;
const stepOf = (name: string): number => (name.startsWith("polygamma") ? LARGE_STEP : STEP);

const namesOf = (dtype: FloatType) => NAMES.filter((name) => FUNCTIONS[dtype][name] !== undefined);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("the measure of errors", () => {
  it("counts units in the last place of the exact result", () => {
    expect(errorFloat32(1 + 2 ** -23, 1 + 2 ** -24)).toBe(0.5);
    expect(errorFloat32(2 ** -149, 2 ** -148)).toBe(1);
    expect(errorFloat32(inf, 2 ** 128 - 2 ** 104)).toBe(1);
    expect(errorFloat64(1 + 2 ** -52, 1, 0.25)).toBe(0.75);
  });

  it("takes no number for NaN, no zero for the other, no infinity for a number", () => {
    expect(errorFloat32(0, nan)).toBe(inf);
    expect(errorFloat32(nan, 0)).toBe(inf);
    expect(errorFloat32(0, -0)).toBe(inf);
    expect(errorFloat32(-0, 1e-50)).toBe(inf);
    expect(errorFloat32(3e38, inf)).toBe(inf);
    expect(errorFloat64(inf, 1, 0)).toBe(inf);
    expect(errorFloat64(-0, 0, 0)).toBe(inf);
    expect(errorFloat32(nan, nan)).toBe(0);
  });
});

describe("float32 functions are within 1 ULP", () => {
  for (const name of namesOf("float32")) {
    it(name, () => {
      const worst =
        arityOf(name) > 1 ? measureFloat32Pairs(name, 2 ** 19) : measureFloat32(name, stepOf(name));
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(1);
    });
  }
});

describe("float64 functions are within 2 ULP of mpmath's results", () => {
  for (const name of namesOf("float64")) {
    it(name, () => {
      expect(hasCases(CASES, name)).toBe(true);
      const worst = measureFloat64(name, CASES);
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(2);
    });
  }
});

describe("core's functions, which the sweeps in float32 are measured by", () => {
  for (const name of NAMES.filter((one) => hasCases(CASES, one))) {
    it(`${name} is right to far below 1 ULP of float32`, () => {
      const cases = readCases(CASES, name);
      const output = new Float64Array(cases.rounded.length);
      evaluate(name, cases.inputs, output);
      const worst = worstOf(cases, output);
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(2 ** 16);
    });
  }
});

/** Arguments at which results are zeros, infinities, NaN or the argument itself. */
const SPECIAL = [0, 1, 2, 0.5, 5e-324, 1e-310, 2 ** -1022, 1e300, Number.MAX_VALUE, inf, nan];

/** Runs a float64 function at all special arguments, or pairs of them. */
function atSpecial(name: string): { inputs: Float64Array[]; actual: Float64Array; expected: Float64Array } {
  const signed = SPECIAL.flatMap((x) => [x, -x]);
  const inputs =
    arityOf(name) === 1
      ? [Float64Array.from(signed)]
      : [
          Float64Array.from(signed.flatMap((x) => signed.map(() => x))),
          Float64Array.from(signed.flatMap(() => signed)),
        ];
  const { length } = inputs[0];
  const kernel = makeKernel(FUNCTIONS.float64[name], "float64", inputs.length, length);
  inputs.forEach((x, i) => {
    kernel.inputs[i].set(x);
  });
  kernel.run(length);
  const expected = new Float64Array(length);
  evaluate(name, inputs, expected);
  return { inputs, actual: kernel.output as Float64Array, expected };
}

describe("float64 functions at zeros, infinities, NaN and the ends of the range are as core's", () => {
  for (const name of namesOf("float64")) {
    it(name, () => {
      const { inputs, actual, expected } = atSpecial(name);
      for (let i = 0; i < expected.length; i++) {
        // Core's own results have errors too, subnormal ones of up to an ULP.
        const error = errorFloat64(actual[i], expected[i], 0);
        expect(error, `${name}(${inputs.map((x) => x[i]).join(", ")}) = ${actual[i]}`).toBeLessThanOrEqual(4);
      }
    });
  }
});

describe("functions with bounds keep them", () => {
  const bounds = { tanh: [-1, 1], sigmoid: [0, 1], erf: [-1, 1], erfc: [0, 2] } as const;
  for (const [name, [low, high]] of Object.entries(bounds)) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`${name} of ${dtype}`, () => {
        const count = 2 ** 16;
        const kernel = makeKernel(FUNCTIONS[dtype][name], dtype, 1, count);
        for (let i = 0; i < count; i++) kernel.inputs[0][i] = (i / count - 0.5) * 80;
        kernel.run(count);
        expect(kernel.output.every((y) => low <= y && y <= high)).toBe(true);
        // Nor do they fall.
        const sign = name === "erfc" ? -1 : 1;
        expect(kernel.output.every((y, i) => i === 0 || sign * (y - kernel.output[i - 1]) >= 0)).toBe(true);
      });
    }
  }
});

describe("near zeros between the poles, where large terms cancel, differences are small against 1", () => {
  // Float64 numbers next to zeros, and what mpmath says.
  const lines = {
    lgamma: [
      [-2.4570247382208006, 5.619192358950097e-17],
      [-2.7476826467274127, 1.733509244024501e-16],
      [-3.1435808883499798, 1.6978655906121085e-15],
      [-3.955294284858598, -4.14382750757705e-16],
      [-2.457, 3.7496305958099786e-5],
    ],
    polygamma0: [
      [-0.5040830082644554, 7.289763902976895e-17],
      [-1.5734984731623904, 1.5649788481838454e-16],
      [-2.610720868444145, -5.889653358275491e-15],
      [-0.504, 0.0007420716047053968],
    ],
  } as const;
  for (const [name, points] of Object.entries(lines)) {
    it(name, () => {
      const kernel = makeKernel(FUNCTIONS.float64[name], "float64", 1, 8);
      points.forEach(([x], i) => {
        kernel.inputs[0][i] = x;
      });
      kernel.run(8);
      points.forEach(([x, exact], i) => {
        expect(Math.abs(kernel.output[i] - exact), `${name}(${x})`).toBeLessThanOrEqual(2 ** -60);
      });
    });
  }
});
