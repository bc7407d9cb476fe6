import * as core from "@cotangent/core";
import {
  checkPrograms,
  decodeProgram,
  findFailure,
  OPERATION_NAMES,
  programs,
  type RandomProgram,
} from "@cotangent/gradcheck/arbitraries";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_STEPS } from "../../packages/gradcheck/src/programs/operations/index.ts";
import { NO_OPERATIONS, OF_CORE } from "../exports.ts";

const genes = fc.array(fc.array(fc.oneof(fc.nat({ max: 300 }), fc.maxSafeInteger()), { maxLength: 30 }), {
  maxLength: 12,
});

const SAMPLE = fc.sample(programs(), { numRuns: 1000, seed: 1 });

/** The share of random programs for which something holds. */
const share = (holds: (program: RandomProgram) => boolean): number =>
  SAMPLE.filter(holds).length / SAMPLE.length;

describe("the table of operations", () => {
  test("names every function of core that makes tensors, or says why not", () => {
    const named = [...OPERATION_NAMES, ...Object.keys(NO_STEPS)];
    const wanted = OF_CORE.filter((name) => !(name in NO_OPERATIONS));
    expect(wanted.filter((name) => !named.includes(name))).toEqual([]);
    expect(named.filter((name) => !wanted.includes(name))).toEqual([]);
    expect(Object.keys(NO_STEPS).filter((name) => OPERATION_NAMES.includes(name))).toEqual([]);
  });

  test.each(OPERATION_NAMES)("%s calls that function, on any input", (name) => {
    for (const program of fc.sample(programs({ operations: [name], maxSteps: 2 }), {
      numRuns: 30,
      seed: 3,
    })) {
      for (const output of program.outputs(...program.inputs())) output.dataSync();
      expect(String(program)).toContain(`${name}(`);
    }
  });
});

describe("decoding", () => {
  test("is total: any lists of whole numbers are a program that runs", () => {
    fc.assert(
      fc.property(genes, (lists) => {
        const program = decodeProgram(lists);
        for (const output of program.outputs(...program.inputs())) {
          expect(core.isFloating(output.dtype)).toBe(true);
          expect(output.dataSync().every(Number.isFinite), String(program)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves out what makes no difference", () => {
    for (const program of SAMPLE) expect(String(decodeProgram(program.genes))).toBe(String(program));
  });

  test("keeps to its options", () => {
    const options = { operations: ["sin", "mul"], dtypes: ["float32"], maxSteps: 3 } as const;
    for (const program of fc.sample(programs(options), { numRuns: 100 })) {
      expect(program.steps.length).toBeLessThanOrEqual(3);
      for (const { operation, dtype } of program.steps) {
        expect(["sin", "mul"]).toContain(operation);
        expect(dtype).toBe("float32");
      }
    }
  });

  test("refuses options that make no sense", () => {
    const wrong: (() => unknown)[] = [
      () => programs({ operations: ["nothing"] }),
      () => programs({ operations: [] }),
      () => programs({ dtypes: ["int32"] }),
      () => programs({ dtypes: [] }),
      () => programs({ maxSteps: 0 }),
      () => programs({ steps: 3 } as object),
      () => findFailure(() => {}, { runs: 0 }),
    ];
    for (const call of wrong) expect(call, String(call)).toThrow(core.StateError);
  });
});

describe("random programs", () => {
  test("have inputs of all ranks, with the sizes 0 and 1, of both dtypes", () => {
    const some = (holds: (shape: core.Shape) => boolean): number =>
      share(({ parameters }) => parameters.some(({ shape }) => holds(shape)));
    for (const rank of [0, 1, 2, 3, 4]) expect(some((shape) => shape.length === rank)).toBeGreaterThan(0.1);
    expect(some((shape) => shape.includes(0))).toBeGreaterThan(0.05);
    expect(some((shape) => shape.includes(1))).toBeGreaterThan(0.2);
    expect(share(({ parameters }) => parameters[0].dtype === "float32")).toBeGreaterThan(0.3);
    expect(share(({ parameters }) => parameters[0].dtype === "float64")).toBeGreaterThan(0.3);
  });

  test("have aliased operands, broadcast ones, long chains, and steps that share what came before", () => {
    expect(share((program) => /\((x\d|v\d), \1[,)]/.test(String(program)))).toBeGreaterThan(0.08);
    const uses = ({ steps }: RandomProgram): string[] => steps.flatMap(({ operands }) => operands);
    expect(share((program) => new Set(uses(program)).size < uses(program).length)).toBeGreaterThan(0.5);
    expect(share((program) => depthOf(program) >= 4)).toBeGreaterThan(0.2);
    expect(share(broadcasts)).toBeGreaterThan(0.05);
  });

  test("follow from the seed", () => {
    const text = () => fc.sample(programs(), { seed: 9, numRuns: 20 }).map(String);
    expect(text()).toEqual(text());
  });

  test("are plain data, a function of its inputs, and TypeScript", () => {
    const program = decodeProgram([[], [], [OPERATION_NAMES.indexOf("log")]]);
    expect(program.parameters).toEqual([{ name: "x0", shape: [], dtype: "float64", elements: [0.5] }]);
    expect(program.steps.map(({ operation, operands }) => [operation, operands])).toEqual([["log", ["x0"]]]);
    expect((program.f(...program.inputs()) as core.Tensor).item()).toBeCloseTo(Math.log(0.5), 12);
    expect(String(program)).toMatchInlineSnapshot(`
      "import { log, type Tensor, tensor } from "@cotangent/core";
      import { checkGradients } from "@cotangent/gradcheck";

      const inputs = [
        tensor([0.5], { shape: [], dtype: "float64" }),
      ];
      const f = (x0: Tensor) => {
        const v0 = log(x0);
        return v0;
      };
      checkGradients(f, inputs, { order: 2 });"
    `);
  });
});

/** The longest way from an input to a result. */
function depthOf({ steps }: RandomProgram): number {
  const depths = new Map<string, number>();
  for (const { name, operands } of steps) {
    depths.set(name, 1 + Math.max(0, ...operands.map((operand) => depths.get(operand) ?? 0)));
  }
  return Math.max(0, ...depths.values());
}

/** Whether a sum or a product has operands of different shapes. */
function broadcasts({ parameters, steps }: RandomProgram): boolean {
  const shapes = new Map([...parameters, ...steps].map(({ name, shape }) => [name, String(shape)]));
  return steps.some(
    ({ operation, operands }) =>
      ["add", "sub", "mul", "div", "logaddexp", "atan2", "hypot", "less", "maximum"].includes(operation) &&
      new Set(operands.map((name) => shapes.get(name))).size > 1,
  );
}

describe("failures", () => {
  const uses = (program: RandomProgram, name: string): boolean =>
    program.steps.some(({ operation }) => operation === name);

  test("shrink to the smallest program of the same kind", () => {
    const failure = findFailure(
      (program) => {
        if (uses(program, "tanh") && program.steps.length > 1) throw new RangeError("a tanh");
        if (uses(program, "tanh")) throw new TypeError("another kind, of smaller programs");
      },
      { runs: 2000, seed: 2 },
    );
    expect(failure?.kind).toBe("RangeError");
    expect(failure?.program.steps.map(({ operation }) => operation).toSorted()).toEqual(["neg", "tanh"]);
    expect(failure?.program.parameters).toHaveLength(1);
    expect(failure?.program.parameters[0].shape).toEqual([]);
  });

  test("are printed with seed and path", () => {
    const check = (program: RandomProgram): void => {
      if (uses(program, "erf")) throw new RangeError("an erf");
    };
    let error: unknown;
    try {
      checkPrograms(check, { runs: 2000, seed: 4 });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(core.CotangentError);
    const { message } = error as Error;
    expect(message).toContain("A random program fails (RangeError): an erf");
    expect(message).toContain("const v0 = erf(x0);");
    expect(message).toContain("checkGradients(f, inputs, { order: 2 });");
    const path = /Again: \{ seed: 4, path: "([\d:]+)" \}/.exec(message)?.[1];
    expect(findFailure(check, { seed: 4, path, runs: 1 })?.message).toContain("const v0 = erf(x0);");
  });

  test("are none where nothing fails", () => {
    expect(findFailure(() => {}, { runs: 20 })).toBeNull();
    expect(() => checkPrograms(() => {}, { runs: 20 })).not.toThrow();
  });
});
