import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as vite from "vite";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const packages = `${root}packages`;

// Both find the packages by their sources, so that there is nothing to build.

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
    tsconfig: `${root}tsconfig.json`,
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
    resolve: {
      alias: [
        { find: /^@cotangent\/([a-z]+)$/, replacement: `${packages}/$1/src/index.ts` },
        { find: /^cotangent$/, replacement: `${packages}/cotangent/src/index.ts` },
      ],
    },
    build: {
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: "vite.js" } },
    },
  });
  return join(folder, "vite.js");
}
