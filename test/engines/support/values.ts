import { type DType, isFloating, type TypedArray } from "@cotangent/core";
import { type Random, randomFrom } from "../../gradients/support/random.ts";

/** How the elements of an input are drawn, or the elements themselves (repeated where there are more places). */
export type Values =
  | { readonly kind: ValueKind; readonly seed: number }
  | { readonly kind: "given"; readonly elements: readonly number[] };

export type ValueKind = keyof typeof KINDS;

const WORD = 2 ** 32;

/** A number near 0 of either sign: the sum of uniform ones is normal enough. */
const bell = (r: Random): number => (r.between(-1, 1) + r.between(-1, 1) + r.between(-1, 1)) * 0.9;

const FLOAT32_EDGES = [
  1.401298464324817e-45, 1.1754942106924411e-38, 1.1754943508222875e-38, 3.4028234663852886e38,
];
const FLOAT64_EDGES = [5e-324, 2.225073858507201e-308, 2.2250738585072014e-308, Number.MAX_VALUE];
const FLOAT_EDGES = [
  0, Number.POSITIVE_INFINITY, Number.NaN, 1, 0.5, 1.5, 2.5, 1e-20, 1e20, 1e6, 2 ** 23, 2 ** 24 + 2, 2 ** 31, 2 ** 32, 100,
  Math.PI, ...FLOAT32_EDGES, ...FLOAT64_EDGES,
]; // biome-ignore format: a table
const INTEGER_EDGES = [0, 1, 2, 3, 7, 31, 255, 65535, 2 ** 30, 2 ** 31 - 1, 2 ** 31, WORD - 2, WORD - 1];

interface Drawing {
  readonly floating: (r: Random) => number;
  /** Stored modulo 2^32. */
  readonly integer: (r: Random) => number;
}

const smallInteger = (r: Random): number => r.whole(-8, 8);
const oneOf = (r: Random, items: readonly number[]): number => items[r.whole(0, items.length - 1)];

/** From the simplest to the wildest; bool is always drawn as by a coin. */
const KINDS = {
  /** Few different values, so that ties are common. */
  whole: { floating: (r) => r.whole(-3, 3), integer: (r) => r.whole(0, 3) },
  /** Halves, and zeros of both signs. */
  halves: { floating: (r) => (r.chance(0.1) ? -0 : r.whole(-8, 8) / 2), integer: smallInteger },
  normal: { floating: bell, integer: smallInteger },
  unit: { floating: (r) => r.unit(), integer: (r) => r.whole(0, 20) },
  wide: {
    floating: (r) => r.sign() * 2 ** r.between(-12, 12),
    integer: (r) => Math.floor(r.between(-(2 ** 31), 2 ** 31)),
  },
  /** What breaks things: infinities, NaN, subnormal and huge numbers, -0. */
  extreme: {
    floating: (r) => (r.chance(0.3) ? bell(r) : r.sign() * oneOf(r, FLOAT_EDGES)),
    integer: (r) => (r.chance(0.3) ? Math.floor(r.between(0, WORD)) : oneOf(r, INTEGER_EDGES)),
  },
} as const satisfies Record<string, Drawing>;

export const VALUE_KINDS = Object.keys(KINDS) as ValueKind[];

const ARRAYS: Record<DType, new (size: number) => TypedArray> = {
  bool: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** A typed array for `size` elements, zeroed. */
export const emptyArray = (dtype: DType, size: number): TypedArray => new ARRAYS[dtype](size);

/** The elements for one run; those of the next run are others, unless they are given. */
export function drawn(values: Values, dtype: DType, size: number, run: number): TypedArray {
  const result = emptyArray(dtype, size);
  if (values.kind === "given") {
    const { elements } = values;
    for (let i = 0; i < size; i++) result[i] = elements[i % elements.length];
    return result;
  }
  const random = randomFrom(Math.imul(values.seed + 1, 0x2545f491) + Math.imul(run, 0x9e3779b1));
  const { floating, integer } = KINDS[values.kind];
  const draw = dtype === "bool" ? (r: Random) => r.whole(0, 1) : isFloating(dtype) ? floating : integer;
  for (let i = 0; i < size; i++) result[i] = draw(random);
  return result;
}
