/**
 * A mask ends at a contraction. Carried through, it would cost every layer behind a relu (whose cotangent is a mask) a
 * second contraction.
 */
export const CONTRACTIONS: readonly string[] = [
  "matmul",
  "dot",
  "dot of NumPy",
  "inner",
  "tensordot",
  "einsum",
  "eye",
  "cov and corrcoef",
  "conv with every parameter",
  "conv",
  "depthwiseConv",
  "convTranspose",
  "convolve",
  "correlate",
  "resize",
  "convolution layers",
  "attention",
  "Dense",
  "Sequential",
  "Dropout in a model",
  "jacobian of both modes",
];

/** A rule of a user's own, and a checkpoint that is mapped, are given the cotangent as a value: the mask ends there. */
export const RULES: readonly string[] = [
  "customVjp",
  "customVjp of trees",
  "customVjp under vmap",
  "gradient of customVjp",
  "nested checkpoints",
  "checkpoint under vmap",
];

/** Loops and branches are given cotangents as values, and carry values from step to step. */
export const CONTROL: readonly string[] = [
  "scan",
  "scan from the last, in pieces",
  "forLoop",
  "whileLoop",
  "cond",
  "switchCase",
  "map",
  "map of vmap",
];

/** Whether a row of that name carries masks from its result to its arguments. */
export const carriesMasks = (name: string): boolean =>
  ![CONTRACTIONS, RULES, CONTROL].some((names) => names.includes(name));
