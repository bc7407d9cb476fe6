// The main job: trains an image classifier. `npm start -- --epochs 3` passes its options on.

import { build } from "./build.mjs";
import { runNode, setUp } from "./setup.mjs";

setUp();
await build();
process.exitCode = await runNode("examples/fashion-mnist/main.ts", process.argv.slice(2));
