// What every command does first: install the dependencies when they are missing or out of date.
// Runs on a machine that has nothing but Node >= 20 and npm, so it imports nothing that must be installed.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const PNPM = "pnpm@10.34.9";
const modules = join(root, "node_modules");
const stamp = join(modules, ".cotangent-setup");

/** Installs the dependencies unless those of the present lockfile are there already. */
export function setUp() {
  requireNode(20);
  const wanted = lockfileHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing dependencies ...");
  install();
  writeFileSync(stamp, wanted);
}

/** The Node that runs the project's code: the one named by COTANGENT_NODE (24 when unset, 22, or `system`). */
export function nodePath() {
  const wanted = process.env.COTANGENT_NODE ?? "24";
  if (wanted === "system") return systemNode();
  const folder = { 24: "node", 22: "node22" }[wanted];
  if (folder === undefined) fail(`COTANGENT_NODE is "${wanted}"; it can be 22, 24 or system.`);
  return nodeIn(join(modules, folder)) ?? systemNode();
}

/** The JavaScript file behind a command of an installed package: `binPath("typescript", "tsc")`. */
export function binPath(packageName, command = packageName) {
  const folder = join(modules, packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/** Runs a JavaScript or TypeScript file in the project's Node and resolves to its exit code. */
export function runNode(file, args = [], options = {}) {
  const path = [join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter);
  const child = spawn(nodePath(), [file, ...args], {
    cwd: root,
    stdio: "inherit",
    ...options,
    env: { ...process.env, PATH: path, ...options.env },
  });
  // An interrupt reaches the child by itself; this process stays to pass its exit code on.
  process.on("SIGINT", ignore);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve(signal === null ? code : 128 + (signal === "SIGINT" ? 2 : 15));
    });
  });
}

/** Runs as `runNode` does and ends this process when that fails. */
export async function mustRun(file, args, options) {
  const code = await runNode(file, args, options);
  if (code !== 0) process.exit(code);
}

function ignore() {}

function install() {
  const args = ["install", "--frozen-lockfile"];
  const npm = process.env.npm_execpath;
  const result = npm?.endsWith("npm-cli.js")
    ? spawnSync(systemNode(), [npm, "exec", "--yes", `--package=${PNPM}`, "--", "pnpm", ...args], inRoot())
    : spawnSync(`npx --yes ${PNPM} ${args.join(" ")}`, inRoot({ shell: true }));
  if (result.error !== undefined) fail(`The package manager could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`Installing failed (exit code ${result.status}); its messages are above.`);
}

function inRoot(options = {}) {
  return { cwd: root, stdio: "inherit", ...options };
}

/** The Node that runs npm: never the one in node_modules, which an installation may replace. */
function systemNode() {
  return process.env.npm_node_execpath ?? process.execPath;
}

function nodeIn(folder) {
  const candidates = [join(folder, "bin", "node"), join(folder, "bin", "node.exe")];
  return candidates.find((candidate) => existsSync(candidate));
}

function lockfileHash() {
  const lockfile = readFileSync(join(root, "pnpm-lock.yaml"));
  return createHash("sha256").update(lockfile).update(`${process.platform} ${process.arch}`).digest("hex");
}

function requireNode(major) {
  const own = Number(process.versions.node.split(".")[0]);
  if (own < major) fail(`Node ${major} or newer is needed; this is ${process.version}.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
