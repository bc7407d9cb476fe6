// The gradient tests on the reference engine with as many random cases as one likes: `npm run gradients -- --cases 1000`.

import { parseArgs } from "node:util";
import { binPath, runNode, setUp } from "./setup.mjs";

const { values, positionals } = parseArgs({
  options: { cases: { type: "string", default: "1000" }, seed: { type: "string" } },
  allowPositionals: true,
});
setUp();
process.env.COTANGENT_CASES = values.cases;
if (values.seed !== undefined) process.env.COTANGENT_SEED = values.seed;
const tests = positionals.length > 0 ? positionals : ["test/gradients"];
process.exitCode = await runNode(binPath("vitest"), [
  "run",
  "--project",
  "reference",
  "--test-timeout",
  "0",
  ...tests,
]);
