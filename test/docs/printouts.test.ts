import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { printoutCount, withMarks, withPrintouts } from "./printouts.ts";
import { root, run } from "./run.ts";
import { codeOf } from "./snippets.ts";

const scratch = mkdtempSync(join(tmpdir(), "cotangent-printouts-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pages = readdirSync(join(root, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => [`docs/${name}`, readFileSync(join(root, "docs", name), "utf8")] as const)
  .filter(([, page]) => printoutCount(page) > 0);

describe("the printouts on the pages", () => {
  // `vitest -u` writes the page anew.
  test.each(pages)("of %s are what the code above them prints", async (path, page) => {
    const { status, stderr, stdout } = await run(scratch, path, withMarks(page, codeOf(page)));
    expect(stderr).toBe("");
    expect(status).toBe(0);
    await expect(withPrintouts(page, stdout, `${path}.ts`)).toMatchFileSnapshot(join(root, path));
  });

  test("are there", () => {
    const counts = new Map(pages.map(([path, page]) => [path, printoutCount(page)]));
    expect(counts.get("docs/gradient-checking.md")).toBeGreaterThanOrEqual(12);
  });
});

const PAGE = `text
\`\`\`ts
log(1);
log(2);
\`\`\`
\`\`\`text
made at  example.ts:1:5
numeric 3.5 +- 1e-9
\`\`\`
end`;

describe("the test of the printouts", () => {
  test("marks where they end", () => {
    expect(withMarks(PAGE, codeOf(PAGE)).split("\n").slice(2, 6)).toEqual([
      "log(1);",
      "log(2);",
      "",
      'console.log("\\u0001");',
    ]);
  });

  test("leaves a page as it is whose printouts differ in roundings alone", () => {
    const printed = "made at  /somewhere/page.md.ts:3:5\nnumeric 3.5 +- 2.5e-9\n\u0001\n";
    expect(withPrintouts(PAGE, printed, "page.md.ts")).toBe(PAGE);
  });

  test("finds another value, and another line", () => {
    const value = "made at  page.md.ts:3:5\nnumeric 3.6 +- 1e-9\n\u0001\n";
    expect(withPrintouts(PAGE, value, "page.md.ts")).toBe(PAGE.replace("3.5", "3.6"));
    const line = "made at  page.md.ts:4:5\nnumeric 3.5 +- 1e-9\n\u0001\n";
    expect(withPrintouts(PAGE, line, "page.md.ts")).toBe(PAGE.replace(":1:5", ":2:5"));
  });
});
