import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

// Each package is built from its own folder, see scripts/build.mjs. The code is built once, as ES modules;
// the CommonJS entries, which build.mjs adds, load that same code: a process never holds two copies of it.
const manifest = JSON.parse(readFileSync("package.json", "utf8"));

/** `./dist/name.js`, or an entry such as `./name`, gives `name`. */
const nameOf = (path: string): string => path.replace(/^\.\/(dist\/)?/, "").replace(/\.js$/, "");

/** What is imported: with types. `./package.json` and other files are no entries. */
const entries = Object.keys(manifest.exports)
  .filter((path) => !/\.js(on)?$/.test(path))
  .map((path) => (path === "." ? "index" : nameOf(path)));
/** What is run. */
const programs = Object.values<string>(manifest.bin ?? {}).map(nameOf);

const sources = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]));

export default defineConfig({
  entry: sources([...entries, ...programs]),
  format: "esm",
  platform: "neutral",
  target: "es2023",
  external: [/^node:/],
  removeNodeProtocol: false,
  // What several entries of a package share stands in files of its own, so that it is there once.
  splitting: entries.length + programs.length > 1,
  sourcemap: true,
  dts: { entry: sources(entries) },
  silent: true,
  tsconfig: "../../tsconfig.build.json",
});
