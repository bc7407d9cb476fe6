import { formatShape, type Shape } from "../../types/shape.ts";
import { describeValue } from "../../types/trees.ts";
import { ShapeError, StateError } from "../../util/errors.ts";

/** One number for all spatial axes, or one for each of them. */
export type PerAxis = number | readonly number[];

/**
 * What stands around the spatial axes: nothing ("valid"); as much as gives ceil(size / stride) places, with the odd one
 * behind ("same"); so much before and behind all of them; or for each axis one number or a pair [before, behind].
 */
export type Padding = "same" | "valid" | number | readonly (number | readonly [number, number])[];

/** How a kernel or a window moves. */
export interface SlideOptions {
  /** From one place to the next; 1 or more. */
  readonly strides?: PerAxis;
  /** What stands around x: nothing ("valid") unless given. */
  readonly padding?: Padding;
  /** From one element of the kernel or window to the next: 1, side by side, unless given. */
  readonly dilation?: PerAxis;
}

/** A kernel or window on the spatial axes, a number for each of them. */
export interface Slide {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const isWhole = (n: unknown, least: number): n is number => Number.isSafeInteger(n) && (n as number) >= least;

/** A value in a message. */
export const shown = (value: unknown): string =>
  typeof value === "number" || typeof value === "string" || Array.isArray(value)
    ? JSON.stringify(value)
    : describeValue(value);

/** A whole number for each of `count` axes. @throws StateError */
export function perAxis(operation: string, name: string, value: unknown, count: number, least = 1): number[] {
  const all = typeof value === "number" ? new Array<number>(count).fill(value) : value;
  if (Array.isArray(all) && all.length === count && all.every((n) => isWhole(n, least))) return [...all];
  throw new StateError(`${name} is ${shown(value)}`, {
    operation,
    remedy: `Use a whole number, ${least} or more, for all axes, or a list with one for each (${count} here)`,
  });
}

/** For how many axes a list is. @throws StateError for what is no list */
export function axesIn(operation: string, name: string, value: unknown): number {
  if (Array.isArray(value)) return value.length;
  throw new StateError(`${name} is ${shown(value)}`, {
    operation,
    remedy: "Use a whole number for all axes, or a list with one for each",
  });
}

/** From the first to the last element of a window. */
export const spanOf = (window: number, dilation: number): number => (window - 1) * dilation + 1;

/** Padding in numbers: a pair [before, behind] for each axis. @throws StateError for what is none */
export function pairsOf(operation: string, padding: unknown, count: number): number[][] {
  if (padding === "valid") return pairsOf(operation, 0, count);
  const all = typeof padding === "number" ? new Array<number>(count).fill(padding) : padding;
  if (Array.isArray(all) && all.length === count) {
    const pairs = all.map((one: unknown) => (typeof one === "number" ? [one, one] : one));
    const isPair = (pair: unknown): pair is number[] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((n) => isWhole(n, 0));
    if (pairs.every(isPair)) return pairs;
  }
  throw new StateError(`padding is ${shown(padding)}`, {
    operation,
    remedy: `Use "same", "valid", a whole number, 0 or more, or a list with a number or a pair [before, behind] for each axis (${count} here)`,
  });
}

/** As much as gives ceil(size / stride) places. */
function samePairs(
  sizes: readonly number[],
  { window, strides, dilation }: Omit<Slide, "low" | "high">,
): number[][] {
  return sizes.map((size, i) => {
    const places = Math.ceil(size / strides[i]);
    const total = Math.max(0, (places - 1) * strides[i] + spanOf(window[i], dilation[i]) - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/**
 * A window on axes of the given sizes, by options. @throws StateError for options that are none, ShapeError where the
 * window does not fit
 */
export function slideOf(
  operation: string,
  sizes: Shape,
  window: readonly number[],
  options: SlideOptions,
  defaultStrides: PerAxis = 1,
): Slide {
  const { strides: givenStrides = defaultStrides, padding = "valid", dilation: givenDilation = 1 } = options;
  const strides = perAxis(operation, "strides", givenStrides, sizes.length);
  const dilation = perAxis(operation, "dilation", givenDilation, sizes.length);
  const slide = { window, strides, dilation };
  const pairs = padding === "same" ? samePairs(sizes, slide) : pairsOf(operation, padding, sizes.length);
  const [low, high] = [0, 1].map((side) => pairs.map((pair) => pair[side]));
  sizes.forEach((size, i) => {
    const span = spanOf(window[i], dilation[i]);
    if (span <= size + low[i] + high[i]) return;
    const around = low[i] + high[i] === 0 ? "" : ` with padding ${low[i]} and ${high[i]}`;
    throw new ShapeError(
      `window ${formatShape(window)} does not fit ${formatShape(sizes)}: it spans ${span} where there are ${size}${around}`,
      {
        operation,
        shapes: [sizes, window],
        remedy: 'Use a smaller window or dilation, or padding such as "same"',
      },
    );
  });
  return { ...slide, low, high };
}
