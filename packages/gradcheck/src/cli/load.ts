import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CotangentError } from "@cotangent/core";
import { UsageError } from "./usage.ts";

const TYPESCRIPT = /\.[cm]?ts$/;
const SUPPORTED = /\.[cm]?[jt]s$/;

/** Whether Node itself must strip types to run these files. */
export const needStripping = (files: readonly string[]): boolean =>
  files.some((file) => TYPESCRIPT.test(file));

/** Whether this process strips types: by itself from Node 22.18 on, by a flag before. */
export const stripsTypes = (): boolean => Boolean(process.features.typescript);

/** The flag that Node 22.12 to 22.17 need. */
export const STRIP_TYPES = "--experimental-strip-types";

/** What a file exports. @throws UsageError where it cannot be read or run; syntax errors say where */
export async function loadFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`there is no file ${file}`, {
      file,
      remedy: "Pass paths of .ts, .js or .mjs files",
    });
  }
  if (!SUPPORTED.test(path)) {
    throw new UsageError(`${file} is no JavaScript or TypeScript`, {
      file,
      remedy: "Pass paths of .ts, .js or .mjs files",
    });
  }
  try {
    return await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new UsageError(`${file} cannot be loaded:\n${reasonOf(cause, path)}\n`, {
      file,
      cause,
      remedy: remedyFor(cause),
    });
  }
}

/** What went wrong, with the line: of syntax errors Node tells it only when it checks the file by itself. */
function reasonOf(cause: unknown, path: string): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof SyntaxError) return checkedByNode(path) ?? `${cause.name}: ${cause.message}`;
  if (cause instanceof CotangentError)
    return `${cause.name}: ${cause.message}\n${placeIn(cause, path)}`.trim();
  return `${cause.name}: ${cause.message}\n${placeIn(cause, path)}`.trim();
}

/** The first line of the stack that is in the file. */
function placeIn({ stack = "" }: Error, path: string): string {
  return stack.split("\n").find((line) => /^\s*at /.test(line) && line.includes(path)) ?? "";
}

/** What `node --check` prints of a file: the place, the line, and the error; nothing where that finds none. */
function checkedByNode(path: string): string | undefined {
  const args = [...process.execArgv, "--no-warnings", "--check", path];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status === 0) return undefined;
  const lines = stderr.split("\n");
  const end = lines.findIndex((line) => /^\s+at |^Node\.js v/.test(line));
  return lines
    .slice(0, end === -1 ? undefined : end)
    .join("\n")
    .trim();
}

function remedyFor(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === "ERR_MODULE_NOT_FOUND") return "Install what it imports, or correct the path";
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return "Node only strips types: write it without enums, namespaces and parameter properties, or compile it first";
  }
  return "Correct the file: it must run by itself";
}
