import { runBundled } from "./bundled.mjs";

await runBundled("accuracy-math", "packages/wasm/test/accuracy/main.ts");
