import { checkPrograms } from "@cotangent/gradcheck/arbitraries";
import fc from "fast-check";
import { expect, test } from "vitest";
import { enginesUnderTest } from "../engines/support/engines.ts";
import { checkAll, printed, Tally } from "./support/all.ts";

const BATCHES = 16;
const PROGRAMS = 125;
/** Campaigns (`npm run fuzz`) have longer programs. */
const MAX_STEPS = 6;

const engines = await enginesUnderTest();
const tally = new Tally();

test.each(Array.from({ length: BATCHES }, (_, batch) => batch))(
  "random programs have right gradients of first and second order in both modes, mapped and on every engine: batch %i",
  (batch) => {
    const { seed = 0 } = fc.readConfigureGlobal();
    checkPrograms((program) => checkAll(program, engines, tally), {
      runs: PROGRAMS,
      maxSteps: MAX_STEPS,
      seed: seed + batch,
      print: printed,
    });
  },
);

test("they reach every operation, and differences decide about nearly all of them", () => {
  console.log(tally.summary());
  expect(tally.programs).toBeGreaterThanOrEqual(BATCHES * PROGRAMS);
  expect(tally.rarerThan(10)).toEqual([]);
  expect(tally.decided).toBeGreaterThan(0.95);
});
