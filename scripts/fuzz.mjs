// Random programs of all operations, checked in every way there is, for as long as one likes:
// `npm run fuzz -- --minutes 60 [--seed 1]`. Ends with exit code 1 and the smallest program that fails, written so that
// it can be pasted into test/programs/regressions.test.ts.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root, runNode, setUp } from "./setup.mjs";

setUp();
const { build } = await import("esbuild");

// The sources as the tests see them, in one file: Node by itself does not know the names of the packages.
const bundle = join(root, "node_modules", ".cotangent", "fuzz.mjs");
const source = (name, file) => join(root, "packages", name, "src", file);
const packages = readdirSync(join(root, "packages")).filter((name) => name !== "cotangent");
await build({
  absWorkingDir: root,
  entryPoints: ["test/programs/campaign.ts"],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  alias: {
    "@cotangent/gradcheck/arbitraries": source("gradcheck", "arbitraries.ts"),
    ...Object.fromEntries(packages.map((name) => [`@cotangent/${name}`, source(name, "index.ts")])),
  },
});
const env = { NODE_OPTIONS: "--enable-source-maps" };
process.exitCode = await runNode(bundle, process.argv.slice(2), { env });
