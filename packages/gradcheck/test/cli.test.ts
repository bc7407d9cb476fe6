import { fileURLToPath } from "node:url";
import { VERSION } from "@cotangent/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../src/cli/run.ts";
import type { Checkers } from "../src/cli/subjects.ts";
import { makeWorkspace, type Workspace } from "./support/command.ts";
import { report } from "./support/reports.ts";

const RIGHT = `
import { mul, sum, type Tensor, tensor } from "@cotangent/core";
export const cubes = (x: Tensor): Tensor => sum(mul(mul(x, x), x));
export default function product(a: Tensor, b: Tensor): Tensor { return mul(a, b); }
export const examples = {
  cubes: () => [tensor([1.5, -2])],
  default: async () => [tensor([1, 2]), tensor([3, 4])],
};
`;

const WRONG = `
import { customVjp, mul, sum, tensor } from "@cotangent/core";
const square = customVjp((x) => mul(x, x), {
  forward: (x) => [mul(x, x), x],
  backward: (x, g) => [mul(g, mul(x, 3))],
});
export const right = (x) => sum(mul(x, x));
export const wrong = (x) => sum(square(x));
const inputs = () => [tensor([1.5, -2])];
export const examples = { right: inputs, wrong: inputs };
`;

const MODULES = `
import { matmul, tensor, variable } from "@cotangent/core";
class Linear {
  kernel = variable(tensor([[0.5, -1], [2, 0.25], [1, 1]]), { name: "kernel" });
  forward(x) { return matmul(x, this.kernel); }
  variables() { return [...this.namedVariables().values()]; }
  namedVariables() { return new Map([["kernel", this.kernel]]); }
}
class Centred extends Linear {
  forward(x) { return super.forward(x).sub(x.mean()); }
}
export const linear = new Linear();
export const given = new Linear();
export const centred = new Centred();
export const examples = {
  linear: () => [4, 3],
  given: () => [tensor([[1, 2, 3], [0.5, 0, 1]])],
  centred: () => [[4, 3]],
};
`;

const KINK = `
import { abs, sum, tensor } from "@cotangent/core";
export const hinge = (x) => sum(abs(x.sub(1)));
export const examples = { hinge: () => [tensor([1, 2])] };
`;

let workspace: Workspace;
beforeAll(async () => {
  workspace = await makeWorkspace();
  workspace.write("right.ts", RIGHT);
  workspace.write("wrong.js", WRONG);
  workspace.write("kink.mjs", KINK);
  workspace.write("modules.js", MODULES);
});
afterAll(() => workspace?.remove());

describe("exit codes", () => {
  test("0: all is right; the report is on standard output, without colours or a bar", () => {
    const { code, out, err } = workspace.run(["right.ts"]);
    expect(err).toBe("");
    expect(out).toMatch(/^Right: gradients of cubes by inputs\[0\] float32 \[2\]\n/);
    expect(out).toContain("Right: gradients of default by inputs[0] float32 [2], inputs[1] float32 [2]");
    expect(out).toMatch(/\n2 checks: 2 right\n$/);
    expect(code).toBe(0);
  });

  test("1: something is wrong, with the rule and the line", () => {
    const { code, out } = workspace.run(["wrong.js", "--modes", "reverse"]);
    expect(out).toContain("WRONG: gradients of wrong by");
    expect(out).toMatch(/made at .*wrong\.js:8:33/);
    expect(out).toContain("Correct the rule");
    expect(out).toMatch(/\n2 checks: 1 WRONG, 1 right\n$/);
    expect(code).toBe(1);
  });

  test("3: at a kink; --move moves off it", () => {
    const { code, out } = workspace.run(["kink.mjs", "--modes=reverse"]);
    expect(out).toMatch(/^At a kink: gradients of hinge/);
    expect(code).toBe(3);
    expect(workspace.run(["kink.mjs", "--modes=reverse", "--move"]).code).toBe(0);
  });

  test("0 and 1 of modules: their variables, and whether rows of a batch depend on one another", () => {
    const right = workspace.run(["modules.js", "--only", "linear", "--only", "given"]);
    expect(right.out).toMatch(
      /^Right: gradients of linear by inputs\[0\] float32 \[4, 3\], variables\.kernel/m,
    );
    expect(right.out).toContain("2 checks: 2 right");
    expect(right.code).toBe(0);
    const { code, out } = workspace.run(["modules.js", "--also", "purity"]);
    expect(out).toMatch(/^WRONG: batch independence.* of centred/m);
    expect(out).toMatch(/^batch independence +WRONG/m);
    expect(code).toBe(1);
  });

  test("1 where something is wrong and something undecided", () => {
    const { code, out } = workspace.run(["kink.mjs", "wrong.js", "--modes=reverse"]);
    expect(out).toContain("gradients of kink.mjs: hinge");
    expect(out).toContain("3 checks: 1 WRONG, 1 at a kink, 1 right");
    expect(code).toBe(1);
  });
});

describe("exit code 2", () => {
  test.each<[string, string[], RegExp]>([
    ["no file", [], /no file is given/],
    ["an unknown option", ["right.ts", "--fast"], /Unknown option '--fast'/],
    ["an order that is none", ["right.ts", "--order", "3"], /order cannot be 3/],
    ["a seed that is none", ["right.ts", "--seed", "x"], /--seed is a whole number, not x/],
    ["a mode of the second order without it", ["right.ts", "--modes", "forwardOverReverse"], /second order/],
    ["a property that is none", ["right.ts", "--also", "purity,speed"], /also cannot be "speed"/],
    ["a missing file", ["none.ts"], /there is no file none\.ts/],
    ["a folder", ["deeper"], /there is no file deeper/],
    ["another kind of file", ["package.json"], /is no JavaScript or TypeScript/],
    [
      "a name that is not there",
      ["right.ts", "--only", "squares"],
      /there is no squares .*There is cubes, default/,
    ],
    [
      "a report that cannot be written",
      ["right.ts", "--html", "no/such.html"],
      /no\/such\.html cannot be written/,
    ],
  ])("%s", (_, args, message) => {
    const { code, err } = workspace.run(args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^cotangent-gradcheck: /);
    expect(err).not.toContain("    at ");
    expect(code).toBe(2);
  });

  test.each(["24", "22"])("a syntax error, with its line, in Node %s", (node) => {
    workspace.write("broken.mjs", "export const a = 1;\nexport const b = = 2;\n");
    const { code, err } = workspace.run(["broken.mjs"], { node });
    expect(err).toMatch(/broken\.mjs:2\b/);
    expect(err).toContain("export const b = = 2;");
    expect(err).toContain("SyntaxError");
    expect(code).toBe(2);
  });

  test("a syntax error in what it imports, with that line", () => {
    workspace.write("deeper/broken.js", "export const a = 1;\nexport const b = = 2;\n");
    workspace.write("importing.js", 'import "./deeper/broken.js";\nprocess.exit(0);\n');
    const { code, err } = workspace.run(["importing.js"]);
    expect(err).toMatch(/deeper\/broken\.js:2\b/);
    expect(code).toBe(2);
  });

  test.each(["24", "22"])("a syntax error in TypeScript, with its line, in Node %s", (node) => {
    workspace.write("broken.ts", "export const a: number = 1;\nexport const b: number = = 2;\n");
    const { code, err } = workspace.run(["broken.ts"], { node });
    expect(err).toMatch(/broken\.ts:2\b/);
    expect(code).toBe(2);
  });

  test("TypeScript that must be compiled", () => {
    workspace.write("enum.ts", "export enum Color { Red }\n");
    const { code, err } = workspace.run(["enum.ts"]);
    expect(err).toContain("without enums");
    expect(code).toBe(2);
  });

  test("a file that throws, with its line", () => {
    workspace.write("throws.js", "\nnull.x;\nexport const f = (x) => x;\n");
    const { code, err } = workspace.run(["throws.js"]);
    expect(err).toMatch(/TypeError: .*\n\s+at .*throws\.js:2:6/);
    expect(code).toBe(2);
  });

  test("an import that is not there", () => {
    workspace.write("imports.js", 'import "not-installed";\n');
    const { code, err } = workspace.run(["imports.js"]);
    expect(err).toMatch(/not-installed.*Install what it imports/s);
    expect(code).toBe(2);
  });

  test("nothing to check, and each thing by its name", () => {
    workspace.write(
      "nothing.js",
      "export const f = (x) => x;\nexport class Layer {}\nexport const n = 3;\nexport const g = (x) => x;\n" +
        "export const examples = { missing: () => [], n: () => [], g: 3 };\n",
    );
    const { code, err } = workspace.run(["nothing.js"]);
    expect(err).toContain("nothing.js: f has no example: add { f: () => inputs } to examples.");
    expect(err).toContain("Layer is a class: export an instance of it");
    expect(err).toContain("There is an example missing, but nothing of that name is exported.");
    expect(err).toContain("n has an example, but is number 3.");
    expect(err).toContain("The example of g is no function");
    expect(err).toContain("there is nothing to check");
    expect(code).toBe(2);
  });

  test("a file without examples says how to write them", () => {
    workspace.write("bare.js", "export const f = (x) => x;\n");
    expect(workspace.run(["bare.js"]).err).toContain("export const examples = { name: () => inputs }");
  });

  test("a function that throws, while the others are checked", () => {
    workspace.write(
      "half.js",
      `import { matmul, tensor, sum } from "@cotangent/core";
       export const f = (x) => matmul(x, tensor([[1]]));
       export const g = (x) => sum(x);
       export const examples = { f: () => [tensor([[1, 2]])], g: () => [tensor([1, 2])] };`,
    );
    const { code, out } = workspace.run(["half.js", "--html", "half.html"]);
    expect(workspace.read("half.html")).toContain("Not checked: f. ShapeError: matmul");
    expect(out).toMatch(/Not checked: f\n {2}ShapeError: matmul/);
    expect(out).toContain("2 checks: 1 right, 1 not checked, since they throw");
    expect(code).toBe(2);
  });
});

describe("options", () => {
  test("--help and --version", () => {
    expect(workspace.run(["--version"])).toEqual({ code: 0, out: `${VERSION}\n`, err: "" });
    const { code, out } = workspace.run(["-h"]);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
    expect(out).toMatch(/--also LIST .*purity.*batchSizes/s);
    expect(out).toMatch(/^Usage: cotangent-gradcheck/);
    for (const option of ["order", "modes", "also", "move", "only", "seed", "html", "json", "no-color"]) {
      expect(out).toContain(`--${option}`);
    }
    expect(code).toBe(0);
  });

  test("--only, --order, --modes and --seed", () => {
    const { out } = workspace.run([
      "right.ts",
      "--only=cubes",
      "--order=2",
      "--modes=reverse,forwardOverReverse",
      "--seed=7",
    ]);
    expect(out).not.toContain("default");
    expect(out).toContain("gradients of first and second order of cubes");
    expect(out).toContain("forward over reverse");
    expect(out).not.toContain("reverse over reverse");
    expect(out).toContain("seed: 7");
  });

  test("--only leaves out what is wrong", () => {
    expect(workspace.run(["wrong.js", "--only", "right", "--modes", "reverse"]).code).toBe(0);
  });

  test("--html and --json write reports, whatever the verdict", () => {
    expect(
      workspace.run(["wrong.js", "--modes=reverse", "--html", "report.html", "--json", "report.json"]).code,
    ).toBe(1);
    expect(workspace.read("report.html")).toMatch(/^<!doctype html>[\s\S]*wrong[\s\S]*<\/html>\n$/);
    const reports = JSON.parse(workspace.read("report.json"));
    expect(reports.map((one: { verdict: string }) => one.verdict)).toEqual(["right", "wrong"]);
  });

  test("--json - prints nothing else", () => {
    const { out } = workspace.run(["kink.mjs", "--modes=reverse", "--json", "-"]);
    const [report] = JSON.parse(out);
    expect(report.name).toBe("hinge");
    expect(report.findings[0].error).toBe("Infinity");
  });
});

describe("TypeScript", () => {
  test("runs in Node 22", () => {
    expect(workspace.run(["right.ts"], { node: "22" })).toMatchObject({ code: 0, err: "" });
  });

  test("runs where Node strips types by a flag only: the command starts itself again", () => {
    const env = { NODE_OPTIONS: "--no-experimental-strip-types" };
    const { code, out, err } = workspace.run(["right.ts", "--only", "cubes"], { node: "22", env });
    expect(err).toBe("");
    expect(out).toContain("1 check: 1 right");
    expect(code).toBe(0);
  });
});

test("works beside another copy of core, as bundles bring it", () => {
  workspace.write("copy.mjs", workspace.read("node_modules/@cotangent/core/index.js"));
  workspace.write("copied.mjs", KINK.replace("@cotangent/core", "./copy.mjs").replace("[1, 2]", "[3, 2]"));
  expect(workspace.run(["copied.mjs"])).toMatchObject({ code: 0 });
});

describe("what it passes on", () => {
  const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.mjs`, import.meta.url));

  /** Runs the command in this process, with checks that only take down what they are called with. */
  async function taken(args: readonly string[], isTTY = false, color = true) {
    const calls: unknown[][] = [];
    const written = { out: "", err: "" };
    const stream = (name: "out" | "err") => ({
      isTTY,
      write: (text: string) => {
        written[name] += text;
      },
    });
    const note =
      (kind: string): Checkers["checkModule"] & Checkers["checkGradients"] =>
      (_: unknown, inputs: unknown, options: { name?: string }) => {
        calls.push([kind, inputs, options]);
        return report({ name: options.name ?? "" });
      };
    const checkers = { checkGradients: note("function"), checkModule: note("module") };
    const code = await run(args, checkers, { out: stream("out"), err: stream("err"), color });
    return { code, calls, ...written };
  }

  test("functions get their arguments, modules a shape, shapes or tensors", async () => {
    const { code, calls } = await taken([fixture("modules"), "--seed", "3", "--also", "purity"]);
    expect(code).toBe(0);
    const byName = Object.fromEntries(
      calls.map(([kind, inputs, options]) => [(options as { name: string }).name, [kind, inputs, options]]),
    );
    expect(byName.f).toEqual(["function", ["argument"], { name: "f", seed: 3, also: ["purity"] }]);
    // A module has all its properties checked anyway.
    expect(byName.shaped).toEqual(["module", [8, 3], { name: "shaped", seed: 3 }]);
    expect(byName.twice.slice(0, 2)).toEqual([
      "module",
      [
        [8, 3],
        [8, 2],
      ],
    ]);
    expect(byName.given[1]).toEqual({ inputs: [expect.objectContaining({ shape: [2] })] });
    expect(byName.single[1]).toEqual({ inputs: [expect.objectContaining({ shape: [2] })] });
  });

  test("examples of modules that give something else are refused, and the rest is checked", async () => {
    const { code, out } = await taken([fixture("badModule")]);
    expect(out).toMatch(/Not checked: layer\n {2}StateError: .*the example of layer gives .*"3 features"/);
    expect(code).toBe(2);
  });

  test("a bar shows on a terminal alone, and is removed", async () => {
    const { err, out } = await taken([fixture("modules"), "--only=f", "--only=shaped"], true);
    expect(err).toContain("[........................] 0/2 f");
    expect(err).toContain("[############............] 1/2 shaped");
    expect(err.endsWith("\r\u001b[K")).toBe(true);
    expect(out).toContain("\u001b[32mRight:\u001b[0m");
    expect((await taken([fixture("modules")])).err).toBe("");
  });

  test("colours can be switched off", async () => {
    expect((await taken([fixture("modules"), "--no-color"], true)).out).not.toContain("\u001b");
    expect((await taken([fixture("modules")], true, false)).out).not.toContain("\u001b");
    expect((await taken([fixture("modules")], false)).out).not.toContain("\u001b");
  });
});
