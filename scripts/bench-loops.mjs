// What a loop costs besides its body: `npm run bench:loops`.

import { runBundled } from "./bundled.mjs";

await runBundled("bench-loops", "bench/loops.ts");
