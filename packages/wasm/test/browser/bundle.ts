import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as vite from "vite";

const core = fileURLToPath(new URL("../../../core/src/index.ts", import.meta.url));

/** Bundles a page for browsers, without anything that would stand in for parts of Node. */
export async function bundleWithEsbuild(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, "esbuild.js");
  await esbuild.build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    alias: { "@cotangent/core": core },
    logLevel: "error",
  });
  return outfile;
}

export async function bundleWithVite(entry: string, folder: string): Promise<string> {
  await vite.build({
    root: fileURLToPath(new URL(".", import.meta.url)),
    configFile: false,
    logLevel: "error",
    mode: "production",
    resolve: { alias: { "@cotangent/core": core } },
    build: {
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: "vite.js" } },
    },
  });
  return join(folder, "vite.js");
}
