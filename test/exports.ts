import * as core from "@cotangent/core";
import * as nn from "@cotangent/nn";

const isError = (value: unknown): boolean => typeof value === "function" && value.prototype instanceof Error;

const functionsIn = (module: object, prefix = ""): string[] =>
  Object.entries(module)
    .filter(([, value]) => typeof value === "function" && !isError(value))
    .map(([name]) => prefix + name);

/** The functions that core exports, and nn: `random.normal`, `losses.huber` and the like among them. */
export const OF_CORE: readonly string[] = [...functionsIn(core), ...functionsIn(core.random, "random.")];
export const OF_NN: readonly string[] = [
  ...functionsIn(nn),
  ...functionsIn(nn.losses, "losses."),
  ...functionsIn(nn.initializers, "initializers."),
];

/** Those that make no tensors out of tensors, and what they do instead. */
export const NO_OPERATIONS: Readonly<Record<string, string>> = {
  Tensor: "the class of tensors; its methods are the functions",
  Variable: "the class of variables; see `variable`",
  Storage: "holds bytes",
  SparseMatrix: "what sparseHessian gives",
  primitives: "a list of definitions",
  isTensor: "a test of type",
  guarded: "reads state of the library",
  setDebugMode: "about debugging",
  isDebugMode: "about debugging",
  atEachCall: "runs an action",
  traceLocal: "keeps state of the library",
  formula: "text",
  symbol: "has no value; packages/core/test/formulas.test.ts and symbols.test.ts",
  substitute: "rewrites formulas: packages/core/test/symbols.test.ts",
  simplify: "rewrites formulas, values kept: packages/core/test/simplify.test.ts",
  derivative: "gradients, simplified: packages/core/test/formulas.test.ts compares both",
  printGraph: "text",
  evaluate: "computes what was built",
  originOf: "about debugging",
  withOrigins: "about debugging",
  graphOf: "shows a graph",
  replay: "builds a graph again; packages/core/test/graph.test.ts",
  planCount: "counts plans",
  programOf: "shows a plan",
  outOfRange: "makes an error",
  loopInputs: "takes apart what a loop is given",
  setDefaultEngine: "chooses an engine",
  getEngine: "about engines",
  setEngine: "about engines",
  isFloating: "about dtypes",
  createArray: "makes a typed array",
  promote: "about dtypes",
  broadcastShapes: "about shapes",
  formatShape: "about shapes",
  describeValue: "text",
  range: "names places of an axis, for at",
  checkOptions: "checks an argument",
  flattenTree: "about trees",
  "random.seed": "sets the default generator",
  "random.withSeed": "sets the default generator",
  Module: "the base class of layers",
  serializeState: "writes bytes",
  deserializeState: "reads bytes",
};
