import type { Shape } from "@cotangent/core";
import { elementsOf } from "../groups.ts";
import { roughly } from "../numbers.ts";
import type { Finding } from "../report.ts";
import { counted } from "../words.ts";
import { element, escapeHtml } from "./escape.ts";

const CELL = 12;
/** How many cells a picture has at most; larger inputs are drawn with several elements to a cell. */
const MOST_COLUMNS = 60;
const MOST_ROWS = 32;

/**
 * Which elements of an input findings are about: a cell for each element, the last axis to the right, all others from the
 * top; the stronger the colour, the larger the relative error. Empty where there is nothing to see.
 */
export function heatMap(shape: Shape, findings: readonly Finding[]): string {
  const width = shape.at(-1) ?? 1;
  const size = shape.reduce((product, one) => product * one, 1);
  const marked = findings.filter(({ element: index }) => index !== null && index.length === shape.length);
  if (size < 2 || marked.length === 0) return "";
  const height = size / width;
  const columns = Math.min(width, MOST_COLUMNS);
  const rows = Math.min(height, MOST_ROWS);
  const cells = new Map<string, number>();
  for (const { element: index, relativeError } of marked) {
    const column = Math.floor(((index?.at(-1) ?? 0) * columns) / width);
    const row = Math.floor((rowOf(shape, index ?? []) * rows) / height);
    const key = `${row},${column}`;
    cells.set(key, Math.max(cells.get(key) ?? 0, strength(relativeError)));
  }
  const box = { width: columns * CELL, height: rows * CELL };
  const drawn = [...cells].map(([key, opacity]) => {
    const [row, column] = key.split(",").map(Number);
    const place = { x: column * CELL, y: row * CELL, width: CELL, height: CELL };
    return element("rect", { ...place, class: "hit", "fill-opacity": opacity.toFixed(2) });
  });
  const label = `${elementsOf(marked).length} of ${counted(size, "element")}`;
  const binned = columns < width || rows < height ? "; a cell stands for several" : "";
  const svg = element(
    "svg",
    { ...box, viewBox: `-0.5 -0.5 ${box.width + 1} ${box.height + 1}`, role: "img", "aria-label": label },
    element("rect", { x: 0, y: 0, ...box, class: "field" }) + drawn.join("") + grid(columns, rows),
  );
  return element("figure", { class: "map" }, svg + element("figcaption", {}, escapeHtml(label + binned)));
}

/** The place of a row among all rows, which the leading axes count. */
const rowOf = (shape: Shape, index: readonly number[]): number =>
  index.slice(0, -1).reduce((row, position, axis) => row * shape[axis] + position, 0);

/** From 0.3 for the smallest errors to 1 for those as large as the values, by their logarithm. */
function strength(relativeError: number | null): number {
  if (relativeError === null || !Number.isFinite(relativeError)) return 1;
  const decades = Math.log10(Math.max(relativeError, 1e-8)) / 8;
  return Math.min(1, Math.max(0.3, 1 + 0.7 * decades));
}

function grid(columns: number, rows: number): string {
  const [width, height] = [columns * CELL, rows * CELL];
  const across = range(rows + 1).map((row) => `M0 ${row * CELL}H${width}`);
  const down = range(columns + 1).map((column) => `M${column * CELL} 0V${height}`);
  return element("path", { class: "grid", d: [...across, ...down].join("") });
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

const BAR = { width: 132, height: 12 };
/** The picture reaches from a millionth of what is allowed to a million times it. */
const DECADES = 6;

/** The largest difference beside what is allowed, on a logarithmic scale whose middle is what is allowed. */
export function marginBar(worst: number | null): string {
  if (worst === null || Number.isNaN(worst)) return "";
  const decades = worst <= 0 ? -DECADES : Math.min(DECADES, Math.max(-DECADES, Math.log10(worst)));
  const middle = BAR.width / 2;
  const end = middle + (decades / DECADES) * middle;
  const bar = { x: Math.min(end, middle), y: 2, width: Math.max(1, Math.abs(end - middle)), height: 8 };
  const inner =
    element("rect", { x: 0, y: 2, width: BAR.width, height: 8, class: "field" }) +
    element("rect", { ...bar, class: worst > 1 ? "over" : "room" }) +
    element("path", { class: "mark", d: `M${middle} 0V${BAR.height}` });
  const label = `${roughly(worst)} times what is allowed`;
  return element(
    "svg",
    { ...BAR, viewBox: `0 0 ${BAR.width} ${BAR.height}`, role: "img", "aria-label": label },
    inner,
  );
}

/** The analytic and the numeric value as bars from zero, on one scale: signs and factors show. */
export function valueBars(analytic: number | null, numeric: number | null): string {
  if (analytic === null || numeric === null) return "";
  const most = Math.max(Math.abs(analytic), Math.abs(numeric));
  if (!Number.isFinite(most) || most === 0) return "";
  const half = 80;
  const bar = (value: number, y: number, name: string) => {
    const length = Math.max(1, (Math.abs(value) / most) * half);
    return element("rect", { x: value < 0 ? half - length : half, y, width: length, height: 9, class: name });
  };
  const inner =
    bar(analytic, 2, "analytic") +
    bar(numeric, 15, "numeric") +
    element("path", { class: "mark", d: `M${half} 0V26` });
  const box = { width: 2 * half, height: 26, viewBox: `0 0 ${2 * half} 26` };
  return element(
    "svg",
    { ...box, class: "values", role: "img", "aria-label": "analytic and numeric value" },
    inner,
  );
}
