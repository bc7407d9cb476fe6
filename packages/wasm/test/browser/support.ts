import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workerSource } from "../../src/machine/workerSource.ts";
import { bundleWithEsbuild, bundleWithVite } from "./bundle.ts";
import { chromium } from "./drivers/chromium.ts";
import { firefox } from "./drivers/firefox.ts";
import { webkit } from "./drivers/webkit.ts";
import { type PageServer, servePages } from "./server.ts";

const browsers = [chromium, firefox, webkit];

/** The browsers that are installed, each with a script of the served ones; says which are not tested. */
export function installedBrowsers() {
  for (const { name, packages, isInstalled } of browsers) {
    if (!isInstalled())
      console.warn(`${name} is not installed (apt-get install ${packages}): it is not tested.`);
  }
  return (
    browsers
      .filter((kind) => kind.isInstalled())
      // What the bundlers make differs, but not from browser to browser.
      .flatMap((kind) => {
        const scripts = kind === chromium ? ["esbuild.js", "vite.js"] : ["esbuild.js"];
        return scripts.map((script) => ({ name: kind.name, kind, script }));
      })
  );
}

/** Serves a page of this folder as esbuild.js and vite.js, beside worker.js and `others`. */
export async function serveBundles(
  page: string,
  others: Readonly<Record<string, string>> = {},
): Promise<PageServer> {
  const folder = mkdtempSync(join(tmpdir(), "cotangent-browser-"));
  try {
    const entry = fileURLToPath(new URL(page, import.meta.url));
    const bundles = [await bundleWithEsbuild(entry, folder), await bundleWithVite(entry, folder)];
    const [esbuild, vite] = bundles.map((path) => readFileSync(path, "utf8"));
    return await servePages({ "esbuild.js": esbuild, "vite.js": vite, "worker.js": workerSource, ...others });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A content policy that lets WebAssembly be compiled, but no workers be made of text. */
export const NO_BLOB_WORKERS = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

/** One that does not let it be compiled. */
export const NO_WEBASSEMBLY = "script-src 'self'";

/** What the engine says under that. */
export const FORBIDDEN =
  /forbids to compile WebAssembly.*Add 'wasm-unsafe-eval' to script-src.*setEngine\(referenceEngine\)/;
