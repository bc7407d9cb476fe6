import { runBundled } from "./bundled.mjs";

await runBundled("campaign-engines", "test/engines/campaign.ts");
