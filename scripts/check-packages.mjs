// Checks the packed packages: publint (are the manifests right?) and attw (do the types resolve everywhere?).

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPackages } from "./build.mjs";
import { packAll } from "./pack.mjs";
import { binPath, runNode, setUp } from "./setup.mjs";

setUp();
const folder = mkdtempSync(join(tmpdir(), "cotangent-pack-"));
try {
  const tarballs = await packAll(folder);
  for (const { manifest } of readPackages()) await check(manifest, tarballs[manifest.name]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function check(manifest, tarball) {
  const problems = await publintProblems(tarball);
  for (const problem of problems) console.error(`publint: ${manifest.name}: ${problem}`);
  const resolved = await typesResolve(tarball);
  const clean = problems.length === 0 && resolved;
  console.log(`${manifest.name}: ${clean ? "clean" : "has problems, see above"}`);
  if (!clean) process.exitCode = 1;
}

/**
 * Whether attw finds nothing; the way Node resolved before 12.7 ("node10") is left out, it knows no `exports`, and so is
 * the program of the workers, which nobody imports.
 */
async function typesResolve(tarball) {
  const attw = binPath("@arethetypeswrong/cli", "attw");
  const skipped = ["--exclude-entrypoints", "./worker.js"];
  const args = [tarball, "--profile=node16", "--no-emoji", ...skipped];
  if ((await runNode(attw, [...args, "--quiet"])) === 0) return true;
  await runNode(attw, args);
  return false;
}

async function publintProblems(tarball) {
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const bytes = readFileSync(tarball);
  const content = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: content }, strict: true, level: "warning" });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}
