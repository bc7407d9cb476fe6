import type { SizeLine } from "./line.ts";

/** A small program that takes a gradient with the engine that it has without asking for one; bundled for browsers, minified. */
export const bundleGrad: SizeLine = {
  name: "bundle-grad",
  title: "bundle of a program that uses grad, wasm engine included, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "grad" },
};

/** The same with @cotangent/core alone, whose reference engine computes, for programs in which size counts most. */
export const bundleCore: SizeLine = {
  name: "bundle-core",
  title: "bundle of a program that uses grad of core alone, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "core" },
};

/** A program that uses all that the library exports. */
export const bundleEverything: SizeLine = {
  name: "bundle-everything",
  title: "bundle of all of the library, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "everything" },
};
