import { checkOptions, StateError } from "@cotangent/core";
import { elementsOf, type FindingGroup, groupFindings } from "./groups.ts";
import { table, WIDTH, wrap } from "./layout.ts";
import { roughly, valueText } from "./numbers.ts";
import type { Culprit, Finding, GradientReport, Kink, Verdict } from "./report.ts";
import { checkWords, counted, inputWords, placeOf, subjectOf, VERDICTS } from "./words.ts";

/** How a report is printed. */
export interface FormatOptions {
  /** Colours for terminals. Default false. */
  readonly color?: boolean;
  /** How many findings are printed, those that are alike counted as one. Default 6. */
  readonly maxFindings?: number;
}

/**
 * A report as text of lines of at most 100 columns (longer only where a path is): the verdict, what is not right, the
 * comparisons that were made, kinks that are near, and how to repeat it.
 * @throws StateError for what is no option
 */
export function formatReport(report: GradientReport, options: FormatOptions = {}): string {
  checkOptions("formatReport", options, ["color", "maxFindings"]);
  const { color = false, maxFindings = 6 } = options;
  if (!(Number.isInteger(maxFindings) && maxFindings >= 0)) {
    throw new StateError(`maxFindings is a whole number of at least 0, not ${String(maxFindings)}`, {
      operation: "formatReport",
      remedy: "Pass one such as 6",
    });
  }
  const paint = color ? inColor : plain;
  const parts = [
    heading(report, paint),
    ...findingsOf(report, maxFindings, paint),
    checksOf(report, paint),
    kinksOf(report.kinks, paint),
    repeatedBy(report),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** How many characters of the list of inputs are shown. */
const MOST_INPUTS = 2 * WIDTH;

type Style = Verdict | "strong" | "faint";
type Paint = (text: string, style: Style) => string;

const CODES: Readonly<Record<Style, string>> = {
  right: "32",
  wrong: "1;31",
  kink: "33",
  inconclusive: "33",
  strong: "1",
  faint: "2",
};

const plain: Paint = (text) => text;
const inColor: Paint = (text, style) => `\u001b[${CODES[style]}m${text}\u001b[0m`;

function heading(report: GradientReport, paint: Paint): string[] {
  const { name, verdict, inputs } = report;
  const word = `${capitalized(VERDICTS[verdict])}:`;
  const listed = inputs.map(inputWords).join(", ");
  const by = listed.length > MOST_INPUTS ? `${listed.slice(0, MOST_INPUTS)} ...` : listed;
  const subject = `${subjectOf(report)} of ${name}${by === "" ? "" : ` by ${by}`}`;
  const [first, ...rest] = wrap(subject, `${word} `, "  ");
  return [paint(word, verdict) + first.slice(word.length), ...rest];
}

function findingsOf({ findings }: GradientReport, most: number, paint: Paint): string[][] {
  const groups = groupFindings(findings);
  const shown = groups.slice(0, most).map((group, at) => groupLines(group, at + 1, paint));
  const left = groups.slice(most);
  if (left.length === 0) return shown;
  const count = left.reduce((sum, { others }) => sum + 1 + others.length, 0);
  const places = [...new Set(left.map(({ shown: one }) => one.input ?? checkWords(one)))];
  return [...shown, wrap(`And ${counted(count, "finding")} more, about ${places.join(", ")}.`)];
}

function groupLines({ shown, others }: FindingGroup, number: number, paint: Paint): string[] {
  const { input, element, output, outputElement, verdict } = shown;
  const label = `${number}. `;
  const indent = " ".repeat(label.length);
  const place = placeOf(input, element);
  const target = placeOf(output, outputElement);
  const what = [place, target].filter((one) => one !== null).join(" -> ");
  const title = what === "" ? checkWords(shown) : `${what}, ${checkWords(shown)}`;
  const [first, ...rest] = wrap(`${VERDICTS[verdict]}: ${title}`, label, indent);
  return [
    paint(first, "strong"),
    ...rest,
    ...wrap(sentence(shown.message), indent),
    ...valueLines(shown, indent),
    ...(shown.culprit === null ? [] : culpritLines(shown.culprit, indent)),
    ...(others.length === 0 ? [] : wrap(foldedWords({ shown, others }), indent, `${indent}  `)),
  ];
}

/** What stands below a finding's sentence: labels, and texts in a column. */
const LABEL = 17;
const labelled = (label: string, indent: string) => indent + `  ${label}`.padEnd(LABEL);

/** The two values below each other, so that the digits in which they differ stand below each other too. */
function valueLines({ analytic, numeric, error, relativeError }: Finding, indent: string): string[] {
  const bounded = error !== Number.POSITIVE_INFINITY;
  const relative =
    relativeError === null || !bounded
      ? []
      : [`${labelled("relative error", indent)}${roughly(relativeError)}`];
  if (analytic === null && numeric === null) return relative;
  const [left, right] = alignPoints(valueText(analytic, bounded ? error : null), valueText(numeric, error));
  const known = error === null || !bounded ? "" : ` +- ${roughly(error)}`;
  return [
    `${labelled("analytic", indent)}${left}`,
    `${labelled("numeric", indent)}${right}${known}`,
    ...relative,
  ];
}

function alignPoints(...texts: readonly [string, string]): string[] {
  const before = texts.map((text) => text.match(/^-?\d+/)?.[0].length ?? 0);
  if (before.includes(0)) return [...texts];
  const most = Math.max(...before);
  return texts.map((text, at) => " ".repeat(most - before[at]) + text);
}

function culpritLines({ operation, line, call, operand, detail }: Culprit, indent: string): string[] {
  const by = operand === null ? "" : `, derivative by operand ${operand}`;
  const below = labelled("", indent);
  return [
    ...wrap(`${call === "" ? operation : call}${by}`, labelled("at fault", indent), below),
    ...(line === null ? [] : [`${labelled("made at", indent)}${line}`]),
    ...(detail === "" ? [] : wrap(sentence(detail), below)),
  ];
}

/** `and 11 more elements of inputs[0]: [0, 1], [0, 2], [1, 0] ...` */
function foldedWords({ shown, others }: FindingGroup): string {
  const [own, ...listed] = elementsOf([shown, ...others]).map((index) => `[${index.join(", ")}]`);
  const of = shown.input === null ? "" : ` of ${shown.input}`;
  if (own === undefined || listed.length === 0)
    return `and ${counted(others.length, "more comparison")}${of}`;
  const few = listed.slice(0, 4).join(", ") + (listed.length > 4 ? " ..." : "");
  return `and ${counted(listed.length, "more element")}${of}: ${few}`;
}

const CHECK_COLUMNS = [
  { title: "check" },
  { title: "verdict" },
  { title: "compared", right: true },
  { title: "worst/allowed", right: true },
];

function checksOf({ checks }: GradientReport, paint: Paint): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map((one) => [
    checkWords(one),
    VERDICTS[one.verdict],
    String(one.compared),
    roughly(one.worst),
  ]);
  const [titles, ...lines] = table(CHECK_COLUMNS, rows);
  const width = Math.max(titles.length, ...lines.map(({ length }) => length)) + 2;
  return [
    paint(titles, "faint"),
    ...lines.flatMap((line, at) => {
      const { note, verdict } = checks[at];
      const fits = note !== null && width + note.length <= WIDTH;
      const row = colored(fits ? line.padEnd(width) + note : line, verdict, paint);
      return note === null || fits ? [row] : [row, ...wrap(note, "    ")];
    }),
  ];
}

const colored = (line: string, verdict: Verdict, paint: Paint): string =>
  line.replace(` ${VERDICTS[verdict]} `, ` ${paint(VERDICTS[verdict], verdict)} `);

/** How many kinks are listed. */
const KINKS = 5;

function kinksOf(kinks: readonly Kink[], paint: Paint): string[] {
  if (kinks.length === 0) return [];
  const rows = kinks
    .slice(0, KINKS)
    .map(({ operation, distance, line }) => [operation, roughly(distance), line ?? ""]);
  const columns = [
    { title: "kink near the inputs" },
    { title: "distance", right: true },
    { title: "made at" },
  ];
  const [titles, ...lines] = table(columns, rows);
  const more = kinks.length - KINKS;
  return [paint(titles, "faint"), ...lines, ...(more > 0 ? [`and ${more} more, further away`] : [])];
}

function repeatedBy({ seed, moved, checks }: GradientReport): string[] {
  const order = checks.some((one) => one.order === 2) ? "order: 2, " : "";
  const kinks = moved ? 'kinks: "move", ' : "";
  const said = moved ? "The inputs were moved off kinks. " : "";
  return wrap(`${said}Seed ${seed}: the options { ${order}${kinks}seed: ${seed} } repeat this.`);
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);
