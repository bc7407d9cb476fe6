import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as core from "@cotangent/core";
import { OPERATION_NAMES, programs, type RandomProgram } from "@cotangent/gradcheck/arbitraries";
import fc from "fast-check";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Programs of every operation. */
const PROGRAMS: readonly RandomProgram[] = OPERATION_NAMES.flatMap((name) =>
  fc.sample(programs({ operations: [name], maxSteps: 2 }), { numRuns: 1, seed: 5 }),
);

/** The text of a program, with its function and inputs exported. */
const exported = (program: RandomProgram): string =>
  program.toTypeScript({ imports: "", check: "export { f, inputs };" });

test("printed programs compute what the programs compute", () => {
  for (const program of PROGRAMS) {
    const module = { exports: {} as { f: RandomProgram["f"]; inputs: core.Tensor[] } };
    const { outputText } = ts.transpileModule(exported(program), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ESNext },
    });
    new Function("exports", "require", outputText)(module.exports, () => core);
    const { f, inputs } = module.exports;
    const list = [f(...inputs)].flat().map((x) => x.arraySync());
    expect(list, exported(program)).toEqual(program.outputs(...program.inputs()).map((x) => x.arraySync()));
  }
});

test("printed programs are TypeScript that checks", () => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const files = new Map(
    PROGRAMS.map((program, i) => [join(root, `test/programs/printed${i}.ts`), exported(program)]),
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => files.get(path) ?? readFile(path);
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path);
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
  const wrong = [...files].flatMap(([path, text]) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(path))
      .map(({ messageText }) => `${ts.flattenDiagnosticMessageText(messageText, " ")}\n${text}`),
  );
  expect(wrong.slice(0, 3)).toEqual([]);
});
