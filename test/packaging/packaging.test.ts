import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundleWithEsbuild, bundleWithVite } from "./bundles.ts";
import { markerStrings } from "./markers.ts";
import { createProject, type Project } from "./project.ts";

let project: Project;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project?.remove());

test("the packages ask for exactly their own version of one another", () => {
  const file = join(project.folder, "node_modules", "cotangent", "package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8"));
  expect(Object.keys(dependencies)).toContain("@cotangent/core");
  expect(new Set(Object.values(dependencies))).toEqual(new Set([project.version]));
});

describe.each(["22", "24"])("in Node %s", (node) => {
  test.each(["esm.mjs", "cjs.cjs"])("%s runs", async (program) => {
    expect(await project.run(program, { node })).toBe("true true\n[ 2, 4, 6 ]\ntrue");
  });

  test("import and require give the same objects", async () => {
    expect(await project.run("mixed.mjs", { node })).toBe("true [ 1, 2 ]");
  });
});

describe("several copies of core in one process", () => {
  test("of one version share tensors, variables, the engine and the default generator", async () => {
    expect(await project.run("two-copies.mjs")).toBe("true [ 10, 20 ] [ 10, 20 ]\ntrue");
  });

  test.each(["other-version.mjs", "two-versions.mjs"])("of different versions: %s", async (program) => {
    const message = await project.run(program);
    expect(message).toMatch(/^StateError: /);
    expect(message).toContain("9.8.7");
    expect(message).toContain(project.version);
  });
});

describe("types", () => {
  test("NodeNext finds them from ES modules and from CommonJS", async () => {
    const options = { module: "NodeNext", moduleResolution: "NodeNext" };
    expect(await project.check(["types.mts", "types.cts"], options)).toBe("");
  });

  test("Bundler finds them", async () => {
    const options = { module: "ESNext", moduleResolution: "Bundler" };
    expect(await project.check(["types.mts"], options)).toBe("");
  });
});

describe.each([
  ["esbuild", bundleWithEsbuild],
  ["Vite", bundleWithVite],
])("a production bundle made by %s", (_, makeBundle) => {
  const others = ["nn", "optim", "data", "train"];
  let small: Bundle;
  beforeAll(async () => {
    small = await makeBundle(project.folder, "grad.mjs");
  });

  test("runs", async () => {
    expect(await project.run(small.path)).toBe("2,4,6");
  });

  test("needs nothing of Node", () => {
    expect(small.code).not.toMatch(/["']node:/);
  });

  test("is below 60 KB", () => {
    expect(small.gzippedBytes).toBeLessThan(60_000);
  });

  test("holds nothing of packages that are not used", () => {
    for (const name of others) {
      const found = markerStrings(project.folder, name).filter((marker) => small.code.includes(marker));
      expect(found, `text of ${name}`).toEqual([]);
    }
  });

  test("of a program that uses the fast engine runs on it, and is below 100 KB", async () => {
    const fast = await makeBundle(project.folder, "engine.mjs");
    expect(await project.run(fast.path)).toBe("2,4,6 wasm");
    expect(fast.code).not.toMatch(/["']node:/);
    expect(fast.gzippedBytes).toBeLessThan(100_000);
    for (const name of others) {
      const found = markerStrings(project.folder, name).filter((marker) => fast.code.includes(marker));
      expect(found, `text of ${name}`).toEqual([]);
    }
  });

  test("would show what it holds of them", async () => {
    const { code } = await makeBundle(project.folder, "everything.mjs");
    for (const name of others) {
      const found = markerStrings(project.folder, name).filter((marker) => code.includes(marker));
      expect(found, `text of ${name}`).not.toEqual([]);
    }
  });
});
