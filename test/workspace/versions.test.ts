import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readPackages } from "../../scripts/build.mjs";

const packages = readPackages();
const [shared] = packages.map(({ manifest }) => manifest.version);

test("all packages have one version", () => {
  expect(packages.map(({ manifest }) => [manifest.name, manifest.version])).toEqual(
    packages.map(({ manifest }) => [manifest.name, shared]),
  );
});

test("core knows its version", () => {
  const source = readFileSync(new URL("../../packages/core/src/util/shared.ts", import.meta.url), "utf8");
  expect(source).toContain(`VERSION = "${shared}"`);
});

test.each(packages)("$manifest.name lists what is new in its version", ({ folder }) => {
  expect(readFileSync(`${folder}/CHANGELOG.md`, "utf8")).toContain(`\n## ${shared}\n`);
});
