import { runBundled } from "./bundled.mjs";

await runBundled("fuzz", "test/programs/campaign.ts");
