// Commands that are programs of tests, bundled with the sources as the tests see them: Node by itself does not know the names
// of the packages.

import { basename, join } from "node:path";
import { readPackages } from "./build.mjs";
import { root, runNode, setUp } from "./setup.mjs";

/**
 * Runs a TypeScript file of the repository with the arguments of this process, which ends with its exit code. `workers` are
 * files that it starts, bundled beside it; `alias` puts other modules in the places of some.
 */
export async function runBundled(name, entry, { workers = [], alias = {} } = {}) {
  setUp();
  const { build } = await import("esbuild");
  const folder = join(root, "node_modules", ".cotangent", name);
  await build({
    absWorkingDir: root,
    entryPoints: [entry, ...workers],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    sourcemap: "inline",
    alias: { ...sources(), ...alias },
  });
  const env = { NODE_OPTIONS: "--enable-source-maps" };
  const program = join(folder, basename(entry).replace(/\.ts$/, ".mjs"));
  process.exitCode = await runNode(program, process.argv.slice(2), { env });
}

/** The source of each entry of each package but the door to all, deeper entries first. */
function sources() {
  const entries = readPackages()
    .filter(({ manifest }) => manifest.name !== "cotangent")
    .flatMap(({ folder, manifest, entries }) =>
      entries.map((entry) => [
        entry === "index" ? manifest.name : `${manifest.name}/${entry}`,
        join(folder, "src", `${entry}.ts`),
      ]),
    );
  return Object.fromEntries(entries.sort(([a], [b]) => b.length - a.length));
}
