// Makes every derivative and batching rule wrong in many ways, one at a time, and looks whether the gradient tests find it:
// `npm run mutate [-- --only exp --list --workers 2]`. Ends with exit code 1 when a mutant lives that is not proved to be
// equivalent (test/mutations/equivalent.ts), or when a rule has no mutants.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root, runNode, setUp } from "./setup.mjs";

setUp();
const { build } = await import("esbuild");

const folder = join(root, "node_modules", ".cotangent", "mutate");
const packages = readdirSync(join(root, "packages")).filter((name) => name !== "cotangent");
await build({
  absWorkingDir: root,
  entryPoints: ["test/mutations/command.ts", "test/mutations/worker.ts"],
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  sourcemap: "inline",
  alias: {
    ...Object.fromEntries(
      packages.map((name) => [`@cotangent/${name}`, join(root, "packages", name, "src", "index.ts")]),
    ),
    // The tests of boundary points, collected rather than run.
    vitest: join(root, "test", "mutations", "collector.ts"),
  },
});
process.exitCode = await runNode(join(folder, "command.mjs"), process.argv.slice(2));
