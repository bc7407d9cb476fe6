import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundle, programOf, readRoot, rootFolder, typeErrors, withChecks } from "./snippets.ts";

const folder = mkdtempSync(join(tmpdir(), "cotangent-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(source: string, name: string): Promise<string> {
  const path = join(folder, `${name}.mjs`);
  await bundle(source, path);
  return execFileSync(process.execPath, [path], { cwd: rootFolder, encoding: "utf8", stdio: "pipe" });
}

const documents = [
  "README.md",
  ...readdirSync(join(rootFolder, "docs")).map((name) => `docs/${name}`),
].filter((path) => path.endsWith(".md") && programOf(readRoot(path)) !== "");

describe("the code in", () => {
  test.each(documents)("%s runs, and gives the values that it states", { timeout: 180_000 }, async (path) => {
    const { source, claims } = withChecks(programOf(readRoot(path)));
    expect(claims, "values stated as `// = value`").toBeGreaterThan(0);
    await run(source, path.replaceAll(/\W/g, "-"));
  });

  test.each(documents)("%s passes the type checker", { timeout: 180_000 }, (path) => {
    expect(typeErrors(programOf(readRoot(path)))).toEqual([]);
  });

  test("a document that states a wrong value is found", async () => {
    const { source } = withChecks(
      'import { tensor } from "cotangent";\ntensor([1, 2]).sum().item(); // = 3.1',
    );
    await expect(run(source, "wrong")).rejects.toThrow(/is 3, not 3\.1/);
    expect(typeErrors('import { tensor } from "cotangent";\ntensor([1]).add("1");')).toHaveLength(1);
    const right = withChecks(
      'import { tensor } from "cotangent";\ntensor([1, 2]).div(3); // = [0.33, 0.667]',
    );
    await run(right.source, "right");
  });
});
