import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { nodePath } from "../../../../scripts/setup.mjs";

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** What a run of the command gave. */
export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A project in a folder of its own with core and the command in it, bundled from the sources. */
export interface Workspace {
  write(name: string, text: string): void;
  read(name: string): string;
  run(args: readonly string[], options?: { node?: string; env?: Record<string, string> }): Run;
  remove(): void;
}

export async function makeWorkspace(): Promise<Workspace> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cotangent-gradcheck-")));
  const bundle = (entry: string, name: string) =>
    esbuild.build({
      entryPoints: [source(entry)],
      outfile: join(folder, "node_modules", "@cotangent", name, "index.js"),
      bundle: true,
      format: "esm",
      platform: "node",
      external: ["@cotangent/*"],
      logLevel: "error",
    });
  await Promise.all([bundle("core/src/index.ts", "core"), bundle("gradcheck/src/cli.ts", "gradcheck")]);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("package.json", '{ "type": "module" }');
  for (const name of ["core", "gradcheck"]) {
    write(`node_modules/@cotangent/${name}/package.json`, '{ "type": "module", "exports": "./index.js" }');
  }
  mkdirSync(join(folder, "deeper"));
  return {
    write,
    read: (name) => readFileSync(join(folder, name), "utf8"),
    run: (args, { node = "24", env = {} } = {}) => {
      const { NODE_PATH: _, NODE_OPTIONS: __, NO_COLOR: ___, FORCE_COLOR: ____, ...rest } = process.env;
      const command = [join("node_modules", "@cotangent", "gradcheck", "index.js"), ...args];
      const options = { cwd: folder, env: { ...rest, ...env }, encoding: "utf8" } as const;
      const { status, stdout, stderr } = spawnSync(nodePath(node), command, options);
      return { code: status, out: stdout, err: stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
