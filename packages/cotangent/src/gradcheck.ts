/**
 * Gradient checks.
 * @packageDocumentation
 */
export * from "@cotangent/gradcheck";
