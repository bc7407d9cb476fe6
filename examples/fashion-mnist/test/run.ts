import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const program = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the demo in a process of its own, with the packages as they were built. */
export function runDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, CI: "1", ...env } });
  let out = "";
  let err = "";
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
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
