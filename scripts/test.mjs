// Runs the tests, all of them or those that the arguments name: `npm test -- packages/nn`.

import { build } from "./build.mjs";
import { binPath, runNode, setUp } from "./setup.mjs";

setUp();
await build();
process.exitCode = await runNode(binPath("vitest"), ["run", ...process.argv.slice(2)]);
