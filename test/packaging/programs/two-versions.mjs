// Two versions of core in one process, as when two dependencies ask for different ones.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import "@cotangent/core";

cpSync("node_modules/@cotangent/core", "other-core", { recursive: true });
const { version } = JSON.parse(readFileSync("other-core/package.json", "utf8"));
const code = readFileSync("other-core/dist/index.js", "utf8");
writeFileSync("other-core/dist/index.js", code.replaceAll(`"${version}"`, '"9.8.7"'));
await import("./other-core/dist/index.js").catch((error) => console.log(`${error.name}: ${error.message}`));
