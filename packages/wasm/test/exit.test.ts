import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cotangent-exit-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script that uses the machine in a process of its own; gives its output and how it ended. */
async function runScript(source: string): Promise<{ output: string; code: number | null; ms: number }> {
  const outfile = join(folder, "script.mjs");
  await build({
    stdin: { contents: source, resolveDir: here, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "@cotangent/core": join(here, "../../core/src/index.ts") },
  });
  const start = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [outfile], {
      timeout: 30_000,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("close", (code) => resolve({ output, code, ms: performance.now() - start }));
  });
}

const PROLOGUE = `
  import { addNothing, testMachine, writeList } from "./support/kernels.ts";
  const machine = testMachine({ threads: 3 });
  const nothing = addNothing(machine);
  const list = writeList(machine, [{ kernel: nothing, units: 3 }]);
  machine.run(list, true);
`;
const UNTIL_READY = `
  while (machine.stats().crew.helpers < 2) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    machine.run(list, true);
  }
  console.log("ready");
`;

describe("a process with threads", () => {
  it.each([
    ["while its threads are being started", PROLOGUE, ""],
    ["while its threads spin", PROLOGUE + UNTIL_READY, "ready\n"],
    [
      "while its threads sleep",
      `${PROLOGUE}${UNTIL_READY} await new Promise((resolve) => setTimeout(resolve, 50));`,
      "ready\n",
    ],
    ["by process.exit", `${PROLOGUE}${UNTIL_READY} process.exit(0);`, "ready\n"],
  ])("ends by itself %s", async (_, source, output) => {
    const result = await runScript(source);
    expect(result).toMatchObject({ code: 0, output });
    expect(result.ms).toBeLessThan(10_000);
  });

  it("starts no thread in a script without parallel work", async () => {
    const source = PROLOGUE.replace("run(list, true)", "run(list, false)");
    const print = "console.log(process.getActiveResourcesInfo().length, machine.stats().crew.workers);";
    expect(await runScript(source + print)).toMatchObject({ code: 0, output: "0 0\n" });
  });
});
