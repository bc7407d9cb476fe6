import type { SizeLine } from "./line.ts";

/** A small program that takes a gradient, bundled for browsers, minified, gzipped. */
export const bundleGrad: SizeLine = {
  name: "bundle-grad",
  title: "bundle of a program that uses grad, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "grad" },
};

/** The same with all that the package exports. */
export const bundleEverything: SizeLine = {
  name: "bundle-everything",
  title: "bundle of all of the library, gzipped",
  measure: "size",
  unit: "bytes",
  work: { kind: "bundle", program: "everything" },
};
