/**
 * Matchers for vitest.
 * @packageDocumentation
 */
export * from "@cotangent/gradcheck/vitest";
