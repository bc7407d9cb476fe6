import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Compiles a program against the sources, into a folder, and runs it at the root of the repository. Stacks name lines of the
 * sources; those of the program itself stand in `${name}.ts`.
 */
export async function run(scratch: string, name: string, code: string) {
  const outfile = join(scratch, `${name.replaceAll(/\W/g, "-")}.mjs`);
  await build({
    stdin: { contents: code, loader: "ts", resolveDir: root, sourcefile: `${name}.ts` },
    bundle: true,
    platform: "node",
    format: "esm",
    tsconfig: join(root, "tsconfig.json"),
    external: ["sharp"],
    sourcemap: "linked",
    outfile,
    logLevel: "silent",
  });
  return spawnSync(process.execPath, ["--enable-source-maps", outfile], { cwd: root, encoding: "utf8" });
}
