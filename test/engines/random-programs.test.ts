import { type DType, primitives, type Tensor } from "@cotangent/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cases } from "./support/arbitrary.ts";
import { checkCase } from "./support/check.ts";
import { enginesUnderTest } from "./support/engines.ts";
import { Figures } from "./support/figures.ts";
import { OPERATIONS } from "./support/generate.ts";
import { ALL } from "./support/operation.ts";

const BATCHES = 8;
const PROGRAMS = 250;

describe.each(await enginesUnderTest())("on $name, random programs", (engine) => {
  const figures = new Figures();

  test.each(Array.from({ length: BATCHES }, (_, batch) => batch))(
    "compute what the reference engine computes: batch %i",
    (batch) => {
      const { seed = 0 } = fc.readConfigureGlobal();
      fc.assert(
        fc.property(cases, (item) => checkCase(item, engine, figures)),
        {
          numRuns: PROGRAMS,
          seed: seed + batch,
        },
      );
    },
  );

  test("reached every primitive with every dtype that it accepts", () => {
    console.log(`${engine.name}: ${figures.summary()}\n${figures.report()}`);
    expect(figures.programs).toBeGreaterThanOrEqual(BATCHES * PROGRAMS);
    for (const name of Object.keys(OPERATIONS)) {
      for (const dtype of resultsOf(name)) {
        expect(figures.count(name, dtype), `${name} ${dtype}`).toBeGreaterThan(20);
      }
    }
  });
});

/** The dtypes that a primitive's results have, by its own rule. */
function resultsOf(name: string): Set<DType> {
  const prim = primitives().find((other) => other.name === name);
  const { dtypes } = OPERATIONS[name];
  const accepted = ALL.flatMap((dtype) => {
    const x = { dtype, shape: [2], rank: 1, size: 2 } as unknown as Tensor;
    const index = { ...x, dtype: "int32" } as unknown as Tensor;
    const condition = { ...x, dtype: "bool" } as unknown as Tensor;
    try {
      const isLookup = name === "gather" || name.startsWith("scatter");
      const operands = isLookup ? [x, index, x] : name === "where" ? [condition, x, x] : [x, x];
      return [prim?.dtype(operands, { dtype, op: "less" }) as DType];
    } catch {
      return [];
    }
  });
  // A bool cannot count: iota has no such dtype, although its rule takes any.
  return new Set(name === "iota" ? dtypes : accepted);
}
