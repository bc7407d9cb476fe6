import type { Target, Unit } from "../lines/line.ts";
import {
  type Cell,
  countedValue,
  disagrees,
  isMet,
  type Participant,
  type Report,
  type Row,
  ratio,
} from "./results.ts";
import { geometricMean } from "./statistics.ts";

/** The libraries that Cotangent competes with: JavaScript ones that differentiate. */
const RIVALS = ["tfjs", "jaxjs"];
const BASE = "cotangent";
const NOTHING = "-";

/** Three digits that count, or all before the point: 1.23, 12.3, 123, 1,234. */
export function formatNumber(value: number): string {
  if (value >= 99.95) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

function formatValue(value: number, unit: Unit): string {
  return unit === "bytes" ? formatNumber(value / 1000) : formatNumber(value);
}

/** As the report says it; sizes are in thousands of bytes. */
function formatUnit(unit: Unit): string {
  return unit === "bytes" ? "KB" : unit;
}

function formatTarget(target: Target | undefined, unit: Unit): string {
  if (target === undefined) return "";
  return "atMost" in target
    ? `<= ${formatValue(target.atMost, unit)}`
    : `>= ${formatValue(target.atLeast, unit)}`;
}

function formatCell(row: Row, peer: string): string {
  const cell: Cell | undefined = row.cells[peer];
  if (cell === undefined || "unsupported" in cell) return NOTHING;
  if ("error" in cell) return "failed";
  const value = formatValue(cell.value, row.line.unit);
  if (disagrees(cell)) return `${value} (differs)`;
  const times = peer === BASE ? undefined : ratio(row, peer);
  return times === undefined ? value : `${value} (x${formatNumber(times)})`;
}

function formatMet({ line, cells }: Row): string {
  const value = countedValue(cells[BASE]);
  if (line.target === undefined || value === undefined) return "";
  return isMet(value, line.target) ? "yes" : "no";
}

/** The geometric mean of the ratios of the peers, over the lines of repeated iterations that both have. */
export function meanRatio(rows: readonly Row[], peers: readonly string[]): { mean: number; lines: number } {
  const ratios = rows
    .filter(({ line }) => line.measure === "iteration")
    .flatMap((row) => peers.map((peer) => ratio(row, peer)))
    .filter((one) => one !== undefined);
  return { mean: geometricMean(ratios), lines: ratios.length };
}

/** The report as a table: head, lines, and the means at its foot. */
export function tableOf({ participants, rows }: Pick<Report, "participants" | "rows">): string[][] {
  const head = ["line", "unit", ...participants.map(({ title }) => title), "target", "met"];
  const body = rows.map((row) => [
    row.line.title,
    formatUnit(row.line.unit),
    ...participants.map(({ name }) => formatCell(row, name)),
    formatTarget(row.line.target, row.line.unit),
    formatMet(row),
  ]);
  const means = participants.map(({ name }) => {
    const { mean, lines } = meanRatio(rows, [name]);
    return name === BASE || lines === 0 ? "" : `x${formatNumber(mean)} (${lines})`;
  });
  const foot = ["geometric mean of the ratios (of how many lines)", "", ...means, "", ""];
  return means.some((one) => one !== "") ? [head, ...body, foot] : [head, ...body];
}

/** Columns padded to one width. */
export function renderText(table: readonly (readonly string[])[]): string {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const padded = table.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [padded[0], rule, ...padded.slice(1)].join("\n");
}

export function renderMarkdown(table: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = table[0].map((_, i) => (i === 0 ? "---" : "---:"));
  return [table[0], rule, ...table.slice(1)].map(line).join("\n");
}

/** Tfjs and jax-js together, in a sentence; nothing when neither took part. */
export function rivalsSentence({
  participants,
  rows,
}: Pick<Report, "participants" | "rows">): string | undefined {
  const present = RIVALS.flatMap((name) => participants.find((one) => one.name === name) ?? []);
  const { mean, lines } = meanRatio(
    rows,
    present.map(({ name }) => name),
  );
  if (lines === 0) return undefined;
  const titles = present.map(({ title }) => title).join(" and ");
  return `${titles}: geometric mean x${formatNumber(mean)} over ${lines} comparisons.`;
}

/** Failures and disagreements: what a reader must know of single cells. */
export function remarks({ participants, rows }: Pick<Report, "participants" | "rows">): string[] {
  return rows.flatMap(({ line, cells }) =>
    participants.flatMap(({ name, title }) => {
      const cell = cells[name];
      if (cell === undefined || "unsupported" in cell) return [];
      if ("error" in cell) return [`${line.name}, ${title}, failed: ${cell.error}`];
      if (!disagrees(cell)) return [];
      const what = `${formatNumber(100 * (cell.difference ?? 0))} % from the first peer's, or from its own first`;
      return [
        `${line.name}, ${title}, did other work: results are ${what} (${JSON.stringify(cell.results)})`,
      ];
    }),
  );
}

/** How well the peers' results agree, in a sentence; nothing when there was nothing to compare. */
export function agreementSentence({ rows }: Pick<Report, "rows">): string | undefined {
  const differences = rows.flatMap(({ cells }) =>
    Object.values(cells).flatMap((cell) => ("value" in cell ? (cell.difference ?? []) : [])),
  );
  if (differences.length < 2) return undefined;
  return `Losses and gradients of all peers agree within ${Math.max(...differences).toExponential(1)}, relatively.`;
}

export function describeParticipant({ title, version, note }: Participant): string {
  return `${title} ${version}${note === undefined ? "" : ` (${note})`}`;
}
