import { CotangentError, checkOptions, StateError } from "@cotangent/core";
import type * as FastCheck from "fast-check";
import type { CheckOptions } from "../check/options.ts";
import type { CheckedFunction } from "../check/subject.ts";
import { checkGradients } from "../checkGradients.ts";
import type { GradientReport } from "../report/report.ts";
import { formatReport } from "../report/text.ts";
import { counted, VERDICTS } from "../report/words.ts";
import { asTypeScript } from "./code.ts";

/** How a property of gradients is checked: everything that `checkGradients` takes, and how cases are drawn. */
export interface PropertyOptions extends Omit<CheckOptions, "name" | "seed"> {
  /** How many cases are drawn. Default 100. */
  readonly numRuns?: number;
  /** Where fast-check begins; chosen by fast-check unless given. A failure prints it. */
  readonly seed?: number;
  /** With `seed`, the one case that a failure has printed. */
  readonly path?: string;
  /**
   * The share of cases that may be inconclusive or at a kink; more fail. Default 0.02: two cases of 100.
   */
  readonly maxInconclusive?: number;
}

/** The smallest case of a property of gradients that does not hold. */
export class GradientPropertyError extends CotangentError {
  override readonly name = "GradientPropertyError";
  /** What the check says of it; null where the function throws. */
  readonly report: GradientReport | null;
  readonly seed: number;
  readonly path: string;

  override readonly remedy: string;

  constructor(
    message: string,
    found: { report: GradientReport | null; seed: number; path: string; remedy: string; cause: unknown },
  ) {
    super(`${message}\n\n${found.remedy}`, { operation: "test.gradients", cause: found.cause });
    this.report = found.report;
    this.seed = found.seed;
    this.path = found.path;
    this.remedy = found.remedy;
  }
}

const OWN = ["numRuns", "seed", "path", "maxInconclusive"] as const;
const OF_CHECKS = ["order", "modes", "kinks", "also", "directions"] as const;

/**
 * Checks the gradients of f at random arguments, one arbitrary for each; inputs are moved off kinks unless the options say
 * otherwise.
 * @throws GradientPropertyError with the smallest case found of the same verdict
 * @throws StateError for options that make no sense, or where fast-check is not installed
 */
export async function checkProperty(
  f: CheckedFunction,
  arbitraries: readonly FastCheck.Arbitrary<unknown>[],
  options: PropertyOptions = {},
  load: () => Promise<typeof FastCheck> = () => import("fast-check"),
): Promise<void> {
  const settings = propertySettings(options);
  const fc = await loaded(load);
  const census = new Census(f, settings);
  const property = fc.property(fc.tuple(...arbitraries), (inputs) => census.judge(inputs));
  const { numRuns, seed, path } = settings;
  const run = fc.check(property, {
    numRuns,
    endOnFailure: false,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
  if (!run.failed) return;
  throw failureOf(f, census, settings, run);
}

interface Settings {
  readonly numRuns: number;
  readonly seed: number | undefined;
  readonly path: string | undefined;
  /** How many cases may be inconclusive. */
  readonly spare: number;
  readonly checks: CheckOptions;
}

function propertySettings(options: PropertyOptions): Settings {
  checkOptions("test.gradients", options, [...OWN, ...OF_CHECKS]);
  const { numRuns = 100, seed, path, maxInconclusive = 0.02, ...checks } = options;
  if (!(Number.isInteger(numRuns) && numRuns >= 1)) {
    throw new StateError(`numRuns is a whole number of at least 1, not ${String(numRuns)}`, {
      operation: "test.gradients",
      remedy: "Pass one such as 100",
    });
  }
  if (!(maxInconclusive >= 0 && maxInconclusive <= 1)) {
    throw new StateError(`maxInconclusive is a share from 0 to 1, not ${String(maxInconclusive)}`, {
      operation: "test.gradients",
      remedy: "Pass one such as 0.02",
    });
  }
  // A path leads to one case, which is to be seen.
  const spare = path === undefined ? Math.floor(maxInconclusive * numRuns) : 0;
  return { numRuns, seed, path, spare, checks: { kinks: "move", ...checks } };
}

async function loaded(load: () => Promise<typeof FastCheck>): Promise<typeof FastCheck> {
  try {
    return await load();
  } catch (cause) {
    throw new StateError("fast-check, which draws the cases, cannot be loaded", {
      operation: "test.gradients",
      remedy: "Install it: npm install --save-dev fast-check",
      cause,
    });
  }
}

/** What came of one case. */
interface Result {
  /** The verdict, or `throws` and the name of an error; null where all is right. */
  readonly failure: string | null;
  readonly report: GradientReport | null;
  readonly thrown: unknown;
}

/** Judges cases and counts those that cannot be decided; while fast-check shrinks, only failures of the first kind count. */
class Census {
  readonly #f: CheckedFunction;
  readonly #settings: Settings;
  #failure: string | null = null;
  #undecided = 0;
  #cases = 0;
  /** The report on the last case that failed, which is the smallest. */
  report: GradientReport | null = null;
  /** What the function threw at it. */
  thrown: unknown = undefined;

  constructor(f: CheckedFunction, settings: Settings) {
    this.#f = f;
    this.#settings = settings;
  }

  /** Whether a case passes. */
  judge(inputs: readonly unknown[]): boolean {
    const result = this.#check(inputs);
    if (this.#failure !== null) return !this.#fails(result);
    this.#cases++;
    const { failure } = result;
    if (failure === null) return true;
    const undecided = failure === "inconclusive" || failure === "kink";
    if (undecided && ++this.#undecided <= this.#settings.spare) return true;
    this.#failure = failure;
    return !this.#fails(result);
  }

  /** Whether a case fails in the way that was found first; if so it is the smallest so far. */
  #fails({ failure, report, thrown }: Result): boolean {
    if (failure !== this.#failure) return false;
    this.report = report;
    this.thrown = thrown;
    return true;
  }

  #check(inputs: readonly unknown[]): Result {
    try {
      const report = checkGradients(this.#f, inputs, this.#settings.checks);
      return { failure: report.ok ? null : report.verdict, report, thrown: undefined };
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      return { failure: `throws ${name}`, report: null, thrown: error };
    }
  }

  /** What went wrong, and how many cases it took. */
  describe(): string {
    const { numRuns, spare } = this.#settings;
    const of =
      this.#settings.path === undefined ? `in case ${this.#cases} of ${numRuns}` : "in the case of the path";
    if (this.report === null) return `the function throws ${of}`;
    const { verdict } = this.report;
    if (verdict === "wrong") return `the gradients are ${VERDICTS.wrong} ${of}`;
    const allowed = this.#settings.path === undefined ? `, at most ${spare} of ${numRuns} may be` : "";
    return `of ${counted(this.#cases, "case")}, ${this.#undecided} are inconclusive or at a kink${allowed}`;
  }
}

function failureOf(
  f: CheckedFunction,
  census: Census,
  { checks }: Settings,
  run: FastCheck.RunDetails<[unknown[]]>,
): GradientPropertyError {
  const { seed, counterexamplePath, counterexample, numShrinks } = run;
  const path = counterexamplePath ?? "";
  const { report, thrown } = census;
  const name = f.name === "" ? "f" : f.name;
  const options = Object.entries(checks).map(([option, value]) => `${option}: ${JSON.stringify(value)}`);
  const parts = [
    `${census.describe()}. The smallest such case, found in ${numShrinks} steps:`,
    `checkGradients(${name}, ${asTypeScript(counterexample?.[0] ?? [])}, { ${options.join(", ")} });`,
    report === null
      ? `It throws ${thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)}`
      : formatReport(report),
  ];
  const remedy = `To run this case alone: { seed: ${seed}, path: "${path}" }`;
  return new GradientPropertyError(parts.join("\n\n"), { report, seed, path, remedy, cause: thrown });
}
