import { describe, expect, test } from "vitest";
import { caseFiles, casesOf, type Numeral, numberOf, type OracleCase } from "./support/cases.ts";
import { checkDerivatives, checkValue } from "./support/check.ts";
import { compareElements, ulps } from "./support/compare.ts";

describe("comparisons", () => {
  test("neighbours are one ulp apart, across zero too", () => {
    expect(ulps(1, 1 + 2 ** -52, "float64")).toBe(1);
    expect(ulps(1, 1 - 2 ** -53, "float64")).toBe(1);
    expect(ulps(1, 1 + 2 ** -23, "float32")).toBe(1);
    expect(ulps(-5e-324, 5e-324, "float64")).toBe(2);
    expect(ulps(-0, 0, "float32")).toBe(0);
    expect(ulps(Number.MAX_VALUE, Number.POSITIVE_INFINITY, "float64")).toBe(1);
    expect(ulps(Number.NaN, Number.NaN, "float32")).toBe(0);
    expect(ulps(Number.NaN, 0, "float32")).toBe(Number.POSITIVE_INFINITY);
  });

  test("without a tolerance the signs of zeros and NaN count", () => {
    expect(compareElements([0], ["-0"], "float32", undefined)).toBe("element 0 is 0, not -0 (0 ulp)");
    expect(compareElements([Number.NaN], ["nan"], "float64", undefined)).toBeNull();
    expect(compareElements([1], ["nan"], "float64", { ulp: 1e9 })).toBe("element 0 is 1, not NaN");
    expect(compareElements([1, 2], [1], "float64", undefined)).toBe("2 elements instead of 1");
  });

  test("a tolerance is relative to the expected value and the scale of its element", () => {
    const tol = { eps: 2, scale: [0, 1] };
    expect(compareElements([1e-9 + 2 ** -50, 0], [1e-9, 0], "float64", tol)).not.toBeNull();
    expect(compareElements([1e-9, 2 ** -51], [1e-9, 0], "float64", tol)).toBeNull();
  });
});

/** The numeral, off by an amount relative to 1 or itself; 0 for NaN and infinities. */
const off = (numeral: Numeral, amount: number): Numeral => {
  const x = numberOf(numeral);
  return Number.isFinite(x) ? x + amount * Math.max(Math.abs(x), 1) : 0;
};

const PRECISION: Readonly<Record<string, number>> = { float32: 2 ** -11, float64: 2 ** -38 };

describe("every number in the files is looked at", () => {
  const samples = caseFiles().flatMap((file) => casesOf(file).filter((_, i) => i % 5 === 0));

  test("a value that is off is noticed", () => {
    const missed = samples.filter((item) => {
      const { data, dtype } = item.out;
      if (data.length === 0) return false;
      const amount = PRECISION[dtype] ?? 1;
      const changed = data.map((value, i) => (i === data.length - 1 ? off(value, amount) : value));
      return checkValue({ ...item, out: { ...item.out, data: changed } }).length === 0;
    });
    expect(missed.map(({ op, args }) => `${op} ${JSON.stringify(args)}`)).toEqual([]);
  });

  test.each(["grads", "second"] as const)("an element of %s that is off is noticed", (field) => {
    const missed = samples.filter((item: OracleCase) => {
      const lists = item[field];
      const last = lists?.at(-1);
      if (lists === undefined || last === undefined || last.length === 0) return false;
      const scales = [...(item.gtol?.scale ?? [1]), ...(item.gtol?.scale2 ?? [1])];
      // A float64 result may have float32 arguments.
      const amount = PRECISION.float32 * Math.max(1, ...scales);
      const changed = [...lists.slice(0, -1), last.map((value, i) => (i === 0 ? off(value, amount) : value))];
      return checkDerivatives({ ...item, [field]: changed }).length === 0;
    });
    expect(missed.map(({ op, args }) => `${op} ${JSON.stringify(args)}`)).toEqual([]);
  });
});
