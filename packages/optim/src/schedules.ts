/**
 * Learning rates that change from step to step: functions from the number of steps made before (0 at the first) to a
 * rate. They are read anew at each step, so that none of them makes a new plan, and they know nothing but that number:
 * an optimiser whose `state` is restored goes on where it was.
 */
import { checkOptions, describeValue, StateError } from "@cotangent/core";
import { checkNumber } from "./checks.ts";
import type { Schedule } from "./learningRate.ts";

/** The fraction of the way after `step` of `steps`, from 0 to 1. */
const progress = (step: number, steps: number): number => Math.min(step / steps, 1);

function checkSteps(value: unknown, name: string, operation: string, least = 1): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  throw new StateError(
    `${name} must be a whole number of at least ${least}, not ${typeof value === "number" ? value : describeValue(value)}`,
    { operation, remedy: "Steps are counted as the optimiser makes them, one for each batch" },
  );
}

/** The same rate at every step. @throws StateError for a rate that is not a finite number of at least 0 */
export function constant(rate: number): Schedule {
  checkNumber(rate, "rate", "schedules.constant");
  return () => rate;
}

export interface ExponentialDecayOptions {
  /** The rate at the first step. */
  readonly initial: number;
  /** What the rate is multiplied with in `steps` steps. */
  readonly rate: number;
  /** In how many steps: 1 unless given. */
  readonly steps?: number;
}

/** initial * rate^(step / steps). @throws StateError for options that are unknown or out of range */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const operation = "schedules.exponentialDecay";
  checkOptions(operation, options, ["initial", "rate", "steps"]);
  const initial = checkNumber(options.initial, "initial", operation);
  const rate = checkNumber(options.rate, "rate", operation);
  const steps = checkSteps(options.steps ?? 1, "steps", operation);
  return (step) => initial * rate ** (step / steps);
}

export interface StepDecayOptions {
  /** The rate at the first step. */
  readonly initial: number;
  /** What the rate is multiplied with every `steps` steps: 0.1 unless given. */
  readonly rate?: number;
  /** How long each rate lasts. */
  readonly steps: number;
}

/** initial * rate^floor(step / steps): a stair. @throws StateError for options that are unknown or out of range */
export function stepDecay(options: StepDecayOptions): Schedule {
  const operation = "schedules.stepDecay";
  checkOptions(operation, options, ["initial", "rate", "steps"]);
  const initial = checkNumber(options.initial, "initial", operation);
  const rate = checkNumber(options.rate ?? 0.1, "rate", operation);
  const steps = checkSteps(options.steps, "steps", operation);
  return (step) => initial * rate ** Math.floor(step / steps);
}

export interface PiecewiseConstantOptions {
  /** The rates, one more than there are boundaries. */
  readonly values: readonly number[];
  /** The steps from which on the next rate counts, in rising order. */
  readonly boundaries: readonly number[];
}

/**
 * values[0] before boundaries[0], values[1] from there on, and so on.
 * @throws StateError for lists that do not fit, rates below 0 and boundaries that do not rise
 */
export function piecewiseConstant(options: PiecewiseConstantOptions): Schedule {
  const operation = "schedules.piecewiseConstant";
  checkOptions(operation, options, ["values", "boundaries"]);
  const boundaries = checkBoundaries(options.boundaries, options.values, "values", operation);
  const rates = options.values.map((value, i) => checkNumber(value, `values[${i}]`, operation));
  return (step) => rates[placeOf(step, boundaries)];
}

/** How many of the boundaries were reached. */
const placeOf = (step: number, boundaries: readonly number[]): number =>
  boundaries.filter((boundary) => step >= boundary).length;

function checkBoundaries(
  boundaries: unknown,
  parts: unknown,
  name: string,
  operation: string,
): readonly number[] {
  if (!Array.isArray(boundaries) || !Array.isArray(parts) || parts.length !== boundaries.length + 1) {
    const count = (value: unknown) => (Array.isArray(value) ? value.length : describeValue(value));
    throw new StateError(`${count(boundaries)} boundaries and ${count(parts)} ${name} do not fit`, {
      operation,
      remedy: `Pass two arrays, ${name} with one element more`,
    });
  }
  const steps = boundaries.map((step, i) => checkSteps(step, `boundaries[${i}]`, operation, 0));
  const falling = steps.findIndex((step, i) => i > 0 && step <= steps[i - 1]);
  if (falling < 0) return steps;
  throw new StateError(
    `boundaries[${falling}] is ${steps[falling]}, not above ${steps[falling - 1]} before it`,
    { operation, remedy: "List the steps in rising order" },
  );
}

export interface PolynomialDecayOptions {
  /** The rate at the first step. */
  readonly initial: number;
  /** The rate after `steps` steps and from then on: 0 unless given. */
  readonly final?: number;
  /** How long the way is. */
  readonly steps: number;
  /** 1, a straight line, unless given. */
  readonly power?: number;
}

/**
 * final + (initial - final) * (1 - step / steps)^power, and final from then on: with power 1 a straight line, up or down.
 * @throws StateError for options that are unknown or out of range
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const operation = "schedules.polynomialDecay";
  checkOptions(operation, options, ["initial", "final", "steps", "power"]);
  const initial = checkNumber(options.initial, "initial", operation);
  const final = checkNumber(options.final ?? 0, "final", operation);
  const steps = checkSteps(options.steps, "steps", operation);
  const power = checkNumber(options.power ?? 1, "power", operation);
  return (step) => (step >= steps ? final : final + (initial - final) * (1 - progress(step, steps)) ** power);
}

export interface CosineDecayOptions {
  /** The rate at the first step. */
  readonly initial: number;
  /** The rate after `steps` steps and from then on: 0 unless given. */
  readonly final?: number;
  /** How long the way is. */
  readonly steps: number;
}

/**
 * final + (initial - final) * (1 + cos(pi * step / steps)) / 2, and final from then on. Loshchilov and Hutter, "SGDR:
 * stochastic gradient descent with warm restarts", ICLR 2017.
 * @throws StateError for options that are unknown or out of range
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const operation = "schedules.cosineDecay";
  checkOptions(operation, options, ["initial", "final", "steps"]);
  const initial = checkNumber(options.initial, "initial", operation);
  const final = checkNumber(options.final ?? 0, "final", operation);
  const steps = checkSteps(options.steps, "steps", operation);
  return (step) => final + ((initial - final) * (1 + Math.cos(Math.PI * progress(step, steps)))) / 2;
}

export interface WarmupCosineDecayOptions {
  /** The rate at the first step: 0 unless given. */
  readonly initial?: number;
  /** The rate after the warm-up. */
  readonly peak: number;
  /** How many steps the warm-up takes. */
  readonly warmupSteps: number;
  /** How many steps all of it takes, the warm-up included. */
  readonly steps: number;
  /** The rate after `steps` steps and from then on: 0 unless given. */
  readonly final?: number;
}

/**
 * A straight line from `initial` to `peak`, then `cosineDecay` to `final`. Goyal et al., "Accurate, large minibatch SGD",
 * 2017; Loshchilov and Hutter, ICLR 2017.
 * @throws StateError for options that are unknown or out of range
 */
export function warmupCosineDecay(options: WarmupCosineDecayOptions): Schedule {
  const operation = "schedules.warmupCosineDecay";
  checkOptions(operation, options, ["initial", "peak", "warmupSteps", "steps", "final"]);
  const peak = checkNumber(options.peak, "peak", operation);
  const initial = checkNumber(options.initial ?? 0, "initial", operation);
  const final = checkNumber(options.final ?? 0, "final", operation);
  const warmupSteps = checkSteps(options.warmupSteps, "warmupSteps", operation);
  const steps = checkSteps(options.steps, "steps", operation, warmupSteps + 1);
  const warmup = polynomialDecay({ initial, final: peak, steps: warmupSteps });
  const decay = cosineDecay({ initial: peak, final, steps: steps - warmupSteps });
  return (step) => (step < warmupSteps ? warmup(step) : decay(step - warmupSteps));
}

export interface InverseSquareRootOptions {
  /** The greatest rate, that of the last step of the warm-up. */
  readonly peak: number;
  /** How many steps the warm-up takes. */
  readonly warmupSteps: number;
}

/**
 * peak * min(t / warmupSteps, sqrt(warmupSteps / t)) with t = step + 1. Vaswani et al., "Attention is all you need", NIPS
 * 2017, section 5.3, whose peak is (modelSize * warmupSteps)^-0.5.
 * @throws StateError for options that are unknown or out of range
 */
export function inverseSquareRoot(options: InverseSquareRootOptions): Schedule {
  const operation = "schedules.inverseSquareRoot";
  checkOptions(operation, options, ["peak", "warmupSteps"]);
  const peak = checkNumber(options.peak, "peak", operation);
  const warmupSteps = checkSteps(options.warmupSteps, "warmupSteps", operation);
  return (step) => peak * Math.min((step + 1) / warmupSteps, Math.sqrt(warmupSteps / (step + 1)));
}

/**
 * One schedule after the other: the second from boundaries[0] on, and so on. Each counts its own steps from 0.
 * @throws StateError unless there is one schedule more than boundaries, and these rise
 */
export function joinSchedules(schedules: readonly Schedule[], boundaries: readonly number[]): Schedule {
  const operation = "schedules.joinSchedules";
  const steps = checkBoundaries(boundaries, schedules, "schedules", operation);
  const parts = [...schedules];
  parts.forEach((part: unknown, i) => {
    if (typeof part === "function") return;
    throw new StateError(`schedules[${i}] is ${describeValue(part)}`, {
      operation,
      remedy: "Schedules are functions of the step; a rate that stays is schedules.constant(rate)",
    });
  });
  return (step) => {
    const place = placeOf(step, steps);
    return parts[place](place === 0 ? step : step - steps[place - 1]);
  };
}
