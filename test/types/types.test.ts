import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { PREAMBLE, WRONG } from "./wrong.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Type instantiations, about twice what was counted on 2026-11-26. */
const EXACT_LIMIT = 80_000;
const EXAMPLES_LIMIT = 15_000;

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  return { ...options, noUnusedLocals: false, noEmit: true };
}

/** What an editor asks: a language service over files that need not exist, beside those of the repository. */
function editor(files: ReadonlyMap<string, string>): ts.LanguageService {
  const options = compilerOptions();
  const read = (path: string) => files.get(path) ?? ts.sys.readFile(path);
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: () => "1",
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (o) => ts.getDefaultLibFilePath(o),
    fileExists: (path) => files.has(path) || ts.sys.fileExists(path),
    readFile: read,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
}

const wrongFile = join(root, "test/types/refused.ts");
// Each program on a line of its own, behind the preamble.
const refused = `${PREAMBLE}${WRONG.map(([program]) => program).join(";\n")};\n`;
const service = editor(new Map([[wrongFile, refused]]));
const diagnostics = service.getSemanticDiagnostics(wrongFile);
const firstLine = PREAMBLE.split("\n").length - 1;
const lineOf = (position: number): number => refused.slice(0, position).split("\n").length - 1;

describe("wrong programs", () => {
  it.each(WRONG)("%s", (program, underlined, sentence) => {
    const index = WRONG.findIndex(([text]) => text === program);
    const own = diagnostics.filter(({ start = 0 }) => lineOf(start) === firstLine + index);
    expect(own).toHaveLength(1);
    const [{ start = 0, length = 0, messageText }] = own;
    expect(refused.slice(start, start + length)).toBe(underlined);
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    expect(message).toContain(sentence);
    expect(message.indexOf(sentence), message).toBeLessThan(400);
  });

  it("are the only ones that are refused", () => {
    expect(diagnostics).toHaveLength(WRONG.length);
  });
});

/** How much work the type checker has with programs. */
function instantiations(files: readonly string[]): number {
  const program = ts.createProgram([...files], compilerOptions());
  for (const file of files) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
    expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))).toEqual([]);
  }
  return program.getInstantiationCount();
}

describe("type checking stays fast", () => {
  it("of the exact shapes", () => {
    expect(instantiations([join(root, "test/types/exact.ts")])).toBeLessThan(EXACT_LIMIT);
  });

  it("of the examples", () => {
    const folder = join(root, "examples/fashion-mnist");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.includes("node_modules") && !path.includes("test"))
      .map((path) => join(folder, path));
    expect(files.length).toBeGreaterThan(0);
    expect(instantiations(files)).toBeLessThan(EXAMPLES_LIMIT);
  });
});
