/**
 * Matchers for vitest.
 * @packageDocumentation
 */
export {};
