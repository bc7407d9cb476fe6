import { activations } from "./activations.ts";
import { arrays } from "./arrays.ts";
import { brackets } from "./at.ts";
import { convolutions } from "./convolution.ts";
import { creation } from "./creation.ts";
import { discrete } from "./discrete.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import type { Operations } from "./operation.ts";
import { products } from "./products.ts";
import { random } from "./random.ts";
import { reductions } from "./reductions.ts";
import { transforms } from "./transforms.ts";

/** Every operation that programs are made of; the first is the one that steps shrink to. */
export const OPERATIONS: Operations = {
  ...elementwise,
  ...activations,
  ...reductions,
  ...movement,
  ...products,
  ...convolutions,
  ...indexing,
  ...brackets,
  ...arrays,
  ...discrete,
  ...creation,
  ...random,
  ...transforms,
};

/** Core's functions that make tensors out of tensors and are no steps of programs, and why. */
export const NO_STEPS: Readonly<Record<string, string>> = {
  variable: "what it makes holds state: a program is a function of its inputs alone",
  withValues: "gives variables other values, and programs have none",
  sparseHessian: "gives a sparse matrix; hessianDiagonal has the same parts",
  sparseJacobian: "gives a sparse matrix; hessianDiagonal has the same parts",
  scan: "has random programs of its own, against unrolled loops: packages/core/test/control",
  forLoop: "has random programs of its own, against unrolled loops: packages/core/test/control",
  whileLoop: "has random programs of its own, against unrolled loops: packages/core/test/control",
  cond: "has random programs of its own, against unrolled loops: packages/core/test/control",
  switchCase: "has random programs of its own, against unrolled loops: packages/core/test/control",
  map: "has random programs of its own, against unrolled loops: packages/core/test/control",
  associativeScan: "has random programs of its own, against unrolled loops: packages/core/test/control",
  runtimeNumber: "reads a number from outside of the graph",
};
