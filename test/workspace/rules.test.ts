import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkRules } from "../../scripts/rules/rules.ts";
import { parseSource } from "../../scripts/rules/source.ts";

const needs = {
  core: [],
  nn: ["@cotangent/core"],
  data: ["@cotangent/core", "fflate"],
  train: ["@cotangent/core", "@cotangent/nn"],
  gradcheck: ["@cotangent/core", "fast-check", "vitest"],
};

/** The violations in files given as `{ path under packages: text }`. */
function violations(files: Record<string, string>): string[] {
  const sources = Object.entries(files).map(([path, text]) => parseSource(`packages/${path}`, text));
  return checkRules(sources, needs).map(({ path, line, message }) => `${path}:${line} ${message}`);
}

describe("packages", () => {
  test("import what the table allows", () => {
    expect(
      violations({
        "nn/src/dense.ts": 'import { Tensor } from "@cotangent/core";',
        "train/src/trainer.ts": 'export { Dense } from "@cotangent/nn";',
        "data/src/gzip.ts": 'import { gunzipSync } from "fflate";\nimport { open } from "node:fs/promises";',
      }),
    ).toEqual([]);
  });

  test("do not import a package further up", () => {
    expect(violations({ "core/src/index.ts": '\nexport * from "@cotangent/nn";' })).toEqual([
      "packages/core/src/index.ts:2 imports @cotangent/nn: core may import no other package",
    ]);
  });

  test.each(["nn", "data", "train"])("%s does not import the umbrella", (name) => {
    const [first] = violations({ [`${name}/src/index.ts`]: 'const all = await import("cotangent/data");' });
    expect(first).toContain(`imports cotangent/data: ${name} may import core`);
  });

  test("do not reach into another package's folder", () => {
    const [first] = violations({
      "nn/src/a.ts": 'import type { Tensor } from "../../core/src/ir/tensor.ts";',
    });
    expect(first).toContain("that is outside of nn/src");
  });

  test("import only what their manifest lists", () => {
    const [first] = violations({ "data/src/a.ts": 'import jpeg from "jpeg-js/lib/decoder.js";' });
    expect(first).toContain("jpeg-js is no dependency in packages/data/package.json");
  });

  test("core stays free of Node", () => {
    const [first] = violations({ "core/src/util/a.ts": 'import { hash } from "node:crypto";' });
    expect(first).toContain("core also runs where there is no Node");
  });
});

describe("parts of gradcheck", () => {
  test("import what they are for", () => {
    expect(
      violations({
        "gradcheck/src/cli.ts": 'import { run } from "./cli/run.ts";',
        "gradcheck/src/cli/run.ts":
          'import { writeFileSync } from "node:fs";\nimport { a } from "../report/a.ts";',
        "gradcheck/src/vitest/test.ts": 'import fc from "fast-check";\nimport { test } from "vitest";',
        "gradcheck/src/vitest.ts": 'import { tensors } from "./arbitraries/tensors.ts";',
        "gradcheck/src/arbitraries/tensors.ts": 'import fc from "fast-check";',
      }),
    ).toEqual([]);
  });

  test.each([
    ["index.ts", "node:fs", "of gradcheck only cli may need node"],
    ["vitest.ts", "node:path", "of gradcheck only cli may need node"],
    ["report/html.ts", "fast-check", "of gradcheck only arbitraries, programs, vitest may need fast-check"],
    ["arbitraries.ts", "vitest", "of gradcheck only vitest may need vitest"],
    ["index.ts", "./vitest/test.ts", "of gradcheck only vitest may need vitest"],
    ["check/a.ts", "../cli/run.ts", "of gradcheck only cli may need node"],
    ["index.ts", "./arbitraries.ts", "of gradcheck only arbitraries, programs, vitest may need fast-check"],
  ])("%s does not import %s", (path, specifier, message) => {
    const [first] = violations({ [`gradcheck/src/${path}`]: `export * from "${specifier}";` });
    expect(first).toBe(`packages/gradcheck/src/${path}:1 imports ${specifier}: ${message}`);
  });
});

describe("layers of core", () => {
  test("import from those before them", () => {
    expect(
      violations({
        "core/src/reference/engine.ts":
          'import { a } from "../runtime/engine.ts";\nimport { b } from "../util/errors.ts";',
        "core/src/index.ts": 'export * from "./reference/engine.ts";',
      }),
    ).toEqual([]);
  });

  test("do not import from those after them, not even types", () => {
    expect(violations({ "core/src/prims/scalar.ts": 'import type { add } from "../ops/math.ts";' })).toEqual([
      "packages/core/src/prims/scalar.ts:1 imports ../ops/math.ts: " +
        "the layer prims may import util, types, ir, prims, but not ops",
    ]);
  });

  test("the class Tensor may take the types of its methods from ops, but no code", () => {
    const types = 'import type { Methods } from "../ops/methods.ts";';
    const code = 'import { methods } from "../ops/methods.ts";';
    expect(violations({ "core/src/ir/tensor.ts": types })).toEqual([]);
    expect(violations({ "core/src/ir/tensor.ts": code })).toHaveLength(1);
    expect(violations({ "core/src/ir/graph.ts": types })).toHaveLength(1);
  });

  test("have names that are known", () => {
    const [first] = violations({ "core/src/helpers/a.ts": 'import { b } from "../util/b.ts";' });
    expect(first).toContain("helpers is no layer of core");
  });
});

describe("circles", () => {
  test("of imports are found", () => {
    const found = violations({
      "core/src/util/a.ts": 'import { b } from "./b.ts";',
      "core/src/util/b.ts": 'export { c } from "./c.ts";',
      "core/src/util/c.ts": '\nimport { a } from "./a.ts";',
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(
      /util\/c\.ts:2 closes a circle of imports: .*a\.ts -> .*b\.ts -> .*c\.ts -> .*a\.ts$/,
    );
  });

  test("of types are no circles of code", () => {
    expect(
      violations({
        "core/src/util/a.ts": 'import { b } from "./b.ts";',
        "core/src/util/b.ts": 'import type { A } from "./a.ts";',
      }),
    ).toEqual([]);
  });
});

describe("throws", () => {
  test("of the language's errors are found", () => {
    const text = 'function f() {\n  if (f) throw new TypeError("no");\n  throw Error("no");\n}';
    expect(violations({ "nn/src/a.ts": text }).map((line) => line.split(" throw a")[0])).toEqual([
      "packages/nn/src/a.ts:2 throws TypeError:",
      "packages/nn/src/a.ts:3 throws Error:",
    ]);
  });

  test("of Cotangent's errors and of caught ones are fine", () => {
    const text =
      "function f() { try { throw new ShapeError('no', { remedy: 'do' }); } catch (error) { throw error; } }";
    expect(violations({ "nn/src/a.ts": text })).toEqual([]);
  });

  test("of errors that say no remedy are found", () => {
    const text =
      'throw new ShapeError("no");\nthrow new StateError("no", { operation: "a" });\nthrow new DTypeError("no", { ...all });\n';
    expect(violations({ "nn/src/a.ts": text }).map((line) => line.split(" without")[0])).toEqual([
      "packages/nn/src/a.ts:1 makes a ShapeError",
      "packages/nn/src/a.ts:2 makes a StateError",
    ]);
  });
});

describe("the command", () => {
  const script = fileURLToPath(new URL("../../scripts/check-rules.ts", import.meta.url));

  /** Runs it on a workspace that has one file in one package. */
  function checkWorkspace(text: string) {
    const root = mkdtempSync(join(tmpdir(), "cotangent-rules-"));
    try {
      const folder = join(root, "packages", "nn");
      mkdirSync(join(folder, "src"), { recursive: true });
      writeFileSync(join(folder, "package.json"), '{ "dependencies": { "@cotangent/core": "*" } }');
      writeFileSync(join(folder, "src", "index.ts"), text);
      return spawnSync(process.execPath, [script, root], { encoding: "utf8" });
    } finally {
      rmSync(root, { recursive: true });
    }
  }

  test("fails when a rule is broken, and says where", () => {
    const { status, stderr } = checkWorkspace('import { SGD } from "@cotangent/optim";');
    expect(status).toBe(1);
    expect(stderr).toContain("packages/nn/src/index.ts:1 imports @cotangent/optim: nn may import core");
  });

  test("passes when all is well", () => {
    expect(checkWorkspace('import { Tensor } from "@cotangent/core";').status).toBe(0);
  });
});
