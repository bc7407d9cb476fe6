import * as core from "@cotangent/core";
import { explainPlan } from "@cotangent/wasm";
import fc from "fast-check";
import { Point } from "../gradients/support/point.ts";
import { casesOf as pointsOf } from "../gradients/support/row.ts";
import { SEED } from "../gradients/support/run.ts";
import { CORE } from "../gradients/table/index.ts";
import { type Argument, caseFiles, casesOf, grouped, type OracleCase } from "../oracle/support/cases.ts";
import { callOf } from "../oracle/support/check.ts";
import { tensorsIn } from "../oracle/support/operations.ts";

type Tensor = core.Tensor;

/** What an operation does, found out by calling it. */
export interface Measured {
  /** The dtypes of results for each dtype of arguments that is accepted; empty for functions of functions. */
  readonly results: ReadonlyMap<core.DType, ReadonlySet<core.DType>>;
  /** The highest order of derivatives, up to 3, that is not 0 everywhere; null where there is no derivative. */
  readonly order: number | null;
  /** The kinds of kernels that the wasm engine makes for it. */
  readonly kernels: ReadonlySet<string>;
}

/** A call as a function of its floating tensors, and those. */
interface Call {
  readonly call: (...xs: Tensor[]) => Tensor;
  readonly xs: readonly Tensor[];
}

const groups = grouped(caseFiles().flatMap(casesOf));

/** Derivatives are tried in so many cases. */
const ENOUGH = 6;
const HIGHEST = 3;

/**
 * Measures an operation by its cases in test/oracle, which are of every dtype that it accepts (coverage.test.ts there), or
 * else by the rows of test/gradients that cover it. @throws Error where there are neither
 */
export function measure(name: string): Measured {
  const cases = new Map(core.DTYPES.map((dtype) => [dtype, groups.get(`${name} ${dtype}`) ?? []]));
  const calls = [...cases.values()].some((of) => of.length > 0)
    ? (cases.get("float64") as OracleCase[]).filter(tellsDerivatives).map(callOf)
    : callsOfRows(name);
  const made = [...[...cases.values()].map((of) => of.map(callOf)), calls].map((list) =>
    list.map(({ call, xs }) => call(...xs)),
  );
  if (made.flat().length === 0)
    throw new Error(`${name} has neither cases in test/oracle nor a row in test/gradients`);
  return {
    results: new Map(
      [...cases].flatMap(([dtype, of]) => {
        const results = resultsOf(dtype, of);
        return results.size === 0 ? [] : [[dtype, results]];
      }),
    ),
    kernels: new Set(made.filter((list) => list.length > 0).flatMap(kernelsOf)),
    order: orderOf(calls.slice(0, ENOUGH)),
  };
}

const tellsDerivatives = ({ out }: OracleCase): boolean => core.isFloating(out.dtype) && out.data.length > 0;

/**
 * The dtypes of results for arguments of one dtype: several where callers ask for one. What is accepted beside others only,
 * which promote it, does not count.
 */
function resultsOf(dtype: core.DType, cases: readonly OracleCase[]): ReadonlySet<core.DType> {
  const alone = cases.filter(({ args }) => args.every((arg) => isOf(dtype, arg)));
  const results = new Set((alone.length > 0 ? alone : cases).map(dtypeOf));
  if (results.size <= 1 || cases.some(({ args }) => args.some(asksForDtype))) return results;
  if (alone.length === 0 && !results.has(dtype)) return new Set();
  // Of several results that a call has, counts and places are others.
  if (results.has(dtype)) return new Set([dtype]);
  return new Set([core.DTYPES.find((lowest) => results.has(lowest)) as core.DType]);
}

/** Whether no tensor or number of an argument brings in another dtype. */
const isOf = (dtype: core.DType, arg: Argument): boolean =>
  typeof arg === "number"
    ? core.isFloating(dtype) || Number.isInteger(arg)
    : tensorsIn(arg).every((x) => x.dtype === dtype);

function dtypeOf(item: OracleCase): core.DType {
  const { call, xs } = callOf(item);
  return call(...xs).dtype;
}

/** Whether an argument, or an option, is a dtype. */
function asksForDtype(arg: Argument): boolean {
  if (typeof arg === "string") return core.DTYPES.includes(arg as core.DType);
  if (typeof arg !== "object" || arg === null || tensorsIn(arg).length > 0) return false;
  return Object.values(arg).some(asksForDtype);
}

/** The kinds of kernels for the largest of several results, which the engine in use computes, too. */
function kernelsOf(results: readonly Tensor[]): string[] {
  const largest = results.reduce((best, x) => (x.size > best.size ? x : best));
  const { kernels } = explainPlan(largest);
  core.evaluate(largest);
  return kernels.map(({ kind }) => kind);
}

const callsOfRows = (name: string): Call[] =>
  CORE.filter(({ covers }) => covers.includes(name))
    .flatMap((row) => fc.sample(pointsOf(row), { seed: SEED, numRuns: ENOUGH }))
    .map((item) => new Point(item))
    .map(({ f, args }) => ({ call: f, xs: args }));

function orderOf(calls: readonly Call[]): number | null {
  const orders = calls.map(orderAt).filter((order) => order !== null);
  return orders.length === 0 ? null : Math.max(...orders);
}

/** A scalar in which nothing of a tensor cancels. */
const weighted = (x: Tensor, phase: number): Tensor =>
  x.mul(core.arange(0, x.size, 1, { dtype: x.dtype }).add(phase).sin().add(2).reshape(x.shape)).sum();

const sumOf = (xs: readonly Tensor[], phase: number): Tensor =>
  xs.map((x, i) => weighted(x, phase + i / 4)).reduce((sum, term) => sum.add(term));

function orderAt({ call, xs }: Call): number | null {
  const y = call(...xs);
  if (xs.length === 0 || !core.isFloating(y.dtype)) return null;
  let scalar = (...all: Tensor[]): Tensor => weighted(call(...all), 0);
  let highest: number | null = null;
  for (let order = 1; order <= HIGHEST; order++) {
    const gradient = core.grad(scalar, { argnums: xs.map((_, i) => i) }) as unknown as (
      ...all: Tensor[]
    ) => Tensor[];
    const values = gradientsAt(gradient, xs);
    if (values === null) break;
    if (values.some((value) => Number.isFinite(value) && value !== 0)) highest = order;
    else if (highest === null) highest = 0;
    scalar = (...all) => sumOf(gradient(...all), order);
  }
  return highest;
}

/** The elements of all gradients, or null where there are none. */
function gradientsAt(gradient: (...all: Tensor[]) => Tensor[], xs: readonly Tensor[]): number[] | null {
  try {
    return gradient(...xs).flatMap((g) => [...g.dataSync()]);
  } catch (error) {
    if (error instanceof core.GradientError) return null;
    throw error;
  }
}
