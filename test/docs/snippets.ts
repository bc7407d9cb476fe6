import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The TypeScript of a Markdown file: all ```ts blocks, one after the other, as one program. */
export function programOf(markdown: string): string {
  const blocks = [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  return blocks.join("\n");
}

/**
 * The program with its claims checked: a line `expression; // = value` states the value of the expression, numbers to
 * the digits that are written.
 */
export function withChecks(program: string): { source: string; claims: number } {
  let claims = 0;
  const lines = program.split("\n").map((line) => {
    const claim = line.match(/^(\s*)(.*?);?\s*\/\/ = (.*)$/);
    if (claim === null) return line;
    claims++;
    const [, indent, expression, value] = claim;
    return `${indent}__check(${expression}, ${JSON.stringify(value)}, ${JSON.stringify(expression)});`;
  });
  return { source: `${CHECK}\n${lines.join("\n")}`, claims };
}

/** Compares what a line says with what it gives. */
const CHECK = `
import { isTensor as __isTensor } from "@cotangent/core";
function __close(actual: unknown, text: string): boolean {
  const stated = JSON.parse(text.replace(/'/g, '"'));
  const digits = (n: string) => (n.split(".")[1] ?? "").replace(/e.*/, "").length;
  const numbers = text.match(/-?\\d+(\\.\\d+)?(e-?\\d+)?/g) ?? [];
  let next = 0;
  const same = (a: unknown, b: unknown): boolean => {
    if (typeof b === "number") {
      const exponent = /e(-?\\d+)/.exec(numbers[next])?.[1] ?? "0";
      const tolerance = 0.51 * 10 ** (Number(exponent) - digits(numbers[next++]));
      return typeof a === "number" && Math.abs(a - b) <= tolerance;
    }
    if (Array.isArray(b)) return Array.isArray(a) && a.length === b.length && b.every((x, i) => same(a[i], x));
    return a === b;
  };
  return same(actual, stated);
}
function __check(value: unknown, text: string, expression: string): void {
  const actual = __isTensor(value) ? value.arraySync() : value;
  if (!__close(actual, text)) throw new Error(expression + " is " + JSON.stringify(actual) + ", not " + text);
}
`;

/** Bundles the program against the sources of the packages and writes it to `path`. */
export async function bundle(source: string, path: string): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: root, loader: "ts", sourcefile: "snippets.ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    write: false,
    external: ["sharp"],
    alias: {
      cotangent: `${root}packages/cotangent/src/index.ts`,
      "cotangent/data": `${root}packages/cotangent/src/data.ts`,
      "@cotangent/core": `${root}packages/core/src/index.ts`,
      "@cotangent/nn": `${root}packages/nn/src/index.ts`,
      "@cotangent/optim": `${root}packages/optim/src/index.ts`,
      "@cotangent/train": `${root}packages/train/src/index.ts`,
      "@cotangent/data": `${root}packages/data/src/index.ts`,
    },
  });
  writeFileSync(path, outputFiles[0].text);
}

export const readRoot = (path: string): string => readFileSync(`${root}${path}`, "utf8");
export const rootFolder = root;

/** What the type checker says of the program, as users with strict settings would see it. */
export function typeErrors(source: string): string[] {
  const path = `${root}snippets.virtual.ts`;
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [path] }, ts.sys, root);
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.readFile = (name) => (name === path ? source : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, source, rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], settings, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
