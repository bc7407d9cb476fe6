import { checkOptions, type Shape } from "@cotangent/core";
import { type FindingGroup, groupFindings } from "./groups.ts";
import { element, escapeHtml } from "./html/escape.ts";
import { heatMap, marginBar, valueBars } from "./html/pictures.ts";
import { STYLE } from "./html/style.ts";
import { roughly, valueText } from "./numbers.ts";
import { type Culprit, type Finding, type GradientReport, type Verdict, worstOf } from "./report.ts";
import { adviceFor, checkWords, counted, inputWords, placeOf, subjectOf, VERDICTS } from "./words.ts";

/** How reports become a page. */
export interface HtmlOptions {
  /** The page's title. Default `Gradient checks`. */
  readonly title?: string;
  /** Sentences above the table: what could not be checked. */
  readonly notes?: readonly string[];
}

/**
 * Reports as a page that stands on its own: one HTML file without scripts, in light and dark, with a table of all functions
 * and a section for each.
 * @throws StateError for what is no option
 */
export function reportHtml(reports: readonly GradientReport[], options: HtmlOptions = {}): string {
  checkOptions("reportHtml", options, ["title", "notes"]);
  const title = escapeHtml(options.title ?? "Gradient checks");
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${title}</title><style>${STYLE}</style>`;
  const body = [
    `<h1>${title}</h1>`,
    summaryOf(reports),
    ...(options.notes ?? []).map((note) => element("p", { class: "wrong" }, escapeHtml(note))),
    reports.length > 0 ? overview(reports) : "",
    ...reports.map(sectionOf),
  ];
  return `<!doctype html>\n<html lang="en">\n<head>${head}</head>\n<body>\n${body.join("\n")}\n</body>\n</html>\n`;
}

const VERDICT_ORDER: readonly Verdict[] = ["wrong", "inconclusive", "kink", "right"];

/** `7 functions: 1 WRONG, 6 right` */
function summaryOf(reports: readonly GradientReport[]): string {
  const counts = VERDICT_ORDER.flatMap((verdict) => {
    const count = reports.filter((one) => one.verdict === verdict).length;
    return count === 0 ? [] : [element("span", { class: verdict }, `${count} ${VERDICTS[verdict]}`)];
  });
  return `<p>${counted(reports.length, "function")}${counts.length === 0 ? "" : `: ${counts.join(", ")}`}</p>`;
}

const anchorOf = (at: number): string => `check-${at + 1}`;
const badge = (verdict: Verdict): string => element("span", { class: `badge ${verdict}` }, VERDICTS[verdict]);
const code = (text: string): string => element("code", {}, escapeHtml(text));

function overview(reports: readonly GradientReport[]): string {
  const rows = reports.map((report, at) => {
    const worst = report.checks.reduce<number | null>(
      (most, one) => (one.worst === null ? most : Math.max(most ?? 0, one.worst)),
      null,
    );
    const compared = report.checks.reduce((sum, one) => sum + one.compared, 0);
    return [
      `<td>${element("a", { href: `#${anchorOf(at)}` }, code(report.name))}</td>`,
      `<td>${badge(report.verdict)}</td>`,
      number(String(report.findings.length)),
      number(String(compared)),
      number(roughly(worst)),
      `<td>${marginBar(worst)}</td>`,
    ];
  });
  return table(["function", "verdict", "#findings", "#compared", "#worst/allowed", ""], rows);
}

const number = (text: string): string => element("td", { class: "number" }, escapeHtml(text));

/** A table; titles that begin with # stand above numbers. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) =>
    title.startsWith("#") ? element("th", { class: "number" }, title.slice(1)) : element("th", {}, title),
  );
  const body = rows.map((cells) => `<tr>${cells.join("")}</tr>`);
  const inner = `<table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
  return element("div", { class: "scroll" }, inner);
}

function sectionOf(report: GradientReport, at: number): string {
  const { name, verdict, inputs, seed, moved } = report;
  const groups = groupFindings(report.findings);
  const by = inputs.length === 0 ? "" : ` by ${inputs.map((one) => code(inputWords(one))).join(", ")}`;
  const parts = [
    `<header><h2>${code(name)}</h2>${badge(verdict)}</header>`,
    `<p class="faint">${capitalized(subjectOf(report))}${by}; seed ${seed}${moved ? ", inputs moved off kinks" : ""}</p>`,
    report.ok ? "" : `<p>${escapeHtml(adviceFor(report))}</p>`,
    groups.length === 0 ? "" : "<h3>Findings</h3>",
    ...groups.map((group) => findingOf(group, shapeOf(report, group.shown))),
    checksOf(report),
    kinksOf(report),
  ];
  return element("section", { id: anchorOf(at) }, parts.join("\n"));
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const shapeOf = ({ inputs }: GradientReport, { input }: Finding): Shape | null =>
  inputs.find(({ path }) => path === input)?.shape ?? null;

function findingOf({ shown, others }: FindingGroup, shape: Shape | null): string {
  const { input, element: index, output, outputElement, verdict } = shown;
  const places = [placeOf(input, index), placeOf(output, outputElement)].filter((one) => one !== null);
  const title =
    places.map(code).join(" &rarr; ") + (places.length > 0 ? ", " : "") + escapeHtml(checkWords(shown));
  const verdicts = worstOf([shown, ...others].map((one) => one.verdict));
  const folded =
    others.length === 0
      ? ""
      : `<p class="faint">and ${counted(others.length, "more finding")} like it${input === null ? "" : ` in ${code(input)}`}</p>`;
  const picture = shape === null ? "" : heatMap(shape, [shown, ...others]);
  const inner = [
    `<h4>${title}</h4>`,
    `<p>${escapeHtml(capitalized(shown.message))}</p>`,
    element("div", { class: "columns" }, factsOf(shown) + barsOf(shown) + picture),
    folded,
  ];
  return element("article", { class: verdicts, "data-verdict": verdict }, inner.join("\n"));
}

function factsOf({ analytic, numeric, error, relativeError, culprit }: Finding): string {
  const bounded = error !== Number.POSITIVE_INFINITY;
  const values: [string, string][] =
    analytic === null && numeric === null
      ? []
      : [
          [`${key("analytic")}analytic`, code(valueText(analytic, bounded ? error : null))],
          [`${key("numeric")}numeric`, code(valueText(numeric, error)) + (bounded ? uncertainty(error) : "")],
        ];
  const relative: [string, string][] =
    relativeError === null || !bounded ? [] : [["relative error", code(roughly(relativeError))]];
  const facts = [...values, ...relative, ...(culprit === null ? [] : culpritFacts(culprit))];
  return facts.length === 0
    ? ""
    : `<dl>${facts.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join("")}</dl>`;
}

const key = (name: string): string => element("span", { class: `key ${name}` });

const uncertainty = (error: number | null): string =>
  error === null ? "" : ` <span class="faint">&plusmn; ${code(roughly(error))}</span>`;

const barsOf = ({ analytic, numeric, error }: Finding): string =>
  error === Number.POSITIVE_INFINITY ? "" : valueBars(analytic, numeric);

function culpritFacts({ operation, call, operand, line, detail }: Culprit): [string, string][] {
  const by = operand === null ? "" : `, derivative by operand ${operand}`;
  return [
    ["at fault", code(call === "" ? operation : call) + by],
    ...(line === null ? [] : [["made at", code(line)] as [string, string]]),
    ...(detail === "" ? [] : [["", escapeHtml(capitalized(detail))] as [string, string]]),
  ];
}

function checksOf({ checks }: GradientReport): string {
  if (checks.length === 0) return "";
  const rows = checks.map((one) => [
    `<td>${escapeHtml(checkWords(one))}</td>`,
    `<td>${element("span", { class: one.verdict }, VERDICTS[one.verdict])}</td>`,
    number(String(one.compared)),
    number(roughly(one.worst)),
    `<td>${marginBar(one.worst)}</td>`,
    `<td>${escapeHtml(one.note ?? "")}</td>`,
  ]);
  return `<h3>Checks</h3>${table(["check", "verdict", "#compared", "#worst/allowed", "", ""], rows)}`;
}

function kinksOf({ kinks }: GradientReport): string {
  if (kinks.length === 0) return "";
  const rows = kinks.map(({ operation, distance, line }) => [
    `<td>${code(operation)}</td>`,
    number(roughly(distance)),
    `<td>${line === null ? "" : code(line)}</td>`,
  ]);
  return `<h3>Kinks near the inputs</h3>${table(["operation", "#distance", "made at"], rows)}`;
}
