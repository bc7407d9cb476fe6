import { type Graph, graphOf, type Tensor, type TypedArray, tensor, withOrigins } from "@cotangent/core";
import { Derivatives } from "../check/derivatives.ts";
import { Examination, type Outcome } from "../check/examine.ts";
import { compareFloat32, firstDifference } from "../check/float32.ts";
import { float64, inFloat32, valuesOf } from "../check/float64.ts";
import { Probe } from "../check/probe.ts";
import { scalesOf } from "../check/scales.ts";
import { callAt } from "../graph/line.ts";
import { original } from "../graph/original.ts";
import { Random } from "../numeric/random.ts";
import { Runner } from "../numeric/runner.ts";
import { concatenated, sizeOf } from "../numeric/vectors.ts";
import type { CheckName, Culprit, Mode } from "../report/report.ts";
import { type Unit, unitCall, unitsIn } from "./units.ts";

/** The graph of a call with the values of all its nodes at the point of the check. */
export interface Scene {
  /** In float64. */
  readonly graph: Graph;
  readonly count: number;
  readonly point: readonly Float64Array[];
  readonly seed: number;
}

/** Graphs with more units than this are not gone through. */
const MOST_UNITS = 5_000;

const isSecond = (check: CheckName): boolean => check.includes("Over");

/** What is looked for in a unit. */
type Look = (scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check) => Fault | null;
type Check = Mode | "float32";

const LOOKS: Readonly<Record<"first" | "second" | "float32", readonly Look[]>> = {
  first: [operandFault, unitFault, leakInRule, leak],
  second: [operandFault, unitFault, chainFault],
  float32: [float32Fault],
};

/**
 * The first node whose own rule gives another derivative than its values do, in the mode that was found wrong: each node is
 * looked at alone, at the values that it has in the call; with `rulesOnly`, functions with rules of their own. Null where
 * every rule is right by itself.
 */
export function culpritOf(scene: Scene, check: Check, { rulesOnly = false } = {}): Culprit | null {
  const units = unitsIn(scene.graph, scene.count).filter((unit) => !rulesOnly || isCall(scene, unit));
  if (units.length === 0 || units.length > MOST_UNITS) return null;
  const values = valuesOfAll(scene);
  const second = isSecond(check);
  for (const look of LOOKS[check === "float32" ? check : second ? "second" : "first"]) {
    for (const unit of units) {
      const fault = look(scene, unit, values, check);
      if (fault === null) continue;
      const culprit = { ...fault, ...described(scene, unit) };
      return second && isCall(scene, unit) ? deeper(scene, unit, values, check as Mode, culprit) : culprit;
    }
  }
  return null;
}

const isCall = ({ graph }: Scene, { place }: Unit): boolean =>
  graph.program.nodes[place].prim?.name === "customCall";

/** The values of all nodes. */
function valuesOfAll({ graph, count, point }: Scene): readonly TypedArray[] {
  const runner = new Runner([...graph.tensors], graph.program.inputs.slice(0, count).map(({ node }) => graph.tensors[node])); // biome-ignore format: one call
  return runner.run(point);
}

function described(
  { graph }: Scene,
  { place, operation }: Unit,
): Pick<Culprit, "operation" | "line" | "call"> {
  const { inputs, prim, params } = graph.program.nodes[place];
  const args = prim?.name === "customCall" ? inputs.slice(1, 1 + (params as { args: number }).args) : inputs;
  return callAt(graph, place, operation, args);
}

/** Tensors with the values that some places have. */
const tensorsAt = ({ graph }: Scene, places: readonly number[], values: readonly TypedArray[]): Tensor[] =>
  places.map((place) => {
    const { shape, dtype } = graph.program.nodes[place];
    return tensor(values[place], { shape, dtype });
  });

type Fault = Pick<Culprit, "operand" | "detail">;

/** A unit's derivative in some mode, with everything to examine it by. */
function stageOf(scene: Scene, unit: Unit, values: readonly TypedArray[], mode: Mode) {
  const xs = tensorsAt(scene, unit.operands, values);
  const point = xs.map(valuesOf);
  const call = unitCall(unit, tensorsAt(scene, unit.others, values));
  const random = new Random(scene.seed);
  const derivatives = new Derivatives({ call, xs }, point);
  const size = derivatives.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const weights = random.direction(size);
  const scales = point.map(scalesOf);
  const total = concatenated(scales).length;
  const second = isSecond(mode);
  const source = second
    ? derivatives.second(mode, weights, () => random.direction(total))
    : derivatives.first(mode, () => random.direction(size));
  const probe = second
    ? new Probe(derivatives.gradient(), xs, derivatives.weighted(weights))
    : new Probe(derivatives.outputs, xs);
  return { xs, point, derivatives, size, weights, scales, source, probe, random };
}

/** A derivative by one operand that is wrong, the others standing still. */
function operandFault(scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check): Fault | null {
  const mode = check as Mode;
  const { point, scales, size, probe, random, source } = stageOf(scene, unit, values, mode);
  if (size === 0) return null;
  for (const [k] of unit.operands.entries()) {
    const moved = concatenated(scales.map((scale, i) => (i === k ? scale : new Float64Array(scale.length))));
    const examination = new Examination({
      probe, point, scales: moved, random, directions: 1, subgradients: true,
    }); // biome-ignore format: one object
    const [outcome] = examination.run([source]);
    if (outcome.verdict === "wrong")
      return { operand: operandOf(scene, unit, k), detail: detailOf(outcome, mode) };
  }
  return null;
}

/** The same for all operands together, element by element: ties are shared among them. */
function unitFault(scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check): Fault | null {
  const mode = check as Mode;
  const { point, scales, size, probe, random, source } = stageOf(scene, unit, values, mode);
  if (size === 0) return null;
  const examination = new Examination({
    probe, point, scales: concatenated(scales), random, directions: null, subgradients: true,
  }); // biome-ignore format: one object
  const [outcome] = examination.run([source]);
  if (outcome.verdict !== "wrong") return null;
  return { operand: onlyOperand(scene, unit), detail: detailOf(outcome, mode) };
}

/** NaN made of a cotangent of 0: what is masked by then leaks all the same. */
function leak(scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check): Fault | null {
  if (check !== "reverse") return null;
  const { derivatives, size } = stageOf(scene, unit, values, check);
  if (size === 0) return null;
  // The weights of a gradient are zeros unless others are given.
  const at = derivatives.gradient().findIndex((ct) => valuesOf(ct).some(Number.isNaN));
  if (at < 0) return null;
  const detail = "it makes NaN of a cotangent of 0, so that what is masked leaks through it";
  return { operand: operandOf(scene, unit, at), detail };
}

/** That of functions with a rule of their own; primitives are masked. */
function leakInRule(scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check): Fault | null {
  return isCall(scene, unit) ? leak(scene, unit, values, check) : null;
}

/** The map of a first derivative, by which a second derivative goes through a unit: linear in what stands behind `count`. */
function innerOf(scene: Scene, unit: Unit, values: readonly TypedArray[], mode: Mode) {
  const { derivatives, point, random } = stageOf(scene, unit, values, mode);
  const target = derivatives.inner(mode);
  const extra = target.xs.slice(point.length).map(({ shape }) => random.direction(sizeOf(shape)));
  const outer: Mode = mode.startsWith("forward") ? "forward" : "reverse";
  return { target, point: [...point, ...extra], count: point.length, outer, random };
}

/** A first derivative that cannot be differentiated by what comes to it: by the cotangent, or by the tangent. */
function chainFault(scene: Scene, unit: Unit, values: readonly TypedArray[], check: Check): Fault | null {
  const mode = check as Mode;
  const { target, point, count, outer, random } = innerOf(scene, unit, values, mode);
  const derivatives = new Derivatives(target, point);
  const size = derivatives.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  if (size === 0) return null;
  const scales = point.map((at, i) => (i < count ? new Float64Array(at.length) : scalesOf(at)));
  const examination = new Examination({
    probe: new Probe(derivatives.outputs, target.xs),
    point, scales: concatenated(scales), random, directions: 1, subgradients: true,
  }); // biome-ignore format: one object
  const [outcome] = examination.run([derivatives.first(outer, () => random.direction(size))]);
  if (outcome.verdict !== "wrong") return null;
  const by = mode.endsWith("Reverse") ? "cotangent" : "tangent";
  return { operand: onlyOperand(scene, unit), detail: `by its ${by} ${detailOf(outcome, mode)}` };
}

/** What is at fault inside of a rule: an operation that it uses, or one that detaches a value. */
function deeper(
  scene: Scene,
  unit: Unit,
  values: readonly TypedArray[],
  mode: Mode,
  found: Culprit,
): Culprit {
  const { target, point, outer } = innerOf(scene, unit, values, mode);
  const outputs = withOrigins(() => target.call(target.xs));
  const graph = graphOf(outputs, target.xs);
  const inside = culpritOf({ graph, count: point.length, point, seed: scene.seed }, outer);
  if (inside === null) return found;
  if (inside.operation !== "stopGradient") return inside;
  const where = inside.line === null ? "" : ` at ${inside.line}`;
  return { ...found, detail: `${found.detail}: its rule detaches a value with stopGradient${where}` };
}

/** Which operand a unit's k-th is; a call begins with an operand that stands for the call itself. */
function operandOf({ graph }: Scene, { place, positions }: Unit, k: number): number {
  return positions[k] - (graph.program.nodes[place].prim?.name === "customCall" ? 1 : 0);
}

const onlyOperand = (scene: Scene, unit: Unit): number | null =>
  unit.operands.length === 1 ? operandOf(scene, unit, 0) : null;

function detailOf({ failures }: Outcome, mode: Mode): string {
  const [{ analytic, judgement }] = failures;
  const order = isSecond(mode) ? "second derivative" : "derivative";
  return `its own ${order} is ${shown(analytic)} in mode ${mode}, but ${shown(judgement.numeric)} by differences`;
}

const shown = (x: number): string => Number(x.toPrecision(7)).toString();

/** Whether the user's function has a unit in float32. */
const isNarrow = ({ graph }: Scene, { operands }: Unit): boolean =>
  operands.every((place) => original(graph.tensors[place]).dtype === "float32");

/** Whether a unit gives something else in float32 than rounding makes of what it gives in float64. */
function float32Fault(scene: Scene, unit: Unit, values: readonly TypedArray[]): Fault | null {
  if (!isNarrow(scene, unit)) return null;
  const rounded = (places: readonly number[]): Tensor[] =>
    tensorsAt(scene, places, values).map((x) =>
      x.dtype === "float64" ? float64(Float64Array.from(x.dataSync(), Math.fround), x.shape) : x,
    );
  const xs = rounded(unit.operands);
  const others = rounded(unit.others);
  const narrow = (list: readonly Tensor[]): Tensor[] =>
    list.map((x) => (x.dtype === "float64" ? x.cast("float32") : x));
  const call = unitCall(unit, others);
  const narrowCall = unitCall({ ...unit, program: inFloat32(unit.program) }, narrow(others));
  const size = call(xs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const weights = new Random(scene.seed).direction(size);
  const compared = compareFloat32(narrowCall, narrow(xs), { call, xs }, weights, { strict: true });
  for (const [what, comparison] of [["value", compared.values], ["derivative", compared.gradients]] as const) {
    const i = firstDifference(comparison);
    if (i === null) continue;
    const { actual, exact } = comparison;
    return { operand: null, detail: `its ${what} is ${shown(actual[i])} in float32, but ${shown(exact[i])} in float64` };
  } // biome-ignore format: two comparisons
  return null;
}
