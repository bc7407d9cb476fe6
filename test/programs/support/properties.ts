import { type Engine, grad, graphOf, jvp, programOf, stack, type Tensor, vmap } from "@cotangent/core";
import { checkGradients, type Verdict } from "@cotangent/gradcheck";
import type { EngineCase } from "../../engines/support/case.ts";
import { checkCase } from "../../engines/support/check.ts";
import type { Figures } from "../../engines/support/figures.ts";
import { ofKind, PropertyFailure } from "./failure.ts";
import { directionsLike, gradientOf, inner, type Point, pushedBy, read, resultsOf } from "./point.ts";

/** Along one random direction: a wrong derivative shows there, too. */
const OPTIONS = { order: 2, directions: 1, modes: ["reverse", "forwardOverReverse"] } as const;

/** Gradients of first and second order against finite differences. What they could not decide is handed back. */
export function gradientsAreRight({ f, inputs }: Point): Verdict {
  const name = "gradientsAreRight";
  return ofKind(name, () => {
    const report = checkGradients(f, inputs, OPTIONS);
    if (report.verdict !== "wrong") return report.verdict;
    const [{ check, message }] = report.findings;
    throw new PropertyFailure(`${name}: ${check}`, message);
  });
}

/** What rounding may add up to in a float64 derivative, relative to the terms that it is a sum of. */
const ROUNDING = 1e-9;

type Arrays = readonly ArrayLike<number>[];

const total = (arrays: Arrays): number =>
  arrays.reduce((sum, array) => sum + Array.from(array).reduce((a, b) => a + b, 0), 0);

const magnitude = (arrays: Arrays): number =>
  arrays.reduce((sum, array) => sum + Array.from(array).reduce((a, b) => a + Math.abs(b), 0), 0);

/** Whether anything is computed in float32. */
const isNarrow = (point: Point): boolean =>
  graphOf(resultsOf(point, point.inputs), point.inputs).program.nodes.some(
    ({ dtype }) => dtype === "float32",
  );

/** Two sums of terms that are the same number. */
function checkSums(kind: string, what: string, actual: Arrays, expected: Arrays): void {
  const slack = ROUNDING * (1 + magnitude(actual) + magnitude(expected));
  if (Math.abs(total(actual) - total(expected)) <= slack) return;
  throw new PropertyFailure(kind, `${what}: ${total(actual)} and ${total(expected)}`);
}

/**
 * In float64, first order: <w, J v> = <J^T w, v>. Second order: forward over reverse and reverse over forward are the
 * same along two directions.
 */
export function forwardIsReverse(point: Point): void {
  const name = "forwardIsReverse";
  ofKind(name, () => {
    if (isNarrow(point)) return;
    const inputs = [...point.inputs];
    const tangents = directionsLike(inputs, 1);
    const others = directionsLike(inputs, 2);
    const weights = directionsLike(resultsOf(point, inputs), 3);
    const gradient = gradientOf(point, weights);
    const pushed = (...all: Tensor[]): Tensor => inner(pushedBy(point, tangents)(...all), weights);
    const along = (list: readonly Tensor[], ys: readonly Tensor[]): Tensor[] =>
      list.map((x, i) => x.mul(ys[i]));
    const turned = jvp((...all: Tensor[]) => gradient(...all), inputs, tangents)[1];
    const bent = grad(pushed, { argnums: inputs.map((_, i) => i) })(...inputs);
    const [forward, reverse, overReverse, overForward] = [
      along(pushedBy(point, tangents)(...inputs), weights),
      along(gradient(...inputs), tangents),
      along(turned, others),
      along(bent, others),
    ].map(read);
    checkSums(name, "<w, J v> and <J^T w, v>", forward, reverse);
    const what = "<u, H v> by forward over reverse and by reverse over forward";
    checkSums(`${name}: second order`, what, overReverse, overForward);
  });
}

/** What the inputs are multiplied by for each lane. */
const LANES = [1, 0.96, 1.03];

/** Values and gradients of the mapped function are those of a loop, stacked. */
export function mappedIsStacked(point: Point): void {
  const name = "mappedIsStacked";
  ofKind(name, () => {
    const lanes = LANES.map((factor) => point.inputs.map((x) => x.mul(factor)));
    const weights = directionsLike(resultsOf(point, point.inputs), 3);
    const tolerance = isNarrow(point) ? 1e-4 : ROUNDING;
    compareLanes(`${name}: values`, (...all) => resultsOf(point, all), lanes, tolerance);
    compareLanes(`${name}: gradients`, gradientOf(point, weights), lanes, tolerance);
  });
}

function compareLanes(
  kind: string,
  f: (...inputs: Tensor[]) => Tensor[],
  lanes: readonly (readonly Tensor[])[],
  tolerance: number,
): void {
  const [first] = lanes;
  const stacked = first.map((_, i) => stack(lanes.map((lane) => lane[i])));
  const mapped = vmap((...all: Tensor[]) => f(...all))(...stacked);
  const looped = lanes.map((lane) => f(...lane));
  mapped.forEach((result, i) => {
    const expected = stack(looped.map((results) => results[i]));
    const [is, should] = [result, expected].map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
    if (is !== should) throw new PropertyFailure(kind, `result ${i} is ${is}, not ${should}`);
    const [actual, wanted] = read([result, expected]);
    const slack = tolerance * (1 + Math.max(0, ...Array.from(wanted, Math.abs)));
    const wrong = wanted.findIndex((x, k) => !(Object.is(actual[k], x) || Math.abs(actual[k] - x) <= slack));
    if (wrong < 0) return;
    throw new PropertyFailure(
      kind,
      `element ${wrong} of result ${i} is ${actual[wrong]}, not ${wanted[wrong]}`,
    );
  });
}

/** Values and gradients as an engine computes them are those of the reference functions, node by node. */
export function engineIsRight(point: Point, engine: Engine, figures?: Figures): void {
  ofKind(`engineIsRight: ${engine.name}`, () => {
    checkCase(engineCase(point), engine, figures);
  });
}

/** The function and its gradients as engines are given them. */
function engineCase(point: Point): EngineCase {
  const outputs = resultsOf(point, point.inputs);
  const weights = directionsLike(outputs, 3);
  const { program, storages } = programOf(...outputs, ...gradientOf(point, weights)(...point.inputs));
  const slots = storages.map(({ host, resident }) => ({
    values: { kind: "given" as const, elements: Array.from(host ?? (resident?.read() as ArrayLike<number>)) },
    renewed: false,
    resident: false,
  }));
  return { program, slots, donated: [], runs: 1 };
}
