import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
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
    throw new UsageError(`${file} cannot be loaded:\n${reasonOf(cause, path)}`, {
      file,
      cause,
      remedy: remedyFor(cause),
    });
  }
}

/** What went wrong, and where: the header of the stack, and the line of the file that is in it. */
function reasonOf(cause: unknown, path: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const { name, message, stack = "" } = cause;
  const place = stack.split("\n").find((line) => /^\s*at /.test(line) && line.includes(path));
  if (place !== undefined) return `${name}: ${message}\n${place}`;
  if (!(cause instanceof SyntaxError)) return `${name}: ${message}`;
  const header = beforeFrames(stack);
  return header.startsWith(name) ? (saidByNode(path) ?? header) : header;
}

/**
 * What Node prints of a file that it cannot parse, or whose imports it cannot: the place, the line, and the error. The
 * error that `import` gives does not tell the place. Nothing runs, since parsing comes first.
 */
function saidByNode(path: string): string | undefined {
  const args = [...process.execArgv, "--no-warnings", path];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? undefined : beforeFrames(stderr);
}

/** The text before the frames of a stack. */
const beforeFrames = (stack: string): string => stack.split(/\n\s+at |\nNode\.js v/)[0].trim();

function remedyFor(cause: unknown): string {
  const { code, message = "" } = (cause ?? {}) as { readonly code?: unknown; readonly message?: string };
  if (code === "ERR_MODULE_NOT_FOUND") return "Install what it imports, or correct the path";
  if (code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX" || message.includes("strip-only")) {
    return "Node only strips types: write it without enums, namespaces and parameter properties, or compile it first";
  }
  return "Correct the file: it must run by itself";
}
