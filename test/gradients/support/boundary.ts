import { grad, jvp, onesLike, type Tensor, tensor } from "@cotangent/core";
import { describe, expect, test } from "vitest";

/** What a function of one argument gives at a point: value, gradient of its sum, and the gradient of that one's sum. */
export interface Orders {
  readonly value: number[];
  readonly first: number[];
  readonly second: number[];
}

const sumOf = (f: (x: Tensor) => Tensor) => (x: Tensor) => f(x).sum();

export const float64 = (values: readonly number[]): Tensor => tensor(new Float64Array(values));

export const numbers = (x: Tensor): number[] => [...x.dataSync()];

/** Value, first and second derivative at `at`, in reverse mode; forward mode must agree on their sums. */
export function ordersAt(f: (x: Tensor) => Tensor, at: readonly number[]): Orders {
  const x = float64(at);
  const first = grad(sumOf(f));
  const second = grad(sumOf(first));
  const ones = onesLike(x);
  const forward = jvp(sumOf(f), [x], [ones])[1].item();
  const twice = jvp((z: Tensor) => jvp(sumOf(f), [z], [ones])[1], [x], [ones])[1].item();
  const result = { value: numbers(f(x)), first: numbers(first(x)), second: numbers(second(x)) };
  agree(forward, result.first);
  agree(twice, result.second);
  return result;
}

/** Forward mode along ones gives the sum of what reverse mode gives. */
function agree(forward: number, reverse: readonly number[]): void {
  const sum = reverse.reduce((total, x) => total + x, 0);
  if (Number.isFinite(sum)) expect(forward).toBeCloseTo(sum, 9);
  else expect(forward).toBe(sum);
}

/** Equal up to rounding; NaN equals NaN, 0 equals -0. */
export function expectNumbers(actual: readonly number[], expected: readonly number[], what = ""): void {
  expect(actual.length, what).toBe(expected.length);
  actual.forEach((x, i) => {
    const y = expected[i];
    const near = Number.isFinite(y) && Math.abs(x - y) <= 1e-12 * Math.max(1, Math.abs(y));
    const close = Object.is(x, y) || x === y || near;
    expect(close, `${what}: element ${i} is ${x}, not ${y}`).toBe(true);
  });
}

/** A function at points: value, first and second derivative for each element; undefined where nothing is decided. */
export type Line = readonly [
  what: string,
  f: (x: Tensor) => Tensor,
  at: readonly number[],
  value: readonly number[],
  first?: readonly number[],
  second?: readonly number[],
];

export function checkLine([what, f, at, value, first, second]: Line): void {
  const actual = ordersAt(f, at);
  expectNumbers(actual.value, value, `${what}, value`);
  if (first !== undefined) expectNumbers(actual.first, first, `${what}, first derivative`);
  if (second !== undefined) expectNumbers(actual.second, second, `${what}, second derivative`);
}

/** A test for each line. */
export function table(title: string, lines: readonly Line[]): void {
  describe(title, () => {
    test.each(lines.map((line) => [line[0], line] as const))("%s", (_, line) => checkLine(line));
  });
}
