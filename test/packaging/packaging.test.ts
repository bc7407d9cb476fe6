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
    expect(await project.run(program, { node })).toBe("true true wasm\n[ 2, 4, 6 ]\ntrue");
  });

  test("import and require give the same objects, the engine among them", async () => {
    expect(await project.run("mixed.mjs", { node })).toBe("true [ 1, 2 ] true");
  });

  test("an engine that was chosen before stays", async () => {
    expect(await project.run("chosen.mjs", { node })).toBe("reference [ 2, 3 ]");
  });

  test("without WebAssembly the first evaluation says what to do, and that helps", async () => {
    const lines = (await project.run("no-webassembly.mjs", { node, flags: ["--jitless"] })).split("\n");
    const said = lines.filter((line) => line.startsWith("EngineError: "));
    expect(said).toHaveLength(3);
    for (const line of said) expect(line).toMatch(/has no WebAssembly\. setEngine\(referenceEngine\)/);
    expect(lines).toEqual(expect.arrayContaining(["EngineError", "[ 10, 20 ] 5 [ 2, 3 ]", "true"]));
  });
});

describe.each(["22", "24"])("gradient checks in Node %s", (node) => {
  test("by the command, on TypeScript", async () => {
    const said = await project.runBin("cotangent-gradcheck", ["examples.ts"], { node });
    expect(said).toMatch(/^Right: gradients of bent by inputs\[0\] float32 \[2\]\n/);
    expect(said).toMatch(/\n2 checks: 2 right$/);
    const bad = await project.runBin("cotangent-gradcheck", ["none.ts"], { node });
    expect(bad).toMatch(/there is no file none\.ts.*\nfailed with exit code 2$/s);
  });

  test("by plain functions, under node:test", async () => {
    const said = await project.run("gradients.test.mjs", { node, flags: ["--test"] });
    expect(said).toMatch(/pass 4$/m);
    expect(said).toMatch(/fail 0$/m);
  });
});

describe("several copies in one process", () => {
  test("of core, of one version, share tensors, variables, the engine and the default generator", async () => {
    expect(await project.run("two-copies.mjs")).toBe("true [ 10, 20 ] [ 10, 20 ]\ntrue");
  });

  test("of everything compute on the engine of the first", async () => {
    expect(await project.run("two-engines.mjs")).toBe("true true\n400000 true\n400000 true");
  });

  test.each(["other-version.mjs", "two-versions.mjs"])("of two versions: %s", async (program) => {
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

/** Packages of which no bundle below may hold anything. */
const unused = ["nn", "optim", "data", "train"];

describe.each([
  ["esbuild", bundleWithEsbuild],
  ["Vite", bundleWithVite],
])("a production bundle made by %s", (_, makeBundle) => {
  describe.each([
    { program: "core.mjs", of: "@cotangent/core", engine: "reference", limit: 62_000, others: ["wasm"] },
    { program: "grad.mjs", of: "cotangent", engine: "wasm", limit: 156_000, others: [] },
  ])("of a program that uses grad of $of", ({ program, engine, limit, others }) => {
    let bundle: Bundle;
    beforeAll(async () => {
      bundle = await makeBundle(project.folder, program);
    });

    test(`computes on the ${engine} engine`, async () => {
      expect(await project.run(bundle.path)).toBe(`2,4,6 ${engine}`);
    });

    test("needs nothing of Node", () => {
      expect(bundle.code).not.toMatch(/["']node:/);
    });

    test(`is below ${limit / 1000} KB`, () => {
      expect(bundle.gzippedBytes).toBeLessThan(limit);
    });

    test("holds nothing of packages that are not used", () => {
      for (const name of [...unused, ...others]) {
        const found = markerStrings(project.folder, name).filter((marker) => bundle.code.includes(marker));
        expect(found, `text of ${name}`).toEqual([]);
      }
    });
  });

  test("would show what it holds of them", async () => {
    const { code } = await makeBundle(project.folder, "everything.mjs");
    for (const name of [...unused, "wasm"]) {
      const found = markerStrings(project.folder, name).filter((marker) => code.includes(marker));
      expect(found, `text of ${name}`).not.toEqual([]);
    }
  });
});
