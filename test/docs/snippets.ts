import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

/** The code of a Markdown file: its ```ts blocks, in their places, as one program with the lines of the file. */
export function codeOf(markdown: string): string {
  let inside = false;
  const lines = markdown.split("\n").map((line) => {
    if (inside && line.trim() === "```") inside = false;
    else if (inside) return line;
    else if (line.trim() === "```ts") inside = true;
    return "";
  });
  return lines.join("\n");
}

/** How many values the code states: lines such as `console.log(x.item()); // 2.5`. */
export const statedValues = (code: string): number => [...code.matchAll(STATED)].length;

const STATED = /^(\s*)console\.log\((.*)\);\s*\/\/ (.*)$/gm;

/** The same program, which fails where a line prints something else than its comment says. */
export function withChecks(code: string): string {
  const checked = code.replace(
    STATED,
    (_line, indent, value, stated) => `${indent}__check(${value}, ${JSON.stringify(stated)});`,
  );
  return `${checked}
import { inspect as __inspect } from "node:util";
function __check(value, stated) {
  const shown = typeof value === "string" ? value : __inspect(value, { depth: 9, breakLength: Infinity, compact: 9 });
  if (shown !== stated) throw new Error("the page says " + stated + ", but it is " + shown);
}
`;
}

/** What the type checker says of programs, given by paths (that need not exist) within the repository. */
export function typeErrors(root: string, programs: ReadonlyMap<string, string>): string[] {
  const file = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, (path) => readFileSync(path, "utf8"));
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [...programs.keys()] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost({ ...options, noUnusedLocals: false });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => programs.has(path) || fileExists(path);
  host.readFile = (path) => programs.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = programs.get(path);
    return text === undefined
      ? getSourceFile.call(host, path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram(
    [...programs.keys()],
    { ...options, noUnusedLocals: false, noEmit: true },
    host,
  );
  return [...programs.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return ts.getPreEmitDiagnostics(program, source).map(({ messageText, start = 0 }) => {
      const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start).line + 1;
      return `${path.slice(dirname(root).length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
  });
}
