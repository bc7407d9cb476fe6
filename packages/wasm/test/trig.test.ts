import { describe, expect, it } from "vitest";
import { mod as coreMod } from "../../core/src/prims/scalar/binary.ts";
import { INT32, UINT32 } from "../src/math/integers.ts";
import type { VectorFunction } from "../src/math/types.ts";
import { type FloatType, makeKernel } from "./accuracy/kernel.ts";
import { arityOf, FUNCTIONS } from "./accuracy/reference.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** The function at arguments, one list for each. */
function run(name: string, dtype: FloatType, ...inputs: readonly (readonly number[])[]): number[] {
  const count = Math.ceil(inputs[0].length / 4) * 4;
  const kernel = makeKernel(FUNCTIONS[dtype][name], dtype, inputs.length, count);
  inputs.forEach((x, i) => {
    kernel.inputs[i].set(x);
  });
  kernel.run(count);
  return Array.from(kernel.output.subarray(0, inputs[0].length));
}

describe("sin, cos and tan of large arguments", () => {
  // From mpmath with 2300 bits. The last one is the float64 number that is closest to a multiple of pi/2.
  const angles = [1e6, 1e15, 1e22, 1e300, 6381956970095103 * 2 ** 797];
  const exact = {
    sin: [-0.34999350217129294, 0.8582727931702359, -0.8522008497671888, -0.8178819121159085, 1],
    cos: [
      0.9367521275331447, -0.5131937377869703, 0.523214785395139, -0.5753861119575491, -4.687165924254628e-19,
    ],
  };

  it("are right in float64", () => {
    const tan = exact.sin.map((y, i) => y / exact.cos[i]);
    for (const [name, expected] of Object.entries({ ...exact, tan })) {
      run(name, "float64", angles).forEach((y, i) => {
        expect(Math.abs(y / expected[i] - 1), `${name}(${angles[i]})`).toBeLessThan(2 ** -51);
      });
    }
  });

  it("are right in float32", () => {
    const rounded = [1e6, 1e15, 1e22, 1e30, 3e38, 2 ** 24, 2 ** 24 + 2, 16367173 * 2 ** 72].map(Math.fround);
    expect(run("sin", "float32", rounded)).toEqual(run("sin", "float64", rounded).map(Math.fround));
    expect(run("cos", "float32", rounded)).toEqual(run("cos", "float64", rounded).map(Math.fround));
  });

  it("are NaN at infinity, and 0 keeps its sign", () => {
    for (const dtype of ["float32", "float64"] as const) {
      for (const name of ["sin", "cos", "tan"])
        expect(run(name, dtype, [inf, -inf, nan])).toEqual([nan, nan, nan]);
      for (const name of ["sin", "tan", "asin", "atan", "cbrt", "sign"])
        expect(run(name, dtype, [0, -0])).toEqual([0, -0]);
    }
  });
});

describe("a lane's result does not depend on its neighbours", () => {
  // Ordinary numbers beside those that leave the fast path.
  const ordinary = [0.3, -0.7, 0.9, 0.11];
  const unusual = [0, -0, 1e-320, 2 ** 25, -(2 ** 60), 1e300, inf, -inf, nan, -3];
  for (const name of ["sin", "cos", "tan", "cbrt", "atan2", "pow", "mod"]) {
    for (const dtype of ["float32", "float64"] as const) {
      it(`${name} of ${dtype}`, () => {
        const alone = (...xs: number[]) => run(name, dtype, ...xs.map((x) => [x, x, x, x]))[0];
        for (const [i, x] of ordinary.entries()) {
          for (const neighbour of unusual) {
            const first = [0, 1, 2, 3].map((lane) => (lane === i ? x : neighbour));
            const second = [0, 1, 2, 3].map((lane) => (lane === i ? 1.7 : neighbour));
            const inputs = arityOf(name) === 1 ? [first] : [first, second];
            const together = run(name, dtype, ...inputs);
            expect(together[i]).toBe(alone(...inputs.map((list) => list[i])));
            const other = (i + 1) % 4;
            expect(together[other]).toBe(alone(...inputs.map((list) => list[other])));
          }
        }
      });
    }
  }
});

describe("pow", () => {
  const cases: readonly (readonly [number, number, number])[] = [
    [1, nan, 1],
    [nan, 0, 1],
    [inf, -0, 1],
    [-1, inf, 1],
    [-1, -inf, 1],
    [-1, nan, nan],
    [nan, 1, nan],
    [-8, 3, -512],
    [-8, 2, 64],
    [-8, 1 / 3, nan],
    [-2, 2 ** 53, inf],
    [-2, -(2 ** 60), 0],
    [-0, 3, -0],
    [-0, 2, 0],
    [-0, 2.5, 0],
    [-0, -1, -inf],
    [-0, -2, inf],
    [0, -0.5, inf],
    [-inf, 3, -inf],
    [-inf, -3, -0],
    [-inf, 0.5, inf],
    [0.5, inf, 0],
    [0.5, -inf, inf],
    [-3, inf, inf],
    [2, 3000, inf],
    [-2, 3001, -inf],
    [2, -3000, 0],
    [9, 0.5, 3],
    [10, 2, 100],
  ];
  for (const dtype of ["float32", "float64"] as const) {
    it(`has the cases of IEEE 754 in ${dtype}`, () => {
      const powers = run(
        "pow",
        dtype,
        cases.map(([x]) => x),
        cases.map(([, y]) => y),
      );
      powers.forEach((power, i) => {
        expect(power, `pow(${cases[i][0]}, ${cases[i][1]})`).toBe(cases[i][2]);
      });
    });
  }

  it("reaches subnormal numbers, and odd exponents up to 2^53", () => {
    expect(run("pow", "float64", [2, 2, 2], [-1022, -1074, -1075.5])).toEqual([2 ** -1022, 2 ** -1074, 0]);
    expect(run("pow", "float32", [2, 2, 2], [-126, -149, -151])).toEqual([2 ** -126, 2 ** -149, 0]);
    expect(run("pow", "float64", [-1, -1], [2 ** 53 - 1, 2 ** 53])).toEqual([-1, 1]);
    expect(run("pow", "float32", [-1, -1], [2 ** 24 - 1, 2 ** 24])).toEqual([-1, 1]);
  });
});

describe("the remainder", () => {
  for (const dtype of ["float32", "float64"] as const) {
    it(`has the same bits as core's in ${dtype}`, () => {
      const FloatArray = dtype === "float32" ? Float32Array : Float64Array;
      const divisors = [1, 3, 0.1, 1e-30, 2 ** 100, 1e-44, inf, 0, nan];
      const factors = [
        0,
        0.4,
        1,
        1.5,
        2,
        7.3,
        12345,
        2 ** 28 + 1,
        2 ** 29 + 5,
        2 ** 53 - 1,
        2 ** 60,
        1e20,
        inf,
        nan,
      ];
      const pairs = divisors.flatMap((y) =>
        factors.flatMap((q) => [
          [q * y, y],
          [-q * y, y],
          [q * y, -y],
          [-q * y, -y],
        ]),
      );
      const x = new FloatArray(pairs.map(([a]) => a));
      const y = new FloatArray(pairs.map(([, b]) => b));
      const expected = new FloatArray(x.length);
      const tensor = (data: typeof x) => ({ data, shape: [x.length], dtype });
      coreMod.reference([tensor(x), tensor(y)], {}, tensor(expected));
      expect(run("mod", dtype, Array.from(x), Array.from(y))).toEqual(Array.from(expected));
    });
  }
});

describe("division of integers", () => {
  const edges = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    -7,
    10,
    65535,
    65536,
    -65537,
    2 ** 31 - 1,
    -(2 ** 31),
    -(2 ** 31) + 1,
  ];
  const pairs = edges.flatMap((x) => edges.map((y) => [x, y] as const));

  /** Results modulo 2^32 in the dtype's own words. */
  function divide(fn: VectorFunction, Words: Int32ArrayConstructor | Uint32ArrayConstructor) {
    const count = Math.ceil(pairs.length / 4) * 4;
    const kernel = makeKernel(fn, "float32", 2, count);
    const words = (x: ArrayBufferView) => new Words(x.buffer as ArrayBuffer, x.byteOffset, count);
    const [x, y] = kernel.inputs.map(words);
    pairs.forEach((pair, i) => {
      [x[i], y[i]] = pair;
    });
    kernel.run(count);
    return { x, y, result: words(kernel.output) };
  }

  for (const [dtype, table, Words] of [
    ["int32", INT32, Int32Array],
    ["uint32", UINT32, Uint32Array],
  ] as const) {
    it(`rounds down and never traps: ${dtype}`, () => {
      const { x, y, result } = divide(table.quotient, Words);
      const expected = pairs.map((_, i) => Words.of(y[i] === 0 ? 0 : Math.floor(x[i] / y[i]))[0]);
      expect(Array.from(result.subarray(0, pairs.length))).toEqual(expected);
    });

    it(`has remainders with the divisor's sign: ${dtype}`, () => {
      const { x, y, result } = divide(table.mod, Words);
      const remainder = (a: number, b: number) => (b === 0 ? 0 : a - b * Math.floor(a / b));
      const expected = pairs.map((_, i) => Words.of(remainder(x[i], y[i]))[0]);
      expect(Array.from(result.subarray(0, pairs.length))).toEqual(expected);
    });
  }
});

describe("sign", () => {
  it("keeps zeros and NaN", () => {
    const x = [3, -3, 1e-45, -1e-45, inf, -inf, 0, -0, nan];
    for (const dtype of ["float32", "float64"] as const)
      expect(run("sign", dtype, x)).toEqual([1, -1, 1, -1, 1, -1, 0, -0, nan]);
  });
});
