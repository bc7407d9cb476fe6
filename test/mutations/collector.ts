import assert from "node:assert";

/**
 * What stands for vitest where tests of boundary points are bundled into the command: it collects tests, so that they run
 * when they are asked, thousands of times, and each by itself.
 */

export interface CollectedTest {
  readonly name: string;
  run(): void;
}

export const collected: CollectedTest[] = [];

const path: string[] = [];

export function describe(name: string, body: () => void): void {
  path.push(name);
  body();
  path.pop();
}

export function test(name: string, run: () => void): void {
  collected.push({ name: [...path, name].join(" > "), run });
}

/** A test (or a group of them) for each row: an array is a list of arguments. */
const each =
  (make: (name: string, body: () => void) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, body: (...row: readonly unknown[]) => void): void => {
    for (const row of rows) {
      const args = Array.isArray(row) ? row : [row];
      make(name.replace("%s", String(args[0])), () => body(...args));
    }
  };

describe.each = each(describe);
test.each = each(test);

const matches = (message: string, pattern: RegExp | string): boolean =>
  typeof pattern === "string" ? message.includes(pattern) : pattern.test(message);

/** The comparisons that those tests use. */
const MATCHERS: Readonly<Record<string, (actual: never, expected: never, digits?: number) => boolean>> = {
  toBe: (actual: unknown, expected: unknown) => Object.is(actual, expected),
  toEqual: (actual: unknown, expected: unknown) => isDeepStrictEqual(actual, expected),
  toBeCloseTo: (actual: number, expected: number, digits = 2) =>
    actual === expected || Math.abs(actual - expected) < 10 ** -digits / 2,
  toBeGreaterThanOrEqual: (actual: number, expected: number) => actual >= expected,
  toBeLessThan: (actual: number, expected: number) => actual < expected,
  toBeGreaterThan: (actual: number, expected: number) => actual > expected,
  toContain: (actual: readonly unknown[], expected: unknown) => actual.includes(expected),
  toMatch: (actual: string, expected: RegExp | string) => matches(actual, expected),
  toThrow: (actual: () => unknown, expected?: unknown) => throws(actual, expected),
};

function isDeepStrictEqual(actual: unknown, expected: unknown): boolean {
  try {
    assert.deepStrictEqual(actual, expected);
    return true;
  } catch {
    return false;
  }
}

function throws(body: () => unknown, expected: unknown): boolean {
  try {
    body();
    return false;
  } catch (error) {
    if (expected === undefined) return true;
    if (typeof expected === "function") return error instanceof expected;
    return matches(String((error as Error).message), expected as RegExp | string);
  }
}

type Assertion = Record<string, (...expected: unknown[]) => void>;

/** @throws AssertionError when a comparison fails */
export function expect(actual: unknown, what = ""): Assertion & { readonly not: Assertion } {
  const assertion = (wanted: boolean): Assertion =>
    Object.fromEntries(
      Object.entries(MATCHERS).map(([name, matcher]) => [
        name,
        (...[expected, digits]: unknown[]) =>
          assert(matcher(actual as never, expected as never, digits as number) === wanted, `${what} ${name}`),
      ]),
    );
  return { ...assertion(true), not: assertion(false) } as Assertion & { readonly not: Assertion };
}
