import { writeFileSync } from "node:fs";
import { CotangentError, VERSION } from "@cotangent/core";
import { reportHtml } from "../report/html.ts";
import type { GradientReport, Verdict } from "../report/report.ts";
import { formatReport } from "../report/text.ts";
import { adviceFor, counted, VERDICTS } from "../report/words.ts";
import { type Arguments, readArguments } from "./arguments.ts";
import { loadFile } from "./load.ts";
import { Progress, type Terminal } from "./progress.ts";
import { type Checkers, contentsOf, type Subject } from "./subjects.ts";
import { HELP, UsageError } from "./usage.ts";

/** What the command prints to. */
export interface Streams {
  readonly out: Terminal;
  readonly err: Terminal;
  /** Whether colours are welcome: not where NO_COLOR is set. */
  readonly color: boolean;
}

/** What exit codes mean. */
export const EXIT = { right: 0, wrong: 1, usage: 2, undecided: 3 } as const;

/** Runs the command with its arguments; gives the exit code. */
export async function run(args: readonly string[], checkers: Checkers, streams: Streams): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked.help) streams.out.write(HELP);
    else if (asked.version) streams.out.write(`${VERSION}\n`);
    else return await checkFiles(asked, checkers, streams);
    return EXIT.right;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    streams.err.write(`cotangent-gradcheck: ${error.message}\n`);
    return EXIT.usage;
  }
}

/** One check: its report, or what was thrown instead. */
interface Result {
  readonly name: string;
  readonly report: GradientReport | undefined;
  readonly error: unknown;
}

async function checkFiles(asked: Arguments, checkers: Checkers, streams: Streams): Promise<number> {
  const subjects = await subjectsOf(asked, streams);
  const text = asked.json === "-" ? { write: () => {} } : streams.out;
  const paint = asked.color && streams.color && streams.out.isTTY === true;
  const progress = new Progress(streams.err, subjects.length);
  const results: Result[] = [];
  for (const subject of subjects) {
    progress.show(results.length, subject.name);
    const result = await resultOf(subject, checkers, asked);
    results.push(result);
    progress.clear();
    text.write(`${textOf(result, paint)}\n\n`);
  }
  text.write(`${summaryOf(results)}\n`);
  writeReports(asked, results, streams);
  return exitCode(results);
}

/** All that the files hold, under names that tell them apart; what cannot be checked is said. */
async function subjectsOf({ files, only }: Arguments, { err }: Streams): Promise<Subject[]> {
  const subjects: Subject[] = [];
  const names = new Set<string>();
  for (const file of files) {
    const contents = contentsOf(await loadFile(file));
    for (const note of only.length === 0 ? contents.notes : []) err.write(`${file}: ${note}\n`);
    for (const subject of contents.subjects) {
      names.add(subject.name);
      if (only.length > 0 && !only.includes(subject.name)) continue;
      subjects.push(files.length === 1 ? subject : { ...subject, name: `${file}: ${subject.name}` });
    }
  }
  const missing = only.find((name) => !names.has(name));
  if (missing !== undefined) {
    throw new UsageError(`there is no ${missing} that can be checked`, {
      remedy: names.size === 0 ? "Export functions and examples" : `There is ${[...names].join(", ")}`,
    });
  }
  if (subjects.length > 0) return subjects;
  throw new UsageError("there is nothing to check", {
    remedy: "Export functions or Modules, and examples = { name: () => inputs } for them",
  });
}

async function resultOf(subject: Subject, checkers: Checkers, { checks }: Arguments): Promise<Result> {
  const { name } = subject;
  try {
    return { name, report: await subject.check(checkers, { ...checks, name }), error: undefined };
  } catch (error) {
    return { name, report: undefined, error };
  }
}

const saidBy = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

function textOf({ name, report, error }: Result, color: boolean): string {
  if (report === undefined) {
    const place = error instanceof CotangentError ? "" : `\n${stackOf(error)}`;
    return `Not checked: ${name}\n  ${saidBy(error)}${place}`;
  }
  const text = formatReport(report, { color });
  return report.ok ? text : `${text}\n${adviceFor(report)}`;
}

const stackOf = (error: unknown): string =>
  error instanceof Error
    ? (error.stack ?? "")
        .split("\n")
        .filter((line) => /^\s+at /.test(line))
        .slice(0, 3)
        .join("\n")
    : "";

const ORDER: readonly Verdict[] = ["wrong", "inconclusive", "kink", "right"];

/** `3 checked: 1 WRONG, 2 right` */
function summaryOf(results: readonly Result[]): string {
  const said = ORDER.flatMap((verdict) => {
    const count = results.filter(({ report }) => report?.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${VERDICTS[verdict]}`];
  });
  const failed = results.filter(({ report }) => report === undefined).length;
  if (failed > 0) said.push(`${failed} not checked, since they throw`);
  return `${counted(results.length, "check")}: ${said.join(", ")}`;
}

function writeReports({ html, json }: Arguments, results: readonly Result[], { out }: Streams): void {
  const reports = results.flatMap(({ report }) => (report === undefined ? [] : [report]));
  const failed = results.filter(({ report }) => report === undefined);
  const notes = failed.map(({ name, error }) => `Not checked: ${name}. ${saidBy(error)}`);
  if (html !== undefined) write(html, reportHtml(reports, { notes }));
  if (json === undefined) return;
  const text = `${JSON.stringify(reports, numbersAsText, 2)}\n`;
  if (json === "-") out.write(text);
  else write(json, text);
}

/** JSON has no NaN and no infinities: they are written as strings. */
const numbersAsText = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new UsageError(
      `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        file,
        cause,
        remedy: "Pass a file in a folder that is there",
      },
    );
  }
}

/** The worst first: wrong, then what could not be checked, then what cannot be decided. */
function exitCode(results: readonly Result[]): number {
  if (results.some(({ report }) => report?.verdict === "wrong")) return EXIT.wrong;
  if (results.some(({ report }) => report === undefined)) return EXIT.usage;
  return results.every(({ report }) => report?.ok) ? EXIT.right : EXIT.undecided;
}
