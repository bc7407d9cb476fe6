import { parseArgs } from "node:util";
import { CotangentError } from "@cotangent/core";
import { type CheckOptions, settingsOf } from "../check/options.ts";
import type { Mode, Property } from "../report/report.ts";
import { UsageError } from "./usage.ts";

/** What the command was asked to do. */
export interface Arguments {
  readonly files: readonly string[];
  /** Names of exports; all where there are none. */
  readonly only: readonly string[];
  readonly checks: CheckOptions;
  readonly html: string | undefined;
  /** `-` is standard output. */
  readonly json: string | undefined;
  readonly color: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

const OPTIONS = {
  order: { type: "string" },
  modes: { type: "string" },
  also: { type: "string" },
  move: { type: "boolean" },
  only: { type: "string", multiple: true },
  seed: { type: "string" },
  html: { type: "string" },
  json: { type: "string" },
  color: { type: "boolean", default: true },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Reads the arguments. @throws UsageError for unknown options, bad values, or no file */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parsed(args);
  const help = values.help === true;
  const version = values.version === true;
  if (positionals.length === 0 && !help && !version) throw usage("no file is given");
  const checks: CheckOptions = {
    ...(values.order === undefined ? {} : { order: wholeNumber("order", values.order) as 1 | 2 }),
    ...(values.modes === undefined ? {} : { modes: listOf(values.modes) as Mode[] }),
    ...(values.also === undefined ? {} : { also: listOf(values.also) as Property[] }),
    ...(values.move === true ? { kinks: "move" as const } : {}),
    ...(values.seed === undefined ? {} : { seed: wholeNumber("seed", values.seed) }),
  };
  refuseBadChecks(checks);
  return {
    files: positionals,
    only: values.only ?? [],
    checks,
    html: values.html,
    json: values.json,
    color: values.color,
    help,
    version,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, allowNegative: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw usage(`--${name} is a whole number, not ${text}`);
}

const listOf = (text: string): string[] => text.split(",").map((one) => one.trim());

/** Values that `checkGradients` would refuse are refused before any file is read. */
function refuseBadChecks(checks: CheckOptions): void {
  try {
    settingsOf("cotangent-gradcheck", checks);
  } catch (error) {
    if (!(error instanceof CotangentError)) throw error;
    throw usage(error.message.replace(/^cotangent-gradcheck: /, ""));
  }
}

const usage = (message: string): UsageError =>
  new UsageError(message, { remedy: "cotangent-gradcheck --help lists the options" });
