import { CotangentError, StateError } from "@cotangent/core";
import fc from "fast-check";
import type { ProgramOptions } from "./decode.ts";
import type { PrintOptions, RandomProgram } from "./program.ts";
import { programs } from "./programs.ts";

/** How programs are checked. */
export interface CheckProgramsOptions extends ProgramOptions {
  /** How many programs; default 100. */
  readonly runs?: number;
  /** Programs follow from it; fast-check's own unless given. */
  readonly seed?: number;
  /** The program of that seed to begin with, as a failure prints it. */
  readonly path?: string;
  /** What kind of failure an error is: while a program is made smaller, others do not count. */
  readonly kindOf?: (error: unknown) => string;
  /** How a program is printed that fails in this way; with a call of `checkGradients` unless given. */
  readonly print?: (kind: string) => PrintOptions;
}

/** A program for which the check throws, the smallest that was found. */
export interface ProgramFailure {
  readonly program: RandomProgram;
  readonly kind: string;
  /** What the check has thrown for it. */
  readonly error: unknown;
  readonly seed: number;
  readonly path: string;
  /** All of it, with the program as TypeScript. */
  readonly message: string;
}

/** The property `kind` of an error, or else its class. */
export function kindOfError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return "kind" in error && typeof error.kind === "string" ? error.kind : error.name;
}

/**
 * Runs a check on random programs, and makes the first program that fails as small as it gets without failing in another
 * way. Null when no program fails.
 * @throws StateError for options that make no sense
 */
export function findFailure(
  check: (program: RandomProgram) => void,
  options: CheckProgramsOptions = {},
): ProgramFailure | null {
  const { runs = 100, seed, path, kindOf = kindOfError, print, ...rest } = options;
  if (!Number.isInteger(runs) || runs < 1) {
    throw new StateError(`runs is ${String(runs)}`, { operation: "findFailure", remedy: "Give a whole number from 1" }); // biome-ignore format: one call
  }
  let kind: string | null = null;
  const fails = (program: RandomProgram): void => {
    try {
      check(program);
    } catch (error) {
      kind ??= kindOf(error);
      if (kindOf(error) === kind) throw error;
    }
  };
  const details = fc.check(fc.property(programs(rest), fails), {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
  if (!details.failed || details.counterexample === null) return null;
  const [program] = details.counterexample;
  const found = {
    program,
    kind: kind ?? "",
    error: details.errorInstance,
    seed: details.seed,
    path: details.counterexamplePath ?? "",
  };
  return { ...found, message: messageOf(found, print?.(found.kind) ?? {}) };
}

function messageOf(
  { program, kind, error, seed, path }: Omit<ProgramFailure, "message">,
  print: PrintOptions,
): string {
  const why = error instanceof Error ? error.message : String(error);
  return [
    `A random program fails (${kind}): ${why}`,
    "",
    program.toTypeScript(print),
    "",
    `Again: { seed: ${seed}, path: "${path}" }`,
  ].join("\n");
}

/**
 * Runs a check on random programs.
 * @throws CotangentError for the smallest program that fails, printed as TypeScript, with seed and path
 * @throws StateError for options that make no sense
 */
export function checkPrograms(
  check: (program: RandomProgram) => void,
  options: CheckProgramsOptions = {},
): void {
  const failure = findFailure(check, options);
  if (failure === null) return;
  throw new CotangentError(failure.message, {
    operation: "checkPrograms",
    remedy: "Paste the program into a test, and look at the operation that is left",
  });
}
