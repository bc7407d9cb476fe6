import { FormatError, StateError, type Tensor } from "@cotangent/core";
import {
  type DecodeOptions,
  decodeIdx,
  decodeImage,
  type EncodePngOptions,
  encodePng,
  type IdxOptions,
} from "./images.ts";
import { type NodeFiles, nodeFiles } from "./node.ts";

/**
 * Loads a PNG or JPEG file as a tensor [height, width, channels]: float32, 0..255, upright. All of `decodeImage`'s options. Needs
 * a file system (Node, Deno, Bun).
 *
 * `FormatError` with the path for files that are missing, damaged, cut short or of another format.
 */
export async function loadImage(path: string, options: DecodeOptions = {}): Promise<Tensor> {
  const bytes = await readFile(path, "loadImage");
  return decodeImage(bytes, { name: path, operation: "loadImage", ...options });
}

/** Loads an IDX file, plain or .gz, as a tensor of the file's shape. All of `decodeIdx`'s options. */
export async function loadIdx(path: string, options: IdxOptions = {}): Promise<Tensor> {
  return decodeIdx(await readFile(path, "loadIdx"), { name: path, operation: "loadIdx", ...options });
}

/** Writes an image [height, width, channels] as a PNG file. All of `encodePng`'s options. */
export async function savePng(path: string, image: Tensor, options: EncodePngOptions = {}): Promise<void> {
  const operation = "savePng";
  const { fs } = nodeFiles(operation);
  const bytes = encodePng(image, options);
  try {
    await fs.writeFile(checkPath(path, operation), bytes);
  } catch (cause) {
    throw fileError(cause, path, { operation, what: "cannot be written" });
  }
}

/** The bytes of a file; `FormatError` with its path when it cannot be read. */
export async function readFile(path: string, operation: string): Promise<Uint8Array> {
  const { fs }: NodeFiles = nodeFiles(operation);
  try {
    return await fs.readFile(checkPath(path, operation));
  } catch (cause) {
    throw fileError(cause, path, { operation, what: "cannot be read" });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not a folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
};

/** A file system's error as a `FormatError` that names the file; errors of this library pass. */
export function fileError(
  cause: unknown,
  path: string,
  { operation, what }: { operation: string; what: string },
): Error {
  if (cause instanceof StateError) return cause;
  const code = (cause as { code?: unknown } | null)?.code;
  const reason = REASONS[String(code)] ?? (cause instanceof Error ? cause.message : String(cause));
  return new FormatError(`${operation}: ${path} ${what}: ${reason}`, {
    operation,
    file: path,
    cause,
    remedy: "Look whether the path is right: relative ones start where the program was started",
  });
}

function checkPath(path: string, operation: string): string {
  if (typeof path === "string" && path !== "") return path;
  throw new StateError(`${operation}: the path must be a string that is not empty`, {
    operation,
    remedy: "For bytes in memory use decodeImage(bytes) or decodeIdx(bytes).",
  });
}
