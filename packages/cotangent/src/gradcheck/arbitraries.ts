/**
 * Random inputs for property-based tests, for fast-check.
 * @packageDocumentation
 */
export * from "@cotangent/gradcheck/arbitraries";
