import { expect, test } from "vitest";
import { type ComputedPrimitive, primitives } from "../src/index.ts";

/** Complete by its type: a name that is missing does not compile. */
// biome-ignore format: a table
const NAMES: Readonly<Record<ComputedPrimitive, true>> = {
  neg: true, abs: true, sign: true, exp: true, log: true, expm1: true, log1p: true, exp2: true, log2: true, log10: true, sin: true,
  cos: true, tan: true, asin: true, acos: true, atan: true, sinh: true, cosh: true, tanh: true, asinh: true,
  acosh: true, atanh: true, sigmoid: true, erf: true, erfc: true, erfinv: true, lgamma: true, sqrt: true, cbrt: true, floor: true,
  ceil: true, round: true, trunc: true, isNaN: true, add: true, sub: true, mul: true, div: true, quotient: true,
  pow: true, max: true, min: true, mod: true, atan2: true, compare: true, bitwise: true, shift: true, bitcast: true, polygamma: true, where: true, cast: true,
  constant: true, iota: true, reshape: true, permute: true, broadcast: true, slice: true, flip: true, pad: true,
  concat: true, reduceSum: true, reduceProd: true, reduceMax: true, reduceMin: true, reduceAnd: true, reduceOr: true,
  barrier: true,
  argReduce: true, cumulativeSum: true, cumulativeProd: true, cumulativeMax: true, cumulativeMin: true,
  cumulativeAffine: true, dot: true, conv: true, windows: true, fold: true, randomBits: true,
  gather: true, scatterSet: true, scatterAdd: true, scatterMul: true,
  scatterMin: true, scatterMax: true,
  argSort: true,
  loop: true,
  branch: true,
  part: true,
};

test("the type of names that engines compute is what is defined", () => {
  const computed = primitives().filter(
    ({ leaf, alias, name }) => !leaf && !alias && name !== "compiledResult",
  );
  expect(Object.keys(NAMES).sort()).toEqual(computed.map(({ name }) => name).sort());
});
