import type { Arbitrary } from "fast-check";
import { test as vitestTest } from "vitest";
import { checkProperty, type PropertyOptions } from "./property.ts";

/** How a test of gradients runs. */
export interface GradientsOptions extends PropertyOptions {
  /** Milliseconds; vitest's own unless given. */
  readonly timeout?: number;
}

/** Makes a test that checks the gradients of f at random arguments, one arbitrary for each. */
export type DefineGradientsTest = <A extends unknown[]>(
  name: string,
  f: (...args: A) => unknown,
  arbitraries: { readonly [K in keyof A]: Arbitrary<A[K]> },
  options?: GradientsOptions,
) => void;

/** `test.gradients`, with the variants of vitest's `test` that single tests out. */
export interface GradientsTest extends DefineGradientsTest {
  /** Runs this test alone. */
  readonly only: DefineGradientsTest;
  /** Leaves this test out. */
  readonly skip: DefineGradientsTest;
}

type Define = (name: string, options: { timeout?: number }, body: () => Promise<void>) => void;

const defining =
  (define: Define): DefineGradientsTest =>
  (name, f, arbitraries, { timeout, ...options } = {}) =>
    define(name, timeout === undefined ? {} : { timeout }, () => checkProperty(f, arbitraries, options));

const gradients: GradientsTest = Object.assign(defining(vitestTest), {
  only: defining(vitestTest.only),
  skip: defining(vitestTest.skip),
});

/**
 * vitest's `test`, and `test.gradients(name, f, arbitraries, options)`: a property-based test that the gradients of f are
 * right at random arguments. A failure shows the smallest such arguments as TypeScript, with seed and path.
 */
export const test: typeof vitestTest & { readonly gradients: GradientsTest } = Object.assign(
  vitestTest.extend({}),
  {
    gradients,
  },
);
