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

/** The Node that runs the project's code: the one named by COTANGENT_NODE (22, 24 or `system`), else Node 24. */
export function nodePath(version = process.env.COTANGENT_NODE ?? "24") {
  if (version === "system") return systemNode();
  const folder = { 22: "node22", 24: "node" }[version];
  if (folder === undefined)
    fail(`There is no Node "${version}" here: COTANGENT_NODE can be 22, 24 or system.`);
  const bin = join(modules, folder, "bin");
  const path = [join(bin, "node"), join(bin, "node.exe")].find((candidate) => existsSync(candidate));
  return (
    path ?? fail(`Node ${version} is not in ${bin}: are install scripts switched off (npm's ignore-scripts)?`)
  );
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

/** Runs npm, the same that runs this process if one does. The arguments must need no quotes. */
export function runNpm(args, options) {
  const npm = process.env.npm_execpath;
  return npm?.endsWith("npm-cli.js")
    ? spawnSync(systemNode(), [npm, ...args], options)
    : spawnSync(`npm ${args.join(" ")}`, { ...options, shell: true });
}

function ignore() {}

function install() {
  const pnpm = ["exec", "--yes", `--package=${PNPM}`, "--", "pnpm", "install", "--frozen-lockfile"];
  const result = runNpm(pnpm, { cwd: root, stdio: "inherit" });
  if (result.error !== undefined) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`Installing failed (exit code ${result.status}); its messages are above.`);
}

/** The Node that runs npm: never the one in node_modules, which an installation may replace. */
function systemNode() {
  return process.env.npm_node_execpath ?? process.execPath;
}

function lockfileHash() {
  const lockfile = readFileSync(join(root, "pnpm-lock.yaml"));
  return createHash("sha256").update(lockfile).update(`${process.platform} ${process.arch}`).digest("hex");
}

function requireNode(major) {
  const own = Number(process.versions.node.split(".")[0]);
  if (own < major) fail(`Node ${major} or newer is needed; this is ${process.version}.`);
}

/** @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
