import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Pieces of text that outlive minification and occur in the code of one package, but not in core's. */
export function markerStrings(project: string, packageName: string): string[] {
  const core = code(project, "core");
  const texts = code(project, packageName).match(/(?<=["`}])[A-Za-z][\w ,.:;()-]{15,}(?=["`$])/g) ?? [];
  return [...new Set(texts)].filter((text) => !core.includes(text));
}

function code(project: string, packageName: string): string {
  return readFileSync(join(project, "node_modules", "@cotangent", packageName, "dist", "index.js"), "utf8");
}
