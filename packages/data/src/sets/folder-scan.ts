import { FormatError } from "@cotangent/core";
import { fileError } from "../files.ts";
import type { NodeFiles } from "../node.ts";

/** Files by class. */
export interface ScannedFolder {
  readonly classNames: readonly string[];
  /** Paths, class by class, sorted within each. */
  readonly paths: readonly string[];
  readonly labels: Int32Array;
}

/** What to make of a folder. */
export interface ScanOptions {
  /** Folders to use, in the order of their labels; all of them, sorted, unless given. */
  readonly classNames?: readonly string[];
  /** What to do about files that are no PNG or JPEG files by their extension. */
  readonly strayFiles: "error" | "ignore";
}

const OPERATION = "imageFolder";
const IMAGES = /\.(png|jpe?g)$/i;
/** Pictures that would be missed silently if they were passed over. */
const OTHER_IMAGES = /\.(gif|bmp|webp|tiff?|heic|heif|avif|jp2|jxl|svg|ppm|pgm|tga|ico)$/i;
/** What operating systems leave behind. */
const LITTER = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

/** Lists the classes of `dir` and their files. `FormatError` for empty folders, classes without images, and stray files. */
export async function scanFolder(
  dir: string,
  options: ScanOptions,
  files: NodeFiles,
): Promise<ScannedFolder> {
  const entries = await list(dir, files);
  if (options.strayFiles === "error") {
    const loose = entries.find(
      ({ name, kind }) => kind === "file" && (IMAGES.test(name) || OTHER_IMAGES.test(name)),
    );
    if (loose !== undefined)
      throw stray(
        files.path.join(dir, loose.name),
        "lies outside every class folder",
        "Move it into the folder of its class",
      );
  }
  const found = entries.filter(({ kind }) => kind === "folder").map(({ name }) => name);
  const classNames = chooseClasses(dir, found, options.classNames);
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classNames.entries()) {
    const own = await imagesBelow(files.path.join(dir, name), options, files, new Set());
    if (own.length === 0) {
      throw refuse(
        files.path.join(dir, name),
        `the class folder ${files.path.join(dir, name)} has no images`,
        "Put PNG or JPEG files into it, or remove it",
      );
    }
    for (const path of own) {
      paths.push(path);
      labels.push(label);
    }
  }
  return { classNames, paths, labels: Int32Array.from(labels) };
}

function chooseClasses(
  dir: string,
  found: readonly string[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  if (wanted === undefined) {
    if (found.length > 0) return [...found];
    throw refuse(dir, `${dir} has no class folders`, "Make a folder for each class and put its images there");
  }
  const missing = wanted.find((name) => !found.includes(name));
  if (missing !== undefined || wanted.length === 0) {
    throw refuse(
      dir,
      `${dir} has no class folder ${JSON.stringify(missing)}`,
      `There are: ${found.join(", ") || "none"}`,
    );
  }
  return [...wanted];
}

/** Images in a folder and the folders below it; every folder once, so that links in a circle end. */
async function imagesBelow(
  dir: string,
  options: ScanOptions,
  files: NodeFiles,
  seen: Set<string>,
): Promise<string[]> {
  const real = await files.fs.realpath(dir);
  if (seen.has(real)) return [];
  seen.add(real);
  const images: string[] = [];
  for (const { name, kind } of await list(dir, files)) {
    const path = files.path.join(dir, name);
    if (kind === "folder") images.push(...(await imagesBelow(path, options, files, seen)));
    else if (kind === "file" && IMAGES.test(name)) images.push(path);
    else if (options.strayFiles === "error") {
      throw stray(
        path,
        OTHER_IMAGES.test(name) ? "is an image of another format" : "is no image",
        "Convert it to PNG or JPEG, or remove it",
      );
    }
  }
  return images;
}

interface Entry {
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
}

/** What is in a folder, without hidden files, sorted by code units: the same order on every machine. */
async function list(dir: string, { fs, path }: NodeFiles): Promise<Entry[]> {
  try {
    const entries = await fs.readdir(dir, { withFileTypes: true });
    const named = entries.filter(({ name }) => !LITTER.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    return await Promise.all(
      named.map(async (entry) => {
        const target = entry.isSymbolicLink() ? await fs.stat(path.join(dir, entry.name)) : entry;
        return {
          name: entry.name,
          kind: target.isDirectory() ? "folder" : target.isFile() ? "file" : "other",
        } as const;
      }),
    );
  } catch (cause) {
    throw fileError(cause, dir, { operation: OPERATION, what: "cannot be listed" });
  }
}

function stray(path: string, what: string, remedy: string): FormatError {
  return refuse(path, `${path} ${what}`, `${remedy}, or pass { strayFiles: "ignore" }`);
}

function refuse(file: string, message: string, remedy: string): FormatError {
  return new FormatError(`${OPERATION}: ${message}`, { operation: OPERATION, file, remedy: `${remedy}.` });
}
