import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { NO_OPERATIONS, OF_CORE } from "../exports.ts";
import { type Argument, caseFiles, casesOf, type OracleCase } from "../oracle/support/cases.ts";
import { tensorOf, tensorsIn, withTensors } from "../oracle/support/operations.ts";

const { zeros } = core;

/** Arguments that fit in few places, or in none. */
const ODD: Readonly<Record<string, unknown>> = {
  undefined,
  null: null,
  text: "abc",
  object: { unknown: 1 },
  NaN: Number.NaN,
  fraction: 1.5,
  negative: -7,
  "list of null": [null],
  "list of text": ["a"],
  true: true,
  function: () => 1,
  scalar: zeros([]),
  matrix: zeros([2, 3]),
  integers: zeros([7], { dtype: "int32" }),
};

/** Operations whose errors name another one, and why. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = { gatherNd: "gather" };

const isOptions = (arg: Argument): boolean =>
  typeof arg === "object" &&
  arg !== null &&
  !Array.isArray(arg) &&
  tensorsIn(arg).length === 0 &&
  !("number" in arg);

const cases = caseFiles().flatMap(casesOf);

/** The case with the most arguments of each operation. */
const fullest = new Map<string, OracleCase>();
/** Where options stand. */
const optionsAt = new Map<string, number>();
for (const item of cases) {
  if (item.args.length > (fullest.get(item.op)?.args.length ?? -1)) fullest.set(item.op, item);
  const place = item.args.findIndex(isOptions);
  if (place >= 0) optionsAt.set(item.op, place);
}

/** The last argument of the cases of these says which of several results is meant. */
const WITH_CHOICE = ["split", "meshgrid"];

function argumentsOf(name: string): unknown[] {
  const { args } = fullest.get(name) as OracleCase;
  const values = withTensors(args, args.flatMap(tensorsIn).map(tensorOf));
  return WITH_CHOICE.includes(name) ? values.slice(0, -1) : values;
}

type Operation = (...args: unknown[]) => unknown;

const functionOf = (name: string): Operation =>
  name
    .split(".")
    .reduce<unknown>((found, part) => (found as Record<string, unknown>)[part], core) as Operation;

/** What is wrong with how a call fails, if it does. */
function complaint(name: string, args: readonly unknown[]): string | null {
  try {
    const results = [functionOf(name)(...args)].flat(2).filter(core.isTensor);
    for (const result of results) result.dataSync();
    return null;
  } catch (error) {
    if (!(error instanceof core.CotangentError)) return String(error);
    if (error.remedy === undefined) return `no remedy: ${error.message}`;
    const named = error.operation === name || error.operation === NAMED_OTHERWISE[name];
    return named ? null : `an error of ${error.operation}: ${error.message}`;
  }
}

const names = OF_CORE.filter((name) => !(name in NO_OPERATIONS) && fullest.has(name)).filter(
  // Functions of functions.
  (name) => !/^(jacobian|hessian|hessianDiagonal|hvp|gvp|gaussNewton|sparse.*)$/.test(name),
);

describe("whatever an argument is, an operation takes it or says what to do", () => {
  test.each(names)("%s", (name) => {
    const args = argumentsOf(name);
    const wrong = args.flatMap((_, i) =>
      Object.entries(ODD).map(([what, value]) => {
        const found = complaint(name, args.with(i, value));
        return found === null ? null : `argument ${i} ${what}: ${found}`;
      }),
    );
    expect([complaint(name, args), complaint(name, []), ...wrong].filter((text) => text !== null)).toEqual(
      [],
    );
  });
});

describe("options that nobody reads are errors", () => {
  test.each(names.filter((name) => optionsAt.has(name)))("%s", (name) => {
    const place = optionsAt.get(name) as number;
    const args = argumentsOf(name);
    while (args.length <= place) args.push(undefined);
    const withUnknown = args.with(place, { ...(args[place] as object), unknown: 1 });
    expect(() => functionOf(name)(...withUnknown)).toThrow(/^[\w.]+: unknown option unknown\. Options are /);
  });
});
