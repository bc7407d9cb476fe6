import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readPackages } from "../../scripts/build.mjs";
import { packAll } from "../../scripts/pack.mjs";
import { binPath, nodePath, runNpm } from "../../scripts/setup.mjs";

const run = promisify(execFile);

/** A user's project: the packed packages installed with npm, and the programs of `programs/`. */
export interface Project {
  readonly folder: string;
  /** The version of the packages. */
  readonly version: string;
  /** Runs a program in one of the supported versions of Node, with flags of Node's, and gives what it prints. */
  run(program: string, options?: { node?: string; flags?: readonly string[] }): Promise<string>;
  /** Runs a command that the packages bring, as a shell would: by its link, and with `node` of that version. */
  runBin(name: string, args: readonly string[], options?: { node?: string }): Promise<string>;
  /** Type-checks the project with a tsconfig of the given options; gives the errors, one per line. */
  check(files: readonly string[], compilerOptions: object): Promise<string>;
  remove(): void;
}

/** Makes an empty folder outside of the repository, with the packages installed in it. */
export async function createProject(): Promise<Project> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cotangent-project-")));
  const tarballs = await packAll(folder);
  const dependencies = Object.fromEntries(
    Object.entries(tarballs).map(([name, tarball]) => [name, `file:${basename(tarball)}`]),
  );
  writeJson(join(folder, "package.json"), { name: "project", private: true, type: "module", dependencies });
  install(folder);
  cpSync(fileURLToPath(new URL("programs", import.meta.url)), folder, { recursive: true });

  return {
    folder,
    version: readPackages()[0]?.manifest.version ?? "",
    run: (program, { node = "24", flags = [] } = {}) => output(nodePath(node), [...flags, program], folder),
    runBin: (name, args, { node = "24" } = {}) => {
      const path = [dirname(nodePath(node)), process.env.PATH ?? ""].join(delimiter);
      return output(join(folder, "node_modules", ".bin", name), args, folder, { PATH: path });
    },
    check: (files, compilerOptions) => {
      const base = { strict: true, noEmit: true, types: [], lib: ["ES2023"], target: "ES2023" };
      writeJson(join(folder, "tsconfig.json"), { files, compilerOptions: { ...base, ...compilerOptions } });
      return output(nodePath(), [binPath("typescript", "tsc"), "-p", folder], folder);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function install(folder: string): void {
  const args = ["install", "--prefix=.", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const { status, stdout, stderr } = runNpm(args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm install failed:\n${stdout}\n${stderr}`);
}

/** What a command prints, on either stream, whether it succeeds or not; a failure says so in the last line. */
async function output(
  command: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  // A program of node:test that is run by a test would think it were part of it.
  const { NODE_PATH: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  try {
    const { stdout, stderr } = await run(command, args, { cwd, env: { ...env, ...variables } });
    return (stdout + stderr).trim();
  } catch (error) {
    const { stdout = "", stderr = "", code } = error as { stdout?: string; stderr?: string; code?: number };
    return `${stdout}${stderr}\nfailed with exit code ${code}`.trim();
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}
