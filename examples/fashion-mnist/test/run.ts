import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const program = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Milliseconds between the last output and the end of the process. */
  readonly lingered: number;
}

/** Runs the demo in a process of its own, with the packages as they were built. */
export const runDemo = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  run([program, ...args], env);

/** Runs a program that is given as text and imports files of the demo, such as "./src/saved.ts". */
export const runText = (text: string): Promise<Finished> => run(["--input-type=module", "--eval", text]);

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const options = { cwd: dirname(program), env: { ...process.env, CI: "1", ...env } };
  const child = spawn(process.execPath, args, options);
  let out = "";
  let err = "";
  let lastOutput = 0;
  child.stdout.on("data", (text) => {
    out += text;
    lastOutput = performance.now();
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err, lingered: performance.now() - lastOutput }));
  });
}

/** A folder of its own for a test file, removed in the end. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cotangent-demo-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The losses in the lines of the epochs. */
export const lossesIn = (out: string): number[] =>
  [...out.matchAll(/^Epoch \d+\/\d+: loss ([\d.e+-]+)/gm)].map(([, loss]) => Number(loss));

/** The share in a line such as `Test accuracy: 85.20 % of 2000 images`. */
export function accuracyIn(out: string, what: string): number {
  const found = out.match(new RegExp(`${what}: ([\\d.]+) %`));
  return found === null ? Number.NaN : Number(found[1]) / 100;
}
