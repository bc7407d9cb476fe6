import { type DType, isFloating } from "@cotangent/core";
import fc from "fast-check";

/**
 * What the elements of tensors are:
 * - `scaled`: from -2 to 2, so that functions of them are well-scaled, too; whole numbers from -8 to 8;
 * - `extreme`: of every magnitude that the dtype has, subnormal numbers among them; whole numbers of the whole range;
 * - `special`: NaN, infinities, zeros of both signs and the limits of the dtype among numbers from -2 to 2.
 *
 * Elements of bool are true or false in all of them.
 */
export type ValueKind = "scaled" | "extreme" | "special";

export const VALUE_KINDS: readonly ValueKind[] = ["scaled", "extreme", "special"];

/** Multiples of 1/64 are exact in every floating dtype; 1 is the simplest. */
const scaled: fc.Arbitrary<number> = fc.integer({ min: -192, max: 64 }).map((k) => 1 + k / 64);

/** The exponents of the smallest and the largest number. */
const EXPONENTS = { float32: [-149, 127], float64: [-1074, 1023] } as const;

type Floating = keyof typeof EXPONENTS;

const extreme = (dtype: Floating): fc.Arbitrary<number> => {
  const [min, max] = EXPONENTS[dtype];
  return fc
    .tuple(fc.noBias(fc.integer({ min, max })), fc.nat({ max: 63 }), fc.boolean())
    .map(([exponent, fraction, negative]) => (negative ? -1 : 1) * 2 ** exponent * (1 + fraction / 64));
};

const LIMITS: Readonly<Record<Floating, readonly number[]>> = {
  float32: [2 ** -149, 2 ** -126, 2 ** -23, (2 - 2 ** -23) * 2 ** 127],
  float64: [Number.MIN_VALUE, 2 ** -1022, Number.EPSILON, Number.MAX_VALUE],
};

const special = (dtype: Floating): fc.Arbitrary<number> =>
  fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: scaled },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...[0, Number.POSITIVE_INFINITY, ...LIMITS[dtype]].flatMap((x) => [x, -x]),
        Number.NaN,
      ),
    },
  );

const RANGES = { int32: [-(2 ** 31), 2 ** 31 - 1], uint32: [0, 2 ** 32 - 1] } as const;

function integers(kind: ValueKind, dtype: keyof typeof RANGES): fc.Arbitrary<number> {
  const [min, max] = RANGES[dtype];
  const small = fc.integer({ min: Math.max(min, -8), max: 8 });
  if (kind === "scaled") return small;
  if (kind === "extreme") return fc.noBias(fc.integer({ min, max }));
  return fc.oneof({ withCrossShrink: true }, small, fc.constantFrom(min, max, min + 1, max - 1, 0));
}

/** The elements of tensors, one by one. */
export function elements(kind: ValueKind, dtype: DType): fc.Arbitrary<number> {
  if (dtype === "bool") return fc.integer({ min: 0, max: 1 });
  if (!isFloating(dtype)) return integers(kind, dtype as keyof typeof RANGES);
  if (kind === "scaled") return scaled;
  return kind === "extreme" ? extreme(dtype as Floating) : special(dtype as Floating);
}
