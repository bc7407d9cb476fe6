import type { Source, Violation } from "./source.ts";

/**
 * Files that import each other in a circle. Type-only imports do not count: they are gone when the code runs,
 * and what a circle breaks is the order in which modules are loaded.
 */
export function importCycles(sources: readonly Source[]): Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const finished = new Set<string>();
  const open: string[] = [];
  const found: Violation[] = [];

  const visit = (source: Source): void => {
    open.push(source.path);
    for (const { target, typeOnly, line } of source.imports) {
      const next = target === undefined || typeOnly ? undefined : byPath.get(target);
      if (next === undefined || finished.has(next.path)) continue;
      const start = open.indexOf(next.path);
      if (start < 0) visit(next);
      else found.push({ path: source.path, line, message: describe([...open.slice(start), next.path]) });
    }
    open.pop();
    finished.add(source.path);
  };
  for (const source of sources) if (!finished.has(source.path)) visit(source);
  return found;
}

function describe(circle: readonly string[]): string {
  return `closes a circle of imports: ${circle.join(" -> ")}`;
}
