import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as vite from "vite";

export interface Bundle {
  /** From the folder of the project. */
  readonly path: string;
  readonly code: string;
  readonly gzippedBytes: number;
}

export async function bundleWithEsbuild(project: string, program: string): Promise<Bundle> {
  const path = join("bundled", "esbuild", program);
  await esbuild.build({
    absWorkingDir: project,
    entryPoints: [program],
    outfile: path,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    external: ["node:*"],
    logLevel: "error",
  });
  return describeBundle(project, path);
}

export async function bundleWithVite(project: string, program: string): Promise<Bundle> {
  const folder = join("bundled", "vite");
  await vite.build({
    root: project,
    configFile: false,
    logLevel: "error",
    mode: "production",
    build: {
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: {
        input: join(project, program),
        external: /^node:/,
        output: { entryFileNames: program },
      },
    },
  });
  return describeBundle(project, join(folder, program));
}

function describeBundle(project: string, path: string): Bundle {
  const bytes = readFileSync(join(project, path));
  return { path, code: bytes.toString(), gzippedBytes: gzipSync(bytes).length };
}
