import type { Random } from "./random.ts";

/**
 * Draws the elements of one argument such that the operation is smooth there and for some way around: further from
 * kinks, jumps and poles than central differences step. `argument` is the argument's position.
 */
export type Domain = (random: Random, size: number, argument: number) => Float64Array;

/** Every element drawn on its own. */
export const each =
  (draw: (random: Random) => number): Domain =>
  (random, size) =>
    Float64Array.from({ length: size }, () => draw(random));

/** From low to high. */
export const interval = (low: number, high: number): Domain => each((random) => random.between(low, high));

/** With magnitude from low to high and either sign: away from 0. */
export const signed = (low: number, high: number): Domain =>
  each((random) => random.sign() * random.between(low, high));

/** From low to high, now and then exactly 0: for operations that are smooth there too. */
export const withZeros = (low: number, high: number): Domain =>
  each((random) => (random.chance(0.2) ? 0 : random.between(low, high)));

/** One of the intervals. */
export const oneOf = (...intervals: readonly (readonly [number, number])[]): Domain =>
  each((random) => {
    const [low, high] = intervals[random.whole(0, intervals.length - 1)];
    return random.between(low, high);
  });

/** Away from whole numbers and halves. */
export const broken: Domain = each(
  (random) => random.whole(-3, 2) + (random.chance(0.5) ? 0.5 : 0) + random.between(0.15, 0.35),
);

const GRID = 0.3;
const SHIFT = 0.1;

/** No two elements, of one argument or of two, closer than 0.1 to each other, nor any to 0: no ties. */
export const separated: Domain = (random, size, argument) => {
  const places = Float64Array.from({ length: size }, (_, i) => i - Math.floor(size / 2));
  for (let i = size - 1; i > 0; i--) {
    const k = random.whole(0, i);
    [places[i], places[k]] = [places[k], places[i]];
  }
  return places.map((place) => place * GRID + (argument % 2) * SHIFT + SHIFT);
};
