import { expect, test } from "vitest";
import { apiReport, changedLines } from "../../scripts/api/report.ts";

const declarations = `
import { Tensor } from '@cotangent/core';
/** What a layer takes. */
interface Options { readonly units: number; }
declare function dense(units: number): Tensor;
declare function dense(options: Options): Tensor;
declare const zero: number;
declare class Inner { private readonly size; }
export { Inner as Dense, dense, zero };
export * from '@cotangent/core';
`;

test("a report lists what is exported and what that mentions, in alphabetical order", () => {
  const report = apiReport("@cotangent/nn", declarations);
  const order = ["import { Tensor }", "export *", "export { Inner as Dense }", "declare class Inner"];
  const rest = ["interface Options", "export declare function dense(u", "export declare function dense(o"];
  const positions = [...order, ...rest, "export declare const zero"].map((text) =>
    report.indexOf(`\n${text}`),
  );
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions).not.toContain(-1);
});

test("comments and the order of declarations do not matter", () => {
  const reversed = declarations.replace("/** What a layer takes. */", "").split("\n").reverse().join("\n");
  const swapped = reversed.replace(/(.*options.*)\n(.*units: number\).*)/, "$2\n$1");
  const lines = (text: string) => apiReport("x", text).split("\n").sort();
  expect(lines(swapped)).toEqual(lines(declarations));
});

test("a changed signature shows as a removed and an added line", () => {
  const before = apiReport("x", declarations);
  const after = apiReport("x", declarations.replace("zero: number", "zero: bigint"));
  expect(
    changedLines(before, after)
      .match(/^[+-].*$/gm)
      ?.sort(),
  ).toEqual(["+ export declare const zero: bigint;", "- export declare const zero: number;"]);
});

test("private members are nobody's business", () => {
  const text =
    "declare class A { #private; private size; private grow(): void; constructor(n: number); get n(): number }";
  const report = apiReport("x", `${text}\nexport { A };`);
  expect(report).toContain("export declare class A {\n    constructor(n: number);\n    get n(): number;\n}");
});
