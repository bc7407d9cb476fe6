import { parseArgs } from "node:util";
import fc from "fast-check";
import { cases } from "./support/arbitrary.ts";
import type { EngineCase } from "./support/case.ts";
import { checkCase } from "./support/check.ts";
import { engineNamed } from "./support/engines.ts";
import { Figures } from "./support/figures.ts";
import { listing } from "./support/listing.ts";

/** Programs between two looks at the clock; each batch has a seed of its own. */
const BATCH = 200;
/** Minutes between two lines of progress. */
const REPORT_EVERY = 1;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    engine: { type: "string", default: process.env.COTANGENT_ENGINE ?? "wasm" },
  },
});

const minutes = (): number => (performance.now() - begun) / 60_000;
const begun = performance.now();

/** The smallest program that fails, the seed that finds it again, and what is wrong; null when none does. */
function failureOf(seed: number, figures: Figures, check: (item: EngineCase) => void): string | null {
  const found = fc.check(fc.property(cases, check), { numRuns: BATCH, seed });
  if (!found.failed) return null;
  const [smallest] = found.counterexample ?? [];
  const repeat = `Again: npm run campaign:engines -- --engine ${values.engine} --seed ${seed}`;
  const program = smallest === undefined ? "" : listing(smallest);
  return `${figures.summary()}\n\n${found.errorInstance}\n\n${program}\n\n${repeat}`;
}

const engine = await engineNamed(values.engine);
const figures = new Figures();
const limit = Number(values.minutes);
let seed = Number(values.seed);
let reported = 0;
console.log(`Random programs on the engine "${engine.name}", from seed ${seed}, for ${limit} minutes`);

while (minutes() < limit) {
  const failure = failureOf(seed++, figures, (item) => checkCase(item, engine, figures));
  if (failure !== null) {
    console.error(`\nA program fails.\n${failure}`);
    process.exit(1);
  }
  if (minutes() - reported >= REPORT_EVERY) {
    reported = minutes();
    console.log(`${minutes().toFixed(1)} min: ${figures.summary()}, next seed ${seed}`);
  }
}
console.log(`\nNo program fails: ${figures.summary()}, next seed ${seed}\n\n${figures.report()}`);
process.exit(0);
