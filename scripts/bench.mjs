// Measures Cotangent beside other libraries: `npm run bench -- --quick`; bench/README.md says more.

import { runNode, setUp } from "./setup.mjs";

setUp();
process.exitCode = await runNode("bench/runner/main.ts", process.argv.slice(2));
