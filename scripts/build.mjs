// Builds the packages that are out of date, those that others import first.
// `--clean` builds all of them from nothing.

import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binPath, mustRun, root, setUp } from "./setup.mjs";

const config = ["tsup.config.ts", "tsconfig.base.json", "tsconfig.build.json", "scripts/build.mjs"];

/** Builds every package whose sources, settings or dependencies are newer than what was built from them. */
export async function build({ clean = false } = {}) {
  for (const one of inBuildOrder(readPackages())) {
    if (clean) rmSync(join(one.folder, "dist"), { recursive: true, force: true });
    if (isUpToDate(one)) continue;
    console.log(`Building ${one.manifest.name} ...`);
    await mustRun(binPath("tsup"), ["--config", join(root, "tsup.config.ts")], { cwd: one.folder });
    for (const entry of one.entries) {
      dropBareImports(one, entry);
      writeCommonJsEntry(one, entry);
    }
    if (one.manifest.exports["./worker.js"] !== undefined) await writeWorker(one);
  }
}

/** The packages of the workspace: folder, manifest, the names of their entries. */
export function readPackages() {
  const parent = join(root, "packages");
  const folders = readdirSync(parent).map((name) => join(parent, name));
  return folders
    .filter((folder) => existsSync(join(folder, "package.json")))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      return { folder, manifest, entries: entriesOf(manifest) };
    });
}

/** `{ ".": ..., "./data": ... }` gives `["index", "data"]`; what names a file is not built from an entry. */
function entriesOf({ exports }) {
  const paths = Object.keys(exports).filter((path) => !/\.js(on)?$/.test(path));
  return paths.map((path) => (path === "." ? "index" : path.slice("./".length)));
}

/** Each package after those that it depends on. */
export function inBuildOrder(packages) {
  const byName = new Map(packages.map((one) => [one.manifest.name, one]));
  const ordered = new Set();
  const visit = (one) => {
    if (ordered.has(one)) return;
    one.dependencies = Object.keys(one.manifest.dependencies ?? {}).flatMap((name) => byName.get(name) ?? []);
    one.dependencies.forEach(visit);
    ordered.add(one);
  };
  packages.forEach(visit);
  return [...ordered];
}

function isUpToDate(one) {
  const sources = [join(one.folder, "src"), join(one.folder, "package.json")];
  const inputs = [
    ...config.map((file) => newest(join(root, file))),
    ...sources.map(newest),
    ...one.dependencies.map(builtAt),
  ];
  return Math.max(...inputs) <= builtAt(one);
}

/** When the last file of a build was written; 0 when it is not there. */
function builtAt({ folder, entries }) {
  return Math.min(...entries.map((entry) => modifiedAt(join(folder, "dist", `${entry}.d.cts`))));
}

/** The latest change of a file, or in a folder (a deleted file changes its folder). */
function newest(path) {
  const own = modifiedAt(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * The bundler of declarations writes down what other entries import, too: types of packages that need not be there.
 */
function dropBareImports({ folder }, entry) {
  const file = join(folder, "dist", `${entry}.d.ts`);
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/^import '[^']+';\n/gm, ""));
}

/**
 * What `require` finds: a door to the ES modules (Node >= 22.12 can require those), so that programs which
 * mix `import` and `require` share one copy of the code and of its types.
 */
function writeCommonJsEntry({ folder }, entry) {
  const name = basename(entry);
  writeFileSync(join(folder, "dist", `${entry}.cjs`), `module.exports = require("./${name}.js");\n`);
  writeFileSync(join(folder, "dist", `${entry}.d.cts`), `export * from "./${name}.js";\n`);
}

/**
 * The program of the engine's workers, which is a text in the package, as a file of its own: for pages whose content
 * policy forbids workers that are made of text.
 */
async function writeWorker({ folder }) {
  writeFileSync(join(folder, "dist", "worker.js"), await workerProgram(folder));
}

export async function workerProgram(folder) {
  const esbuild = await import("esbuild");
  const entry = join(folder, "src", "machine", "workerSource.ts");
  const options = { entryPoints: [entry], bundle: true, format: "esm", write: false, logLevel: "error" };
  const { outputFiles } = await esbuild.build(options);
  const { workerSource } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return workerSource;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setUp();
  await build({ clean: process.argv.includes("--clean") });
}
