import type { SizeLine } from "./line.ts";

/** A small program that takes a gradient with the fast engine, bundled for browsers, minified, gzipped. */
export const bundleGrad: SizeLine = {
  name: "bundle-grad",
  title: "bundle of a program that uses grad with wasm, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "grad" },
};

/** The same with the engine that Cotangent has without asking for one, for programs in which size counts more. */
export const bundleSmall: SizeLine = {
  name: "bundle-small",
  title: "bundle of a program that uses grad with the default engine, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "small" },
};

/** The same with all that the package exports. */
export const bundleEverything: SizeLine = {
  name: "bundle-everything",
  title: "bundle of all of the library, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "everything" },
};
