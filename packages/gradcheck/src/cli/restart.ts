import { spawnSync } from "node:child_process";
import { needStripping, STRIP_TYPES, stripsTypes } from "./load.ts";

/**
 * Runs the command where types are stripped: here, or, if there are .ts files and this Node (22.12 to 22.17) strips types
 * by a flag only, in a process of its own with that flag. Gives the exit code.
 */
export async function withTypes(args: readonly string[], command: () => Promise<number>): Promise<number> {
  if (!needStripping(args) || stripsTypes()) return command();
  if (process.execArgv.includes(STRIP_TYPES)) {
    process.stderr.write(
      `cotangent-gradcheck: this Node (${process.version}) cannot strip types. Use Node 22.12 or newer, or compile the files first\n`,
    );
    return 2;
  }
  const flags = [...process.execArgv, STRIP_TYPES, "--disable-warning=ExperimentalWarning"];
  const { status } = spawnSync(process.execPath, [...flags, process.argv[1], ...args], { stdio: "inherit" });
  return status ?? 2;
}
