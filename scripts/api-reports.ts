// One report for each entry of each package: etc/core.api.md, etc/cotangent.data.api.md, ...

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { apiReport, changedLines } from "./api/report.ts";
import { readPackages } from "./build.mjs";
import { root } from "./setup.mjs";

const update = process.argv.includes("--update");
let different = 0;

mkdirSync(join(root, "etc"), { recursive: true });
for (const { folder, manifest, entries } of readPackages()) {
  for (const entry of entries) {
    const index = entry === "index";
    const name = index ? manifest.name : `${manifest.name}/${entry}`;
    const file = join("etc", `${basename(folder)}${index ? "" : `.${entry.replaceAll("/", ".")}`}.api.md`);
    const report = apiReport(name, readFileSync(join(folder, "dist", `${entry}.d.ts`), "utf8"));
    if (!compare(file, report)) different++;
  }
}
if (different > 0) {
  console.error("\nThe public surface changed. If that is meant: `npm run api:update`, and commit etc/.");
  process.exitCode = 1;
}

function compare(file: string, report: string): boolean {
  const path = join(root, file);
  const committed = existsSync(path) ? readFileSync(path, "utf8").replaceAll("\r\n", "\n") : "";
  if (committed === report) return true;
  console.log(`${update ? "Rewrote" : "Different:"} ${file}`);
  if (update) writeFileSync(path, report);
  else console.log(changedLines(committed, report));
  return update;
}
