import { basename } from "node:path";
import { defineConfig } from "tsup";

// Each package is built from its own folder, see scripts/build.mjs. The code is built once, as ES modules;
// the CommonJS entries, which build.mjs adds, load that same code: a process never holds two copies of it.
const entries = basename(process.cwd()) === "cotangent" ? ["index", "data"] : ["index"];

export default defineConfig(
  entries.map((name) => ({
    entry: [`src/${name}.ts`],
    format: "esm",
    platform: "neutral",
    target: "es2023",
    external: [/^node:/],
    removeNodeProtocol: false,
    splitting: false,
    sourcemap: true,
    dts: true,
    silent: true,
    tsconfig: "../../tsconfig.build.json",
  })),
);
