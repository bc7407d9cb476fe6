import {
  describeValue,
  graphOf,
  isTensor,
  StateError,
  type Tensor,
  tensor,
  withOrigins,
} from "@cotangent/core";
import { culpritOf, type Scene } from "./blame/culprit.ts";
import type { Source } from "./check/along.ts";
import { Derivatives } from "./check/derivatives.ts";
import { Examination, type Outcome } from "./check/examine.ts";
import { findingsOf, type Naming, summaryOf } from "./check/findings.ts";
import { float32Check } from "./check/float32Check.ts";
import { float64, lifted, type Target, usesFloat32, valuesOf } from "./check/float64.ts";
import { honestyCheck } from "./check/honesty.ts";
import { type CheckOptions, SECOND, type Settings, settingsOf } from "./check/options.ts";
import { Probe } from "./check/probe.ts";
import { scalesOf } from "./check/scales.ts";
import { CONTRADICTION, dotProductSummary, taylorSlope, taylorSummary } from "./check/secondOpinion.ts";
import { type CheckedFunction, Subject } from "./check/subject.ts";
import { traced } from "./graph/calls.ts";
import { kinksOf } from "./kinks/kinks.ts";
import { isSwitch } from "./kinks/switches.ts";
import { Random } from "./numeric/random.ts";
import { concatenated, parted } from "./numeric/vectors.ts";
import { PROPERTIES } from "./properties/properties.ts";
import { finding } from "./report/finding.ts";
import {
  bySeverity,
  type CheckSummary,
  type Finding,
  type GradientReport,
  type Mode,
  worstOf,
} from "./report/report.ts";

/** How often inputs are moved before a kink is reported after all. */
const MOVES = 6;
/** How far they are moved first, relative to their sizes; further each time. */
const FIRST_MOVE = 2 ** -7;

const OPERATION = "checkGradients";

/**
 * Checks the derivatives of f at the inputs: what each mode computes against central differences that know their own error
 * (Richardson's extrapolation of several windows of steps, with rounding errors measured on the graph), so that there is
 * no tolerance to choose. `inputs` are the arguments of f, each a tensor or a tree of tensors; derivatives are taken by
 * all that are float32 or float64, whatever their shapes. f returns a tensor or a tree of tensors.
 *
 * What is float32 is checked by the same graph in float64, and then against it. Inputs with more than 64 elements are
 * checked along random directions, and a fault is searched for by halving. Where something is wrong, the report names
 * the operation whose rule is at fault and the line that made it.
 * @throws StateError for inputs or options that make no sense, GradientError where there is no derivative to check
 */
export function checkGradients(
  f: CheckedFunction,
  inputs: unknown,
  options: CheckOptions = {},
): GradientReport {
  const settings = settingsOf(OPERATION, options);
  if (typeof f !== "function") {
    throw new StateError("there is no function to check", {
      operation: OPERATION,
      remedy: "Pass the function itself, then its arguments: checkGradients(f, [x])",
    });
  }
  const name = options.name ?? (f.name === "" ? "the function" : f.name);
  const subject = new Subject(OPERATION, name, f, argumentsOf(inputs), settings.seed);
  let report = checkedAt(subject, subject.leaves, settings, false);
  if (settings.kinks === "report") return report;
  const random = new Random(~settings.seed);
  for (let move = 0; move < MOVES && report.verdict === "kink"; move++) {
    report = checkedAt(subject, movedLeaves(subject.leaves, random, FIRST_MOVE * 2 ** move), settings, true);
  }
  return report;
}

/** @throws StateError unless the inputs are a list, or a single tensor */
function argumentsOf(inputs: unknown): readonly unknown[] {
  if (isTensor(inputs)) return [inputs];
  if (Array.isArray(inputs)) return inputs;
  throw new StateError(`the inputs are ${describeValue(inputs)}, not a list`, {
    operation: OPERATION,
    remedy: "Pass the arguments of the function as a list: [x], or [parameters, x]",
  });
}

/** Tensors of the same shapes and dtypes beside the given ones. */
const movedLeaves = (leaves: readonly Tensor[], random: Random, share: number): Tensor[] =>
  leaves.map((leaf) => {
    const values = valuesOf(leaf);
    const scales = scalesOf(values);
    const directions = random.direction(values.length);
    const moved = values.map((x, i) => x + share * scales[i] * directions[i]);
    return tensor(moved, { shape: leaf.shape, dtype: leaf.dtype });
  });

function checkedAt(
  subject: Subject,
  leaves: readonly Tensor[],
  settings: Settings,
  moved: boolean,
): GradientReport {
  return new Check(subject, leaves, settings).report(moved);
}

/** What does not bend: operands of switches are made by these. */
const PREPARES = new Set(["identity", "constant", "broadcast", "reshape", "iota", "cast", "where", "neg"]);

/** The modes of second order to check; double backward alone is one of them. */
function secondModes({ order, modes, also }: Settings): readonly Mode[] {
  if (order === 2) return modes.filter((mode) => SECOND.includes(mode));
  return also.includes("doubleBackward") ? ["reverseOverReverse"] : [];
}

/** One check at one point. */
class Check {
  private readonly fresh: readonly Tensor[];
  private readonly target: Target;
  private readonly point: readonly Float64Array[];
  private readonly scales: Float64Array;
  private readonly derivatives: Derivatives;
  private readonly probe: Probe;
  private readonly random: Random;
  private readonly weights: Float64Array;
  private readonly isNarrow: boolean;
  private readonly scene: Scene;
  private readonly summaries: CheckSummary[] = [];
  private readonly findings: Finding[] = [];

  constructor(
    private readonly subject: Subject,
    leaves: readonly Tensor[],
    private readonly settings: Settings,
  ) {
    // Leaves of the check's own: what they were made of does not belong to the function.
    this.fresh = leaves.map((leaf) => tensor(leaf.dataSync(), { shape: leaf.shape, dtype: leaf.dtype }));
    this.point = this.fresh.map(valuesOf);
    this.scales = concatenated(this.point.map(scalesOf));
    const results = withOrigins(() => traced(subject.call, this.fresh));
    this.isNarrow = usesFloat32(graphOf(results, this.fresh), this.fresh.length);
    const xs = this.isNarrow ? this.point.map((values, i) => float64(values, leaves[i].shape)) : this.fresh;
    this.target = { call: this.isNarrow ? lifted(results, this.fresh) : subject.call, xs };
    this.derivatives = new Derivatives(this.target, this.point, this.isNarrow ? undefined : results);
    const { outputs } = this.derivatives;
    this.probe = new Probe(outputs, xs);
    this.random = new Random(settings.seed);
    this.weights = this.random.direction(this.probe.size);
    this.scene = { graph: graphOf(outputs, xs), count: xs.length, point: this.point, seed: settings.seed };
  }

  report(moved: boolean): GradientReport {
    const { subject, settings, scene, fresh } = this;
    this.firstOrder();
    this.secondOrder(secondModes(settings));
    if (this.isNarrow)
      this.add(
        float32Check(subject, fresh, this.target, this.weights, (among) =>
          culpritOf(scene, "float32", among),
        ),
      );
    const { also } = settings;
    if (!also.includes("purity")) {
      this.add(honestyCheck(subject, fresh, this.probe, this.scales, this.isNarrow, settings.seed));
    }
    for (const property of also) this.add(PROPERTIES[property](subject));
    const findings = bySeverity(this.findings);
    const verdict = worstOf([...findings, ...this.summaries].map((one) => one.verdict));
    return {
      name: subject.name,
      verdict,
      ok: verdict === "right",
      inputs: subject.inputs(),
      findings,
      checks: this.summaries,
      kinks: kinksOf(scene.graph, this.probe.switches, this.point),
      moved,
      seed: settings.seed,
    };
  }

  private add({
    summary,
    findings,
  }: {
    readonly summary: CheckSummary;
    readonly findings: readonly Finding[];
  }): void {
    this.summaries.push(summary);
    this.findings.push(...findings);
  }

  private firstOrder(): void {
    const { derivatives, probe, settings, random } = this;
    const modes = settings.modes.filter((mode) => !SECOND.includes(mode));
    if (modes.length === 0) return;
    const sources = modes.map((mode) => derivatives.first(mode, () => random.direction(probe.size)));
    const outcomes = this.examine(probe, sources);
    this.note(outcomes, modes);
    const [reverse, forward] = (["reverse", "forward"] as const).map((mode) => sources[modes.indexOf(mode)]);
    if (reverse !== undefined) this.taylor(outcomes);
    if (reverse === undefined || forward === undefined) return;
    const direction = this.direction();
    const summary = dotProductSummary(forward, reverse, direction, depthOf(this.scene));
    const known = outcomes.some(({ verdict }) => verdict === "wrong");
    this.add({
      summary,
      findings: known ? [] : this.opinion(summary, "forward and reverse mode contradict each other"),
    });
  }

  /** The slope of the remainder, for the weighted sum of all results. */
  private taylor(outcomes: readonly Outcome[]): void {
    const { point, probe, weights, derivatives } = this;
    const direction = this.direction();
    const sizes = point.map(({ length }) => length);
    const sum = derivatives.first("reverse", () => weights);
    const along = sum.along(direction);
    const slopeWith = (error: number): number | null =>
      taylorSlope(probe, point, parted(direction, sizes), weights, along[along.length - 1], error);
    const slope = slopeWith(0);
    // How far the derivative itself is off is looked at only where it matters.
    const contradicts = slope !== null && slope < CONTRADICTION;
    const noise = contradicts ? sum.noise(direction) : null;
    const summary = taylorSummary(noise === null ? slope : slopeWith(noise[noise.length - 1]));
    const decided = outcomes.some(({ verdict }) => verdict !== "right");
    const known = outcomes.some(({ verdict }) => verdict === "wrong");
    const doubt: CheckSummary = {
      ...summary,
      verdict: summary.verdict === "wrong" && !known ? "inconclusive" : summary.verdict,
    };
    this.add({
      summary: doubt,
      findings: decided ? [] : this.opinion(doubt, `the Taylor remainder has ${summary.note}, not 2`),
    });
  }

  /** What another opinion says, where it is the only one against the derivative. */
  private opinion({ check, verdict, order }: CheckSummary, message: string): Finding[] {
    if (verdict === "right") return [];
    return [finding(check, message, { verdict, order })];
  }

  private secondOrder(modes: readonly Mode[]): void {
    const { derivatives, random, weights, target } = this;
    const count = this.scales.length;
    if (modes.length === 0) return;
    const sources = modes.map((mode) => derivatives.second(mode, weights, () => random.direction(count)));
    const probe = new Probe(derivatives.gradient(), target.xs, derivatives.weighted(weights));
    this.note(this.examine(probe, sources), modes);
  }

  private examine(probe: Probe, sources: readonly Source[]): Outcome[] {
    const { point, scales, random, settings } = this;
    const { directions } = settings;
    // A primitive may declare any subgradient; what a composition makes of them is nobody's declaration.
    const subgradients = probe === this.probe && this.isPrimitive();
    return new Examination({ probe, point, scales, random, directions, subgradients }).run(sources);
  }

  /** Whether the function only chooses between pieces: one primitive such as max, or relu, or clip. */
  private isPrimitive(): boolean {
    const { nodes } = this.scene.graph.program;
    return nodes.every(({ prim }) => prim === null || PREPARES.has(prim.name) || isSwitch(prim.name));
  }

  private note(outcomes: readonly Outcome[], modes: readonly Mode[]): void {
    const { subject, derivatives } = this;
    outcomes.forEach((outcome, i) => {
      const culprit = outcome.verdict === "wrong" ? this.culprit(modes[i]) : null;
      const naming: Naming = {
        inputs: subject.leaves.map(({ shape }, k) => ({ path: subject.paths[k], shape })),
        outputs: derivatives.outputs.map(({ shape }, k) => ({ path: subject.resultPaths[k], shape })),
      };
      this.add({ summary: summaryOf(outcome), findings: findingsOf(outcome, naming, culprit) });
    });
  }

  private culprit(mode: Mode) {
    return culpritOf(this.scene, mode);
  }

  private direction(): Float64Array {
    return this.random.direction(this.scales.length).map((x, i) => x * this.scales[i]);
  }
}

/** The number of operations on the longest way from an input to a result. */
function depthOf({ graph }: Scene): number {
  const depths: number[] = [];
  graph.program.nodes.forEach(({ prim, inputs }, place) => {
    const own = prim === null || prim.alias === true ? 0 : 1;
    depths[place] = own + inputs.reduce((most, source) => Math.max(most, depths[source]), 0);
  });
  return graph.program.outputs.reduce((most, place) => Math.max(most, depths[place]), 0);
}
