import { parseArgs } from "node:util";
import { findFailure } from "@cotangent/gradcheck/arbitraries";
import { wasmEngine } from "@cotangent/wasm";
import { checkAll, printed, Tally } from "./support/all.ts";

/** Programs between two looks at the clock; each batch has a seed of its own. */
const BATCH = 100;
/** Minutes between two lines of progress. */
const REPORT_EVERY = 1;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
  },
});

const limit = Number(values.minutes);
let seed = Number(values.seed);
if (!(limit > 0) || !Number.isSafeInteger(seed)) {
  console.error("Usage: npm run fuzz -- [--minutes N] [--seed S], with numbers");
  process.exit(2);
}

const begun = performance.now();
const minutes = (): number => (performance.now() - begun) / 60_000;
const tally = new Tally();
let reported = 0;
console.log(`Random programs of all operations, from seed ${seed}, for ${limit} minutes`);

while (minutes() < limit) {
  const failure = findFailure((program) => checkAll(program, [wasmEngine], tally), {
    runs: BATCH,
    seed,
    print: printed,
  });
  if (failure !== null) {
    console.error(`\n${tally.summary()}\n\n${failure.message}\n\nOr: npm run fuzz -- --seed ${seed}`);
    process.exit(1);
  }
  seed++;
  if (minutes() - reported >= REPORT_EVERY) {
    reported = minutes();
    console.log(`${minutes().toFixed(1)} min: ${tally.summary()}, next seed ${seed}`);
  }
}
console.log(`\nNo program fails: ${tally.summary()}, next seed ${seed}`);
process.exit(0);
