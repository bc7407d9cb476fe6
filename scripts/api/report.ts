import { diff } from "node:util";
import ts from "typescript";

/**
 * The public surface that a bundled declaration file describes, as text: one declaration after the other in
 * alphabetical order, without comments and private members. What is not exported but appears in something exported is there too,
 * without the word `export`.
 */
export function apiReport(name: string, declarations: string): string {
  const tree = ts.createSourceFile("index.d.ts", declarations, ts.ScriptTarget.Latest, true);
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
  const exported = exportedNames(tree);
  const parts: { name: string; text: string }[] = [];

  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined) continue;
    const text = printer.printNode(ts.EmitHint.Unspecified, withoutPrivate(statement), tree);
    const own = declaredName(statement);
    const isExported = own !== undefined && exported.get(own) === own;
    parts.push({ name: own ?? "", text: isExported ? `export ${text.replace(/^export /, "")}` : text });
  }
  for (const [local, as] of exported) {
    if (local !== as) parts.push({ name: as, text: `export { ${local} as ${as} };` });
  }
  const sorted = parts.sort((a, b) => compareText(a.name, b.name)).map((part) => part.text);
  return `# The public surface of ${name}\n\n\`\`\`ts\n${sorted.join("\n\n")}\n\`\`\`\n`;
}

function withoutPrivate(statement: ts.Statement): ts.Statement {
  if (!ts.isClassDeclaration(statement)) return statement;
  const { modifiers, name, typeParameters, heritageClauses, members } = statement;
  const open = members.filter((member) => !isPrivate(member));
  const factory = ts.factory;
  return factory.updateClassDeclaration(statement, modifiers, name, typeParameters, heritageClauses, open);
}

function isPrivate(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return true;
  const modifiers = ts.canHaveModifiers(member) ? ts.getModifiers(member) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword) === true;
}

/** The lines that differ, marked - and +, with two lines around them. */
export function changedLines(before: string, after: string): string {
  const lines = diff(after.split("\n"), before.split("\n"));
  const near = (i: number) => lines.slice(Math.max(0, i - 2), i + 3).some(([change]) => change !== 0);
  const shown: string[] = [];
  lines.forEach(([change, text], i) => {
    if (near(i)) shown.push(`${change > 0 ? "+" : change < 0 ? "-" : " "} ${text}`);
    else if (shown.at(-1) !== "  ...") shown.push("  ...");
  });
  return shown.join("\n");
}

/** From the name of a declaration to the name under which it is exported. */
function exportedNames(tree: ts.SourceFile): Map<string, string> {
  const names = new Map<string, string>();
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (statement.moduleSpecifier !== undefined || clause === undefined || !ts.isNamedExports(clause))
        continue;
      for (const { name, propertyName } of clause.elements) names.set((propertyName ?? name).text, name.text);
    } else if (ts.canHaveModifiers(statement)) {
      const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
      const name = declaredName(statement);
      if (isExported === true && name !== undefined) names.set(name, name);
    }
  }
  return names;
}

function declaredName(statement: ts.Statement): string | undefined {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText();
  const { name } = statement as Partial<ts.DeclarationStatement>;
  return name?.getText();
}

/** The same order on every machine, whatever its language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
