// Runs a tool of the workspace after the set-up: `node scripts/run.mjs tsc --noEmit -p tsconfig.json`.

import { binPath, runNode, setUp } from "./setup.mjs";

const packages = {
  biome: "@biomejs/biome",
  changeset: "@changesets/cli",
  tsc: "typescript",
  typedoc: "typedoc",
};

setUp();
const [tool, ...args] = process.argv.slice(2);
process.exitCode = await runNode(binPath(packages[tool] ?? tool, tool), args);
