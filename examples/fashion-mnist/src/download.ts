// Fetches the four files of Fashion-MNIST, and keeps them once they have proved to be the right ones.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Where the authors of the data set publish it. */
export const HOME_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";

/**
 * The files, and the SHA-256 of what they hold. That of the contents, not of the .gz: the same data are also in
 * circulation compressed with another header. (The .gz files with these contents have the MD5 checksums that the
 * authors publish.)
 */
export const FILES = {
  "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
  "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
  "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
  "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
} as const;

/** The largest file is 26 MB, and holds 47. */
const MAX_BYTES = 64 * 2 ** 20;

/** A file that could not be fetched, or is not what it should be. */
export class DownloadError extends Error {}

export interface DownloadOptions {
  readonly baseUrl: string;
  /** Where to keep the files; a folder for caches unless given. */
  readonly folder?: string | undefined;
  /** Told what is being fetched. */
  readonly say?: (text: string) => void;
  /** Give up when nothing has come for so long: 30,000 unless given. */
  readonly stallMilliseconds?: number;
  /** What the files must hold, by name: those of Fashion-MNIST unless given. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The folder where downloads are kept unless another is named. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const caches =
    env.XDG_CACHE_HOME || (process.platform === "win32" && env.LOCALAPPDATA) || join(homedir(), ".cache");
  return join(caches, "cotangent", "fashion-mnist");
}

/** Fetches what is not there yet, and gives the folder. @throws DownloadError naming the file, and what to do */
export async function download(options: DownloadOptions): Promise<string> {
  const { folder = cacheFolder(), files = FILES, say = () => {} } = options;
  await mkdir(folder, { recursive: true });
  for (const [name, checksum] of Object.entries(files)) {
    if (await isThere(join(folder, name), checksum)) continue;
    const address = new URL(name, options.baseUrl.endsWith("/") ? options.baseUrl : `${options.baseUrl}/`)
      .href;
    say(`Downloading ${address} ...`);
    const bytes = await fetchBytes(address, options.stallMilliseconds ?? 30_000);
    const problem = problemOf(bytes, checksum);
    if (problem !== undefined) {
      throw new DownloadError(`${address} ${problem}. Nothing was kept; try again, or another --base-url.`);
    }
    await keep(join(folder, name), bytes);
  }
  return folder;
}

async function isThere(path: string, checksum: string): Promise<boolean> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes !== undefined && problemOf(bytes, checksum) === undefined;
}

/** What is wrong with a downloaded file. */
function problemOf(bytes: Uint8Array, checksum: string): string | undefined {
  let contents: Uint8Array;
  try {
    contents = gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    const { code } = error as { code?: string };
    return code === "Z_BUF_ERROR" ? "is cut short" : "is no gzip file that could be unpacked";
  }
  const found = createHash("sha256").update(contents).digest("hex");
  return found === checksum ? undefined : `has the wrong checksum: SHA-256 ${found}, not ${checksum}`;
}

/** Writes under another name first, so that a file with the right name is a whole one. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.${process.pid}.part`;
  try {
    await writeFile(partial, bytes);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function fetchBytes(address: string, stallMilliseconds: number): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUp = (): void => abort.abort(new DownloadError(`nothing came for ${stallMilliseconds / 1000} s`));
  let timer = setTimeout(giveUp, stallMilliseconds);
  try {
    const response = await fetch(address, { signal: abort.signal });
    if (!response.ok || response.body === null) {
      throw new DownloadError(`the server answered ${response.status} ${response.statusText}`.trim());
    }
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, stallMilliseconds);
      length += part.length;
      if (length > MAX_BYTES) throw new DownloadError(`it is larger than ${MAX_BYTES / 2 ** 20} MB`);
      parts.push(part);
    }
    checkLength(response, length);
    return Buffer.concat(parts);
  } catch (error) {
    throw new DownloadError(
      `${address} could not be downloaded: ${reasonOf(error)}. ` +
        "Without a network leave --download out (10,000 images are embedded), or name a folder that has the files " +
        "with --data.",
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Where fetch does not count the bytes itself. */
function checkLength(response: Response, length: number): void {
  const announced = response.headers.get("content-length");
  if (announced === null || response.headers.has("content-encoding") || Number(announced) === length) return;
  throw new DownloadError(`it is cut short: ${length} bytes of ${announced}`);
}

/** The reason behind fetch's "fetch failed" and "terminated". */
function reasonOf(error: unknown): string {
  const { message, cause, code } = error as {
    message: string;
    cause?: { message?: string; code?: string };
    code?: string;
  };
  if (error instanceof DownloadError) return message;
  if (message === "terminated") return "the connection ended too early, so the file is cut short";
  return cause?.message || cause?.code || code || message;
}
