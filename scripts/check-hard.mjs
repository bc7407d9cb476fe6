import { runBundled } from "./bundled.mjs";

await runBundled("check-hard", "test/gradcheck/campaign.ts");
