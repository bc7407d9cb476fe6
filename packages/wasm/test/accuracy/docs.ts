import { readFileSync, writeFileSync } from "node:fs";

/** One line of the table of accuracy. */
export interface Row {
  readonly name: string;
  readonly dtype: string;
  readonly inputs: string;
  readonly error: string;
  readonly at: string;
  readonly nanoseconds: string;
}

const COLUMNS: readonly (readonly [keyof Row, string])[] = [
  ["name", "function"],
  ["dtype", "dtype"],
  ["inputs", "inputs"],
  ["error", "max ULP"],
  ["at", "at"],
  ["nanoseconds", "ns per element"],
];

const BEGIN = "<!-- accuracy:math -->";
const END = "<!-- /accuracy:math -->";

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([, title]) => title), ...rows.map((row) => COLUMNS.map(([key]) => row[key]))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const lines = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`,
  );
  lines.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  return lines.join("\n");
}

/** The rows of a table that `formatTable` made. */
function parseTable(table: string): Row[] {
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => {
    const cells = line.split("|").slice(1, -1);
    return Object.fromEntries(COLUMNS.map(([key], i) => [key, cells[i].trim()])) as unknown as Row;
  });
}

/** Puts the rows into the page's table, in place of those of the same functions and dtypes, sorted. */
export function writeDocs(file: string, rows: readonly Row[]): void {
  const page = readFileSync(file, "utf8");
  const [before, rest] = page.split(BEGIN);
  const [table, after] = rest.split(END);
  const keyOf = ({ name, dtype }: Row) => `${name} ${dtype}`;
  const all = new Map([...parseTable(table), ...rows].map((row) => [keyOf(row), row]));
  const sorted = [...all.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  writeFileSync(file, `${before}${BEGIN}\n${formatTable(sorted)}\n${END}${after}`);
}
