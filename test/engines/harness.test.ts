import { primitives, referenceEngine } from "@cotangent/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cases } from "./support/arbitrary.ts";
import { computedPlaces, type EngineCase } from "./support/case.ts";
import { checkCase } from "./support/check.ts";
import { FAULTS } from "./support/faults.ts";
import { OPERATIONS } from "./support/generate.ts";
import { listing, parsed } from "./support/listing.ts";
import { standIn } from "./support/standIn.ts";

/** So many programs must be enough for every fault. */
const PROGRAMS = 2000;

describe("the harness", () => {
  test.each([referenceEngine, standIn("exact")])(
    "finds nothing wrong with an exact engine: $name",
    (engine) => {
      fc.assert(
        fc.property(cases, (item) => checkCase(item, engine)),
        { numRuns: 500 },
      );
    },
  );

  test.each(FAULTS)("finds that $what", ({ engine, nodes }) => {
    const found = fc.check(
      fc.property(cases, (item) => checkCase(item, engine)),
      { numRuns: PROGRAMS },
    );
    expect(found.failed, "no program shows it").toBe(true);
    const [smallest] = found.counterexample as [EngineCase];
    expect(computedPlaces(smallest.program).length, listing(smallest)).toBeLessThanOrEqual(nodes);
    // What is printed can be pasted, and fails again.
    expect(() => checkCase(parsed(listing(smallest)), engine)).toThrow();
  });
});

describe("listings", () => {
  test("are read as they were written", () => {
    fc.assert(
      fc.property(cases, (item) => {
        const text = listing(item);
        expect(listing(parsed(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });
});

describe("random programs", () => {
  test("know how to add every primitive that engines compute", () => {
    // Aliases are resolved when a graph is numbered; what a compiled function returned is bound, like data. Bodies are programs
    // of their own: packages/core/test/control draws them, for every engine.
    const others = ["compiledResult", "loop", "branch", "part"];
    const computed = primitives().filter(
      ({ leaf, alias, name }) => !leaf && !alias && !others.includes(name),
    );
    expect(Object.keys(OPERATIONS).sort()).toEqual(computed.map(({ name }) => name).sort());
  });
});
