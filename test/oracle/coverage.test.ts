import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { NO_OPERATIONS, OF_CORE, OF_NN } from "../exports.ts";
import { type Argument, caseFiles, casesOf, grouped, type OracleCase } from "./support/cases.ts";
import { operation, tensorOf, tensorsIn, withTensors } from "./support/operations.ts";

/** Layers that hand their input on to one operation, and what makes them. */
const layers = (reason: string, ...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [name, `${reason}: packages/nn/test/convolution.test.ts`],
      [`${name[0].toLowerCase()}${name.slice(1)}`, `makes a ${name}`],
    ]),
  );

/** Exported functions that the cases do not name, and why. */
const OTHERS: Readonly<Record<string, string>> = {
  ...NO_OPERATIONS,
  variable: "holds a tensor; takes any",
  runtimeNumber: "a number that is read at each call",
  withValues: "runs a function with other values of variables",
  compile: "a transform",
  scan: "as its unrolled loop: packages/core/test/control",
  forLoop: "as its unrolled loop: packages/core/test/control",
  whileLoop: "as its unrolled loop: packages/core/test/control",
  cond: "as its unrolled loop: packages/core/test/control",
  switchCase: "as its unrolled loop: packages/core/test/control",
  map: "as its unrolled loop: packages/core/test/control",
  associativeScan: "as its unrolled loop: packages/core/test/control",
  grad: "a transform: checked through vjp",
  valueAndGrad: "a transform: checked through vjp",
  gradients: "a transform: checked through vjp",
  vjp: "a transform: every case with a gradient checks it",
  jvp: "a transform: test/gradients compares it with vjp",
  linearTranspose: "a transform: vjp of what is linear",
  linearize: "a transform: test/gradients compares it with differences",
  customVjp: "a transform: test/gradients compares it with differences",
  customJvp: "a transform: test/gradients compares it with differences",
  checkpoint: "a transform: test/gradients compares it with differences",
  vmap: "a transform: test/gradients compares it with a stack",
  Sequential: "calls layers",
  sequential: "makes layers",
  dense: "makes a Dense",
  dropout: "makes a Dropout",
  flatten: "makes a Flatten",
  layerNorm: "makes a LayerNorm",
  activation: "makes an Activation",
  ...layers("calls conv", "Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D"),
  ...layers("calls convTranspose", "ConvTranspose1D", "ConvTranspose2D", "ConvTranspose3D"),
  ...layers("calls maxPool", "MaxPool1D", "MaxPool2D", "MaxPool3D"),
  ...layers("calls averagePool", "AveragePool1D", "AveragePool2D", "AveragePool3D"),
  ...layers("calls mean", "GlobalAveragePool"),
  ...layers("calls max", "GlobalMaxPool"),
  ...layers("calls take", "Embedding"),
  functionalCall: "the cases of Dense go through it",
};

const AT_LEAST = 4;

const exported = new Set([...OF_CORE, ...OF_NN]);
const groups = grouped(caseFiles().flatMap(casesOf));
const byOperation = new Map<string, OracleCase[]>();
for (const item of [...groups.values()].flat()) {
  byOperation.set(item.op, [...(byOperation.get(item.op) ?? []), item]);
}
const countOf = (op: string, dtype: core.DType): number => groups.get(`${op} ${dtype}`)?.length ?? 0;

/** The arguments with `to` in the place of the dtype `from`, or null where it does not occur. */
function retyped(args: readonly Argument[], from: core.DType, to: core.DType): Argument[] | null {
  let found = false;
  const change = (arg: Argument): Argument => {
    if (typeof arg !== "object" || arg === null) return arg;
    if (Array.isArray(arg)) return arg.map(change);
    const entries = Object.entries(arg as Readonly<Record<string, Argument>>);
    return Object.fromEntries(
      entries.map(([key, value]) => {
        if (key !== "dtype" || value !== from) return [key, change(value)];
        found = true;
        return [key, to];
      }),
    );
  };
  const changed = args.map(change);
  return found ? changed : null;
}

/** The cases of an operation that also run with another dtype, as texts. */
function acceptedWith(op: string, dtype: core.DType): string[] {
  return (byOperation.get(op) ?? []).flatMap((item) => {
    const args = retyped(item.args, item.dtype, dtype);
    if (args === null) return [];
    try {
      operation(op)(...withTensors(args, args.flatMap(tensorsIn).map(tensorOf)));
    } catch (error) {
      if (error instanceof core.DTypeError || error instanceof core.GradientError) return [];
    }
    return [JSON.stringify(args)];
  });
}

describe("every operation has cases for every dtype that it accepts", () => {
  test("every exported function is an operation with cases, or in the list of others", () => {
    const missing = [...exported].filter((name) => !byOperation.has(name) && !(name in OTHERS));
    expect(missing).toEqual([]);
  });

  test("the list of others and the cases name nothing that is not exported, and nothing twice", () => {
    expect([...byOperation.keys(), ...Object.keys(OTHERS)].filter((name) => !exported.has(name))).toEqual([]);
    expect(Object.keys(OTHERS).filter((name) => byOperation.has(name))).toEqual([]);
  });

  test.each([...byOperation.keys()])("%s", (op) => {
    for (const dtype of core.DTYPES) {
      const count = countOf(op, dtype);
      if (count >= AT_LEAST) continue;
      // Without cases of a dtype, every call must refuse it.
      expect(acceptedWith(op, dtype), `${op} accepts ${dtype}, but has ${count} cases of it`).toEqual([]);
      expect(count, `${op} has few cases of ${dtype}`).toBe(0);
    }
  });
});

describe("every operation with derivatives has cases of them", () => {
  /** Operations without a derivative, or whose floating results do not depend on floating arguments. */
  const WITHOUT =
    /^(isNaN|isFinite|isInf|floorDivide|bitwise.*|leftShift|rightShift|bitcast|equal|notEqual|less|lessEqual|greater|greaterEqual|logical.*|any|all|argmax|argmin|cast|oneHot|onesLike|zerosLike|full|zeros|ones|arange|eye|tensor|random\..*|initializers\..*|fullLike|linspace|logspace|argsort|argpartition|argwhere|nonzero|searchsorted|digitize|isClose|allClose)$/;
  const differentiable = [...byOperation.keys()].filter((op) => !WITHOUT.test(op));

  test.each(differentiable)("%s", (op) => {
    for (const dtype of ["float32", "float64"] as const) {
      const cases = groups.get(`${op} ${dtype}`) ?? [];
      expect(cases.filter(({ grads }) => grads !== undefined).length).toBeGreaterThanOrEqual(3);
      expect(cases.filter(({ second }) => second !== undefined).length).toBeGreaterThanOrEqual(3);
    }
  });
});
