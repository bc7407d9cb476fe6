/** Whether a function is smooth at all these places, and for some way around, and its values moderate. */
export type Domain = (elements: readonly number[]) => boolean;

/** Further away from kinks, jumps and poles than finite differences step. */
const MARGIN = 0.06;

/** From low to high. */
export const within =
  (low: number, high: number): Domain =>
  (elements) =>
    elements.every((x) => x >= low && x <= high);

/** Of moderate size. */
export const tame: Domain = within(-4, 4);

/** Of moderate size, and not near some numbers. */
export const off =
  (places: readonly number[], margin = MARGIN): Domain =>
  (elements) =>
    tame(elements) && elements.every((x) => places.every((place) => Math.abs(x - place) >= margin));

/** Not near whole numbers or halves. */
export const broken: Domain = (elements) =>
  tame(elements) && elements.every((x) => Math.abs(2 * x - Math.round(2 * x)) >= 2 * MARGIN);

/** Well between two whole numbers. */
export const fractional: Domain = (elements) =>
  within(-2, 2)(elements) && elements.every((x) => Math.abs(x - Math.floor(x) - 0.5) <= 0.2);

/** No two near each other. */
export const separated: Domain = (elements) => {
  const sorted = elements.toSorted((a, b) => a - b);
  return tame(elements) && sorted.every((x, i) => i === 0 || x - sorted[i - 1] >= MARGIN);
};

/** No two near each other, whatever their signs, and none near 0. */
export const separatedSizes: Domain = (elements) =>
  separated(elements) && separated([0, ...elements.map(Math.abs)]);

/** None near one of the others. */
export const apartFrom = (others: readonly number[]): Domain => {
  const sorted = Float64Array.from(others).sort();
  return (elements) =>
    within(-8, 8)(elements) && elements.every((x) => sorted.every((y) => Math.abs(x - y) >= MARGIN));
};

/** All of them hold. */
export const both =
  (...domains: readonly Domain[]): Domain =>
  (elements) =>
    domains.every((domain) => domain(elements));

/** One of them is well inside of each domain that is used. */
const SHIFTS = [0, 0.3, -0.3, 0.7, -0.7, 1, -1, 0.5, 0.13, 1.01, 1.7, 2.5, -2, 5.5];
const HALVINGS = 24;

/** A change of scale and a shift. */
export interface Affine {
  readonly scale: number;
  readonly shift: number;
}

/** The first of some changes that brings the elements into a domain; null when none does. */
export function fitting(elements: readonly number[], domain: Domain): Affine | null {
  for (let k = 0; k <= HALVINGS; k++) {
    const scale = 2 ** -k;
    // Where elements are too large for any shift to help, only a smaller scale does.
    for (const shift of SHIFTS) {
      if (domain(elements.map((x) => scale * x + shift))) return { scale, shift };
    }
  }
  return null;
}
