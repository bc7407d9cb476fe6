import { readdirSync, readFileSync } from "node:fs";
import * as core from "@cotangent/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_OPERATIONS, OF_CORE, OF_NN } from "../exports.ts";
import { Point } from "./support/point.ts";
import { primitivesIn } from "./support/primitive.ts";
import { casesOf } from "./support/row.ts";
import { SEED } from "./support/run.ts";
import { TABLE } from "./table/index.ts";

/** Exported functions that the table does not name, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  ...NO_OPERATIONS,
  stopGradient: "its derivative is 0 although its value is not constant: boundaries/scalar.test.ts",
};

/** Primitives that no row reaches, and why. */
const UNREACHED: Readonly<Record<string, string>> = {
  input: "a placeholder, replaced before anything is computed",
};

const covered = new Set(TABLE.flatMap((row) => row.covers));
const exported = new Set([...OF_CORE, ...OF_NN]);

test.each([
  ["@cotangent/core", OF_CORE],
  ["@cotangent/nn", OF_NN],
])("every function exported by %s is in the table or in the list of others", (_, names) => {
  expect(names.filter((name) => !covered.has(name) && !(name in OTHERS))).toEqual([]);
});

test("the table and the list of others name nothing that is not exported, and nothing twice", () => {
  const named = [...covered, ...Object.keys(OTHERS)];
  expect(named.filter((name) => !exported.has(name))).toEqual([]);
  expect(Object.keys(OTHERS).filter((name) => covered.has(name))).toEqual([]);
  const rows = TABLE.map(({ name }) => name);
  expect(rows.filter((name, i) => rows.indexOf(name) !== i)).toEqual([]);
});

/** Methods that are no function of that name, and why. */
const METHODS_ONLY: Readonly<Record<string, string>> = {
  flatten: "ravel by the name that PyTorch gives it; nn's function makes a layer",
  trace: "optim's function keeps a decaying sum of gradients",
};

/** Functions in the table that have no boundary points, and why. */
const WITHOUT_BOUNDARIES: Readonly<Record<string, string>> = {
  bitwiseOr: "no derivative: values in test/oracle",
  bitwiseXor: "no derivative: values in test/oracle",
  rightShift: "no derivative: values in test/oracle",
  logicalAnd: "no derivative, and only two numbers",
  logicalOr: "no derivative, and only two numbers",
  logicalXor: "no derivative, and only two numbers",
  logicalNot: "no derivative, and only two numbers",
  oneHot: "no derivative: values in test/oracle",
  expandDims: "moves numbers as they are",
  squeeze: "moves numbers as they are",
  gather: "as take, with the same primitive",
  zerosLike: "a constant",
  eye: "a constant",
  valueAndGrad: "as grad",
  vjp: "as grad",
  compile: "the same graph: packages/core/test/programs.test.ts",
  linearize: "as jvp",
  linearTranspose: "as vjp",
  customVjp: "what the user's rule says",
  customJvp: "what the user's rule says",
  withValues: "runs a function",
  runtimeNumber: "a number that is read at each call",
  functionalCall: "runs a module",
  forLoop: "edges of loops and branches: packages/core/test/control",
  whileLoop: "edges of loops and branches: packages/core/test/control",
  cond: "edges of loops and branches: packages/core/test/control",
  switchCase: "edges of loops and branches: packages/core/test/control",
  associativeScan: "edges of loops and branches: packages/core/test/control",
};

/** Layers are made of operations that have boundary points, draws are constants to derivatives. */
const MADE_OF_OTHERS =
  /^(random\..*|initializers\..*|Dense|dense|Flatten|flatten|Dropout|dropout|LayerNorm|layerNorm|Sequential|sequential|Activation|activation|[cC]onv(Transpose)?[123]D|[dD]epthwiseConv2D|([mM]ax|[aA]verage)Pool[123]D|[gG]lobal(Max|Average)Pool|[eE]mbedding)$/;

test("every function in the table has boundary points, or a reason why not", () => {
  const folder = new URL("boundaries/", import.meta.url);
  const text = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const stands = (name: string): boolean =>
    text.some((one) => new RegExp(`\\b${name.replace(/^losses\./, "")}\\b`).test(one));
  const wanted = [...covered].filter((name) => !MADE_OF_OTHERS.test(name));
  expect(wanted.filter((name) => !stands(name) && !(name in WITHOUT_BOUNDARIES))).toEqual([]);
  expect(Object.keys(WITHOUT_BOUNDARIES).filter((name) => !covered.has(name) || stands(name))).toEqual([]);
});

test("every method that makes tensors is an exported function", () => {
  const reading = [
    "constructor",
    "data",
    "dataSync",
    "array",
    "arraySync",
    "item",
    "toString",
    "toLatex",
    "toJSON",
  ];
  const methods = Object.getOwnPropertyNames(core.Tensor.prototype).filter(
    (name) => typeof Object.getOwnPropertyDescriptor(core.Tensor.prototype, name)?.value === "function",
  );
  expect(
    methods.filter((name) => !OF_CORE.includes(name) && !reading.includes(name) && !(name in METHODS_ONLY)),
  ).toEqual([]);
});

test("every primitive is reached by some row, in values or in derivatives", () => {
  const reached = new Set<string>();
  for (const row of TABLE) {
    for (const item of fc.sample(casesOf(row), { seed: SEED, numRuns: 8 })) {
      const point = new Point(item);
      const { args, tangents } = point;
      const made = [point.f(...args), point.pushed(tangents)(...args), ...point.gradient(...args)];
      for (const name of primitivesIn(made)) reached.add(name);
    }
  }
  const missing = core.primitives().filter(({ name }) => !reached.has(name));
  expect(missing.map(({ name }) => name).sort()).toEqual(Object.keys(UNREACHED).sort());
});
