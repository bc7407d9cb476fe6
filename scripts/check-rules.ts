// Checks the rules that hold between files: who may import whom, no circles, no errors of the language.
// The tables are in rules/rules.ts.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkRules, type Needs } from "./rules/rules.ts";
import { readSources } from "./rules/source.ts";

const root = process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url));
const sources = readSources(root);
const violations = checkRules(sources, readNeeds(root));
for (const { path, line, message } of violations) console.error(`${path}:${line} ${message}`);
console.log(`Rules between files: ${sources.length} files, ${violations.length} violations.`);
process.exitCode = violations.length === 0 ? 0 : 1;

function readNeeds(root: string): Needs {
  const needs: Record<string, string[]> = {};
  for (const name of readdirSync(join(root, "packages"))) {
    const file = join(root, "packages", name, "package.json");
    if (!existsSync(file)) continue;
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(file, "utf8"));
    needs[name] = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
  }
  return needs;
}
