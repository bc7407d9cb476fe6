import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { TABLE } from "../gradients/table/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const config = ts.getParsedCommandLineOfConfigFile(`${root}/tsconfig.json`, {}, {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: () => {},
} as ts.ParseConfigFileHost);
const entries = ["core", "nn"].map((name) => `${root}/packages/${name}/src/index.ts`);
const program = ts.createProgram(entries, { ...config?.options, noEmit: true });
const checker = program.getTypeChecker();

/** The docstrings of everything that a module exports, by names such as `random.normal`. */
function docstringsOf(module: ts.Symbol, prefix = ""): [string, string][] {
  return checker.getExportsOfModule(module).flatMap((one): [string, string][] => {
    const target = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
    if (target.flags & ts.SymbolFlags.ValueModule) return docstringsOf(target, `${prefix}${one.name}.`);
    const text = ts.displayPartsToString(target.getDocumentationComment(checker));
    return [[prefix + one.name, text]];
  });
}

const docstrings = new Map(
  entries.flatMap((entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile);
    return docstringsOf(module as ts.Symbol);
  }),
);

/** What a docstring may say of shapes. */
const SHAPES =
  /shape|axis|axes|element|broadcast|scalar|\[[^\]]*\]|vector|matri|batch|rows?\b|sizes?\b|tensor/i;

/** Functions of functions, which say what they do with arguments of any shape. */
const OF_FUNCTIONS = new Set(["compile", "withValues", "runtimeNumber"]);

test.each([...new Set(TABLE.flatMap(({ covers }) => covers))])(
  "%s says what it does, and to which shapes",
  (name) => {
    const text = docstrings.get(name);
    expect(text, `${name} has no docstring`).toBeTruthy();
    if (!OF_FUNCTIONS.has(name)) expect(text).toMatch(SHAPES);
  },
);

test("a docstring without shapes would be found", () => {
  expect("Sine of an angle in radians.").not.toMatch(SHAPES);
  expect(docstrings.size).toBeGreaterThan(300);
});
