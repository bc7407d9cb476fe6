// Compares the public surface of every package with the committed reports in etc/; `--update` rewrites those.

import { build } from "./build.mjs";
import { runNode, setUp } from "./setup.mjs";

setUp();
await build();
process.exitCode = await runNode("scripts/api-reports.ts", process.argv.slice(2));
