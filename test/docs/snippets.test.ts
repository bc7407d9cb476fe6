import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { root, run } from "./run.ts";
import { codeOf, statedValues, typeErrors, withChecks } from "./snippets.ts";

const scratch = mkdtempSync(join(tmpdir(), "cotangent-docs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const programs = new Map(pages.map((page) => [page, codeOf(readFileSync(join(root, page), "utf8"))]));

describe("the code on the pages", () => {
  test("has the right types", () => {
    const files = new Map(
      [...programs].map(([page, code]) => [join(root, `${page}.ts`), `${code}\nexport {};`]),
    );
    expect(typeErrors(root, files)).toEqual([]);
  });

  test.each([...programs])("of %s runs, and prints what it says", async (page, code) => {
    const { status, stderr } = await run(scratch, page, withChecks(code));
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("states values", () => {
    expect(statedValues(programs.get("README.md") as string)).toBeGreaterThanOrEqual(3);
    expect(statedValues(programs.get("docs/first-network.md") as string)).toBeGreaterThanOrEqual(20);
  });
});

describe("the test of the pages", () => {
  test("finds a wrong value", async () => {
    const { status, stderr } = await run(scratch, "wrong", withChecks("console.log(1 + 1); // 3"));
    expect(status).toBe(1);
    expect(stderr).toContain("the page says 3, but it is 2");
  });

  test("finds a wrong type", () => {
    const text = 'import { tensor } from "cotangent";\nconst x: string = tensor([1]);\n';
    const [error] = typeErrors(root, new Map([[join(root, "wrong.ts"), text]]));
    expect(error).toMatch(/wrong\.ts:2 .*Tensor.*string/);
  });

  test("takes the blocks of code, and nothing else", () => {
    const page = "text\n```ts\nconst a = 1;\n```\n```sh\nls\n```\n  ```ts\n  a;\n  ```\n";
    expect(codeOf(page)).toBe("\n\nconst a = 1;\n\n\n\n\n\n  a;\n\n");
  });
});
