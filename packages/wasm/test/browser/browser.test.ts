import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workerSource } from "../../src/machine/workerSource.ts";
import { bundleWithEsbuild, bundleWithVite } from "./bundle.ts";
import { findChromium, launch } from "./chromium.ts";
import type { Failure, Report } from "./page.ts";
import { type PageOptions, type PageServer, servePages } from "./server.ts";

const chromium = findChromium();
if (chromium === undefined) {
  console.warn(
    "No Chromium is installed (apt-get install chromium, or COTANGENT_CHROMIUM): browser tests are skipped.",
  );
}

const page = fileURLToPath(new URL("page.ts", import.meta.url));
let folder: string;
let server: PageServer;
let browser: Browser;

beforeAll(async () => {
  if (chromium === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "cotangent-browser-"));
  const bundles = [await bundleWithEsbuild(page, folder), await bundleWithVite(page, folder)];
  const [esbuild, vite] = bundles.map((path) => readFileSync(path, "utf8"));
  server = await servePages({ "esbuild.js": esbuild, "vite.js": vite, "worker.js": workerSource });
  browser = await launch(chromium);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** What the page reports, and what it writes to the console. */
async function visit(options: PageOptions): Promise<Partial<Report & Failure> & { console: string[] }> {
  const tab = await browser.newPage();
  const console: string[] = [];
  tab.on("console", (message) => console.push(message.text()));
  tab.on("pageerror", (error) => console.push(String(error)));
  await tab.goto(server.url(options));
  const report = await tab.evaluate(() => (globalThis as unknown as { report: Promise<Report> }).report);
  await tab.close();
  return { ...report, console };
}

describe.skipIf(chromium === undefined).each(["esbuild.js", "vite.js"])("in Chromium, %s", (script) => {
  it("runs on several threads where memory can be shared", async () => {
    const report = await visit({ script, isolated: true });
    expect(report).toMatchObject({ shared: true, isolated: true, helpers: 2, threads: 3, results: [4] });
    expect(report.trap).toMatch(/^run: a kernel failed on thread 1: .*unreachable/);
    expect(report.losses).toEqual([]);
    expect(report.console).toEqual([]);
    expect(report.relaxedSimd).toBe(true);
  });

  it("runs on one thread where the page is not isolated", async () => {
    const report = await visit({ script, isolated: false });
    expect(report).toMatchObject({ shared: false, isolated: false, helpers: 0, threads: 1, results: [4] });
    expect(report.trap).toMatch(/^run: a kernel failed: .*unreachable/);
    expect(report.console).toEqual([]);
  });

  it("says what to do where the content policy forbids WebAssembly", async () => {
    const report = await visit({ script, isolated: true, policy: "script-src 'self'" });
    expect(report.name).toBe("EngineError");
    expect(report.message).toMatch(
      /forbids to compile WebAssembly.*Add 'wasm-unsafe-eval' to script-src.*setEngine\(referenceEngine\)/,
    );
  });

  it("runs on one thread where the content policy forbids workers from blobs", async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const report = await visit({ script, isolated: true, policy });
    expect(report).toMatchObject({ shared: true, helpers: 0, threads: 1, results: [4] });
    expect(report.losses).not.toEqual([]);
  });

  it("runs on several threads there with workerUrl", async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const report = await visit({ script, isolated: true, policy, query: { worker: "/worker.js" } });
    expect(report).toMatchObject({ shared: true, helpers: 2, threads: 3, results: [4] });
  });

  it("runs on one thread where the worker's program is not there", async () => {
    const report = await visit({ script, isolated: true, query: { worker: "/missing.js" } });
    expect(report).toMatchObject({ helpers: 0, threads: 1, results: [4] });
  });
});
