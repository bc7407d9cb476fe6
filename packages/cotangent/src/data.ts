/**
 * Images, data sets and batches.
 * @packageDocumentation
 */
export * from "@cotangent/data";
