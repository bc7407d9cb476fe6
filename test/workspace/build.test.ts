import { expect, test } from "vitest";
import { workerSource } from "../../packages/wasm/src/machine/workerSource.ts";
import { inBuildOrder, readPackages, workerProgram } from "../../scripts/build.mjs";

const packages = readPackages();

test("packages are built after those that they import", () => {
  const names = inBuildOrder([...packages].reverse()).map(({ manifest }) => manifest.name);
  expect(names).toHaveLength(packages.length);
  expect(names[0]).toBe("@cotangent/core");
  expect(names.at(-1)).toBe("cotangent");
  expect(names.indexOf("@cotangent/train")).toBeGreaterThan(names.indexOf("@cotangent/nn"));
});

test("the umbrella has entries of their own for data and for gradient checks, so that nobody gets them unasked", () => {
  const umbrella = packages.find(({ manifest }) => manifest.name === "cotangent");
  expect(umbrella?.entries).toEqual([
    "index",
    "data",
    "gradcheck",
    "gradcheck/arbitraries",
    "gradcheck/vitest",
  ]);
});

test("the program of the engine's workers is also a file, which is no entry with types", async () => {
  const wasm = packages.find(({ manifest }) => manifest.name === "@cotangent/wasm");
  expect(wasm?.entries).toEqual(["index"]);
  expect(wasm?.manifest.exports["./worker.js"]).toBe("./dist/worker.js");
  expect(await workerProgram(wasm?.folder)).toBe(workerSource);
});
