/**
 * The door to Cotangent: all of core, nn, optim and train. Images and data sets are in `cotangent/data`.
 * @packageDocumentation
 */
export * from "@cotangent/core";
export * from "@cotangent/nn";
export * from "@cotangent/optim";
export * from "@cotangent/train";
