import { type DType, type Shape, type Tensor, tensor } from "@cotangent/core";
import type { Random } from "../../gradients/support/random.ts";

/** One random number. */
export type Draw = (random: Random) => number;

const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** A tensor whose elements are drawn one after the other. */
export function drawn(random: Random, shape: Shape, draw: Draw, dtype: DType = "float64"): Tensor {
  const values = Float64Array.from({ length: sizeOf(shape) }, () => draw(random));
  return tensor(values, { shape, dtype });
}

/** Evenly in [low, high). */
export const between =
  (low: number, high: number): Draw =>
  (random) =>
    random.between(low, high);

/** Of either sign, with evenly distributed exponents: magnitudes from 10^low to 10^high. */
export const spread =
  (low: number, high: number): Draw =>
  (random) =>
    random.sign() * 10 ** random.between(low, high);

/** Positive, with evenly distributed exponents. */
export const positive =
  (low: number, high: number): Draw =>
  (random) =>
    10 ** random.between(low, high);

/** Now and then one of the given numbers, otherwise as drawn. */
export const sometimes =
  (special: readonly number[], draw: Draw, probability = 0.1): Draw =>
  (random) =>
    random.chance(probability) ? special[random.whole(0, special.length - 1)] : draw(random);

/** Whole numbers from low to high, both included. */
export const whole =
  (low: number, high: number): Draw =>
  (random) =>
    random.whole(low, high);

/** Magnitudes of about 1, of either sign, none of them near 0. */
export const ordinary: Draw = (random) => random.sign() * random.between(0.3, 2);

/** All of one size from `least` to `most`. */
export const square = (random: Random, least = 2, most = 4): readonly [number, number] => {
  const n = random.whole(least, most);
  return [n, n];
};
