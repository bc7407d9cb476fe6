// The test accuracy of the main job over several seeds.

import { build } from "./build.mjs";
import { runNode, setUp } from "./setup.mjs";

setUp();
await build();
process.exitCode = await runNode("examples/fashion-mnist/accuracy.ts", process.argv.slice(2));
