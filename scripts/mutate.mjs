import { join } from "node:path";
import { runBundled } from "./bundled.mjs";
import { root } from "./setup.mjs";

await runBundled("mutate", "test/mutations/command.ts", {
  workers: ["test/mutations/worker.ts"],
  // The tests of boundary points, collected rather than run.
  alias: { vitest: join(root, "test", "mutations", "collector.ts") },
});
