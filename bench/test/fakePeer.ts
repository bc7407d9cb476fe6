/**
 * A peer for the tests of the runner: `node fakePeer.ts FILE NAME [BEHAVIOUR]`. It notes in the file when it begins and ends
 * to work.
 */

import { appendFileSync } from "node:fs";
import { serve } from "../peers/serve.ts";
import { Unsupported } from "../peers/workload.ts";

const [file, name, behaviour] = process.argv.slice(2);
const note = (what: string) => appendFileSync(file, `${name} ${what}\n`);
let iterations = 0;

/** Keeps a processor busy for a while. */
function spin(): void {
  const end = performance.now() + 10;
  while (performance.now() < end);
}

await serve({
  version: "1",
  workloads: {
    elementwiseGrad() {
      if (behaviour === "spins") setInterval(spin, 1);
      if (behaviour === "unsupported") throw new Unsupported("nothing for this");
      return {
        async iterate() {
          note("begins");
          iterations++;
          if (behaviour === "throws") throw new Error("it went wrong");
          if (behaviour === "dies" && iterations > 3) process.exit(3);
          if (behaviour === "hangs" && iterations > 3)
            await new Promise((resolve) => setTimeout(resolve, 60_000));
          await new Promise((resolve) => setTimeout(resolve, 2));
          note("ends");
        },
        result: () => [behaviour === "differs" || (behaviour === "changes" && iterations > 1) ? 2 : 1],
      };
    },
  },
});
