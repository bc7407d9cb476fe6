import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import type { FaultTable } from "./rows.ts";

/** Where the marks of a table's faults stand: `elementwise.ts:12`, by the name of the fault. */
export function marksOf({ url }: FaultTable): Map<string, string> {
  const path = fileURLToPath(url);
  const marks = new Map<string, string>();
  readFileSync(path, "utf8")
    .split("\n")
    .forEach((line, i) => {
      const names = /\/\/ fault: (.+)$/.exec(line)?.[1].split(", ") ?? [];
      for (const name of names) {
        if (marks.has(name)) throw new Error(`two lines are marked as ${name}`);
        marks.set(name, `${basename(path)}:${i + 1}`);
      }
    });
  return marks;
}
