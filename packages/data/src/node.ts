import type * as FsPromises from "node:fs/promises";
import type * as Path from "node:path";
import { StateError } from "@cotangent/core";

/** The parts of Node's library that file reading uses. */
export interface NodeFiles {
  readonly fs: typeof FsPromises;
  readonly path: typeof Path;
}

interface BuiltinLoader {
  readonly process?: { readonly getBuiltinModule?: (name: string) => unknown };
}

/**
 * Node's file modules, fetched when they are used: bundlers see no import of them, and a browser gets a `StateError` that says what
 * to do instead. (`process.getBuiltinModule` is in Node from 20.16 and 22.3, in Deno and in Bun.)
 */
export function nodeFiles(operation: string): NodeFiles {
  const { process } = globalThis as BuiltinLoader;
  const fs = process?.getBuiltinModule?.("node:fs/promises");
  const path = process?.getBuiltinModule?.("node:path");
  if (fs === undefined || path === undefined) {
    throw new StateError(`${operation}: there is no file system here`, {
      operation,
      remedy: "In a browser fetch the bytes and pass them to decodeImage(bytes) or decodeIdx(bytes).",
    });
  }
  return { fs, path } as NodeFiles;
}
