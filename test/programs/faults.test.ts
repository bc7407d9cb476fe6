import { decodeProgram, findFailure } from "@cotangent/gradcheck/arbitraries";
import { describe, expect, test } from "vitest";
import { standIn } from "../engines/support/standIn.ts";
import { checkAll, printed } from "./support/all.ts";
import { FAULTS } from "./support/faults.ts";

/** So many programs must be enough for every fault. */
const PROGRAMS = 400;

/** Some operations of every family, those with faults among them. */
const OPERATIONS = [
  "add", "sin", "exp", "tanh", "cos", "sqrt", "mul", "sub", "div", "sum", "max", "cumsum", "cumprod", "reshape",
  "transpose", "flip", "broadcastTo", "concat", "matmul", "take", "less", "cast", "grad",
]; // biome-ignore format: a list

describe("injected faults", () => {
  test.each(FAULTS)("are found in small programs: $what", ({ what, kind, run, engine }) => {
    const engines = [engine ?? standIn("right")];
    const options = { runs: PROGRAMS, seed: 1, operations: OPERATIONS, print: printed };
    const failure = run(() => findFailure((program) => checkAll(program, engines), options));
    if (failure === null) throw new Error(`no program shows that ${what}`);
    const { program, message } = failure;
    expect(failure.kind.split(":")[0], message).toBe(kind);
    expect(program.steps.length, message).toBeLessThanOrEqual(3);
    // Seed and path lead to the same program at once, and so do its genes.
    const again = run(() =>
      findFailure((one) => checkAll(one, engines), { ...options, path: failure.path, runs: 1 }),
    );
    expect(String(again?.program)).toBe(String(program));
    expect(String(decodeProgram(program.genes, { operations: OPERATIONS }))).toBe(String(program));
    // Without the fault, nothing is wrong with it.
    expect(() => checkAll(program, [standIn("right")])).not.toThrow();
  });
});
