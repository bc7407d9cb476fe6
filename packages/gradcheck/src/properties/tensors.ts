import {
  evaluate,
  formatShape,
  graphOf,
  isFloating,
  type Tensor,
  type TypedArray,
  tensor,
} from "@cotangent/core";
import { usesFloat32 } from "../check/float64.ts";
import { type Call, traced } from "../graph/calls.ts";
import type { Random } from "../numeric/random.ts";
import { largest, sizeOf } from "../numeric/vectors.ts";

/** The elements of each tensor, computed together. */
export function read(tensors: readonly Tensor[]): TypedArray[] {
  evaluate(...tensors);
  return tensors.map((x) => x.dataSync());
}

/** Copies that belong to nothing else. */
export const copies = (tensors: readonly Tensor[]): Tensor[] => {
  const values = read(tensors);
  return tensors.map(({ shape, dtype }, i) => tensor(values[i], { shape, dtype }));
};

/** Tensors of the same shapes and dtypes, with random elements from 0.5 to 1 of either sign. */
export const directionsLike = (tensors: readonly Tensor[], random: Random): Tensor[] =>
  tensors.map(({ shape, dtype }) => tensor(random.direction(sizeOf(shape)), { shape, dtype }));

/** Tensors beside the given ones: each element off by up to `share` of itself, zeros by up to `share`. Whole numbers stay. */
export const movedBy = (tensors: readonly Tensor[], share: number, random: Random): Tensor[] =>
  tensors.map((x) => mapped(x, (value) => value + share * (value === 0 ? 1 : value) * random.between(-1, 1)));

const mapped = (x: Tensor, f: (value: number) => number): Tensor =>
  isFloating(x.dtype) ? tensor(Float64Array.from(x.dataSync(), f), { shape: x.shape, dtype: x.dtype }) : x;

/** As `movedBy`, with some signs turned, too. */
export const thrown = (tensors: readonly Tensor[], random: Random): Tensor[] =>
  movedBy(tensors, 0.5, random).map((x) => mapped(x, (value) => (random.unit() < 0.5 ? -value : value)));

/** Rounding in float32 and float64. */
const UNIT32 = 2 ** -24;
const UNIT64 = 2 ** -53;
/** How often inputs are perturbed, and how much more than what that shows is allowed. */
const SAMPLES = 3;
const MARGIN = 32;
/** Roundings that sums of many terms may gather, relative to the largest element. */
const ROUNDINGS = 256;

/** The size of rounding errors in a call: those of float32 as soon as anything in it is float32. */
export function unitOf(call: Call, leaves: readonly Tensor[]): number {
  const outputs = traced(call, leaves);
  const narrow = [...leaves, ...outputs].some(({ dtype }) => dtype === "float32");
  return narrow || usesFloat32(graphOf(outputs, leaves), leaves.length) ? UNIT32 : UNIT64;
}

/**
 * How far rounding may move each element of each result, when it is computed in another order: what rounding errors in the
 * inputs make of it, several times, and `ROUNDINGS` of the largest element.
 */
export function roundings(
  call: Call,
  leaves: readonly Tensor[],
  unit: number,
  random: Random,
): Float64Array[] {
  const exact = read(call(leaves));
  const allowed = exact.map((data) =>
    new Float64Array(data.length).fill(ROUNDINGS * unit * largest(finite(data))),
  );
  for (let sample = 0; sample < SAMPLES; sample++) {
    read(call(movedBy(leaves, 2 * unit, random))).forEach((data, i) => {
      for (let k = 0; k < data.length; k++) {
        const distance = MARGIN * Math.abs(data[k] - exact[i][k]);
        if (distance > allowed[i][k]) allowed[i][k] = distance;
      }
    });
  }
  return allowed;
}

const finite = (data: TypedArray): TypedArray => data.filter((x: number) => Number.isFinite(x));

/** dtype and shape: `float32[2, 3]`. */
export const kindText = ({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): string =>
  `${dtype}${formatShape(shape)}`;
