import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { SizeLine } from "../lines/line.ts";
import { cotangentBundle } from "./peers.ts";
import type { Cell, Row } from "./results.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = fileURLToPath(new URL("..", import.meta.url));

/** Bundles Cotangent's peer from the sources of the packages: what is measured is what is being worked on. */
export async function bundleCotangent(): Promise<void> {
  await build({
    entryPoints: [join(folder, "peers/cotangent.ts")],
    outfile: cotangentBundle,
    bundle: true,
    platform: "node",
    format: "esm",
    tsconfig: join(root, "tsconfig.json"),
    logLevel: "silent",
  });
}

/** What a page must load besides its script. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  tfjs: ["@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"],
};

/** Measures the bundles of a line, minified and gzipped. Cotangent's packages must have been built. */
export async function measureSizes(line: SizeLine, peers: readonly string[]): Promise<Row> {
  const cells: Record<string, Cell> = {};
  for (const peer of peers) {
    const program = join(folder, `bundles/${line.work.program}.${peer}.ts`);
    cells[peer] = existsSync(program) ? await size(peer, program) : { unsupported: true };
  }
  return { line, cells };
}

async function size(peer: string, program: string): Promise<Cell> {
  try {
    const { outputFiles } = await build({
      entryPoints: [program],
      write: false,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      external: ["node:*"],
      // Not the repository's tsconfig: its paths lead to the sources, users get the built packages.
      tsconfigRaw: {},
      logLevel: "silent",
    });
    const resolve = createRequire(join(folder, "package.json")).resolve;
    const companions = (COMPANIONS[peer] ?? []).map((path) => readFileSync(resolve(path)));
    const all = [...outputFiles.map(({ contents }) => contents), ...companions];
    return { value: all.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
