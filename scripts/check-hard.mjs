// Correct functions that are hard to check, with random inputs: `npm run check:hard -- --runs 10000 --seed 1`. Prints what
// the gradient checker says of each function, and ends with exit code 1 when it calls one of them wrong.
// `--write` keeps the figures, with the number of cases that each seeded fault takes, and writes
// docs/gradient-checking-proof.md; `--inputs FILE` writes the inputs of the cases, for test/gradcheck/torch.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root, runNode, setUp } from "./setup.mjs";

setUp();
const { build } = await import("esbuild");

// The sources as the tests see them, in one file: Node by itself does not know the names of the packages.
const bundle = join(root, "node_modules", ".cotangent", "check-hard.mjs");
const packages = readdirSync(join(root, "packages")).filter((name) => name !== "cotangent");
await build({
  absWorkingDir: root,
  entryPoints: ["test/gradcheck/campaign.ts"],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  alias: Object.fromEntries(
    packages.map((name) => [`@cotangent/${name}`, join(root, "packages", name, "src", "index.ts")]),
  ),
});
const env = { NODE_OPTIONS: "--enable-source-maps" };
process.exitCode = await runNode(bundle, process.argv.slice(2), { env });
