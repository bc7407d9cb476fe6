// Errors and speed of the elementary functions of the wasm engine: see packages/wasm/test/accuracy/main.ts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, runNode, setUp } from "./setup.mjs";

setUp();
const { build } = await import("esbuild");
const folder = mkdtempSync(join(tmpdir(), "accuracy-"));
const outfile = join(folder, "main.mjs");
await build({
  entryPoints: [join(root, "packages/wasm/test/accuracy/main.ts")],
  bundle: true,
  platform: "node",
  format: "esm",
  alias: { "@cotangent/core": join(root, "packages/core/src/index.ts") },
  outfile,
});
process.exitCode = await runNode(outfile, process.argv.slice(2));
rmSync(folder, { recursive: true });
