import { expect, test } from "vitest";
import { inBuildOrder, readPackages } from "../../scripts/build.mjs";

const packages = readPackages();

test("packages are built after those that they import", () => {
  const names = inBuildOrder([...packages].reverse()).map(({ manifest }) => manifest.name);
  expect(names).toHaveLength(packages.length);
  expect(names[0]).toBe("@cotangent/core");
  expect(names.at(-1)).toBe("cotangent");
  expect(names.indexOf("@cotangent/train")).toBeGreaterThan(names.indexOf("@cotangent/nn"));
});

test("the umbrella has an entry for data of its own, so that nobody gets it unasked", () => {
  const umbrella = packages.find(({ manifest }) => manifest.name === "cotangent");
  expect(umbrella?.entries).toEqual(["index", "data"]);
});
