import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import ts from "typescript";

/** One import (or re-export, or dynamic import, or `import("...")` type) of a source file. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** The whole statement is erased: `import type`, `export type ... from`, `import("...")` as a type. */
  readonly typeOnly: boolean;
  /** The imported file, as `packages/core/src/...`, when the specifier is a relative path. */
  readonly target: string | undefined;
}

/** A source file of a package: what the rules need to know of it. */
export interface Source {
  /** From the root of the repository, with forward slashes: `packages/core/src/util/errors.ts`. */
  readonly path: string;
  /** The name of its folder under `packages`. */
  readonly package: string;
  readonly imports: readonly Import[];
  /** Where it throws an error class of the language instead of one of Cotangent's. */
  readonly bareThrows: readonly { readonly line: number; readonly name: string }[];
  /** Where it makes one of Cotangent's errors without saying what to do. */
  readonly speechless: readonly { readonly line: number; readonly name: string }[];
}

/** Something a rule does not allow. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const BARE_ERRORS = new Set(["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError"]);

/** Reads all TypeScript files under `packages/<name>/src` of the repository at `root`. */
export function readSources(root: string): Source[] {
  const packages = readdirSync(join(root, "packages"));
  const folders = packages.map((name) => join(root, "packages", name, "src"));
  return folders.flatMap(filesUnder).map((file) => {
    const path = relative(root, file).split(sep).join("/");
    return parseSource(path, readFileSync(file, "utf8"));
  });
}

/** Finds the imports and the throws in the text of one file. */
export function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const imports: Import[] = [];
  const bareThrows: { line: number; name: string }[] = [];
  const speechless: { line: number; name: string }[] = [];
  const lineOf = (node: ts.Node) => tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;

  const visit = (node: ts.Node): void => {
    const found = importIn(node);
    if (found !== undefined) {
      const target = found.specifier.startsWith(".")
        ? posix.join(dirname(path).split(sep).join("/"), found.specifier)
        : undefined;
      imports.push({ ...found, line: lineOf(node), target });
    }
    const name = bareThrow(node);
    if (name !== undefined) bareThrows.push({ line: lineOf(node), name });
    const silent = withoutRemedy(node);
    if (silent !== undefined) speechless.push({ line: lineOf(node), name: silent });
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, package: path.split("/")[1] ?? "", imports, bareThrows, speechless };
}

function importIn(node: ts.Node): Pick<Import, "specifier" | "typeOnly"> | undefined {
  if (ts.isImportDeclaration(node)) {
    return named(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  }
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return named(node.argument.literal, true);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return named(node.arguments[0], false);
  }
  return undefined;
}

function named(specifier: ts.Node | undefined, typeOnly: boolean) {
  if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, typeOnly };
}

function bareThrow(node: ts.Node): string | undefined {
  if (!ts.isThrowStatement(node)) return undefined;
  const thrown = node.expression;
  if (!ts.isNewExpression(thrown) && !ts.isCallExpression(thrown)) return undefined;
  const name = thrown.expression.getText();
  return BARE_ERRORS.has(name) ? name : undefined;
}

/** The class of an error that is made with details written out, and no remedy among them, or with none at all. */
function withoutRemedy(node: ts.Node): string | undefined {
  if (!ts.isNewExpression(node)) return undefined;
  const name = node.expression.getText();
  if (!/^[A-Z]\w*(Error|Failure)$/.test(name) || BARE_ERRORS.has(name)) return undefined;
  const details = node.arguments?.[1];
  if (details === undefined) return name;
  if (!ts.isObjectLiteralExpression(details)) return undefined;
  const says = details.properties.some(
    (one) => ts.isSpreadAssignment(one) || one.name?.getText() === "remedy",
  );
  return says ? undefined : name;
}

function filesUnder(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}
