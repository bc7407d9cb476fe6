import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workerSource } from "../../src/machine/workerSource.ts";
import { bundleWithEsbuild, bundleWithVite } from "./bundle.ts";
import { chromium } from "./drivers/chromium.ts";
import type { BrowserKind, Driver } from "./drivers/driver.ts";
import { firefox } from "./drivers/firefox.ts";
import { webkit } from "./drivers/webkit.ts";
import type { Failure, Report } from "./page.ts";
import { type PageOptions, type PageServer, servePages } from "./server.ts";

const page = fileURLToPath(new URL("page.ts", import.meta.url));

/** A page that runs a script in a worker, as pages do that must not stand still while a model is trained. */
const IN_WORKER = `
  const script = new URLSearchParams(location.search).get("inside");
  globalThis.report = new Promise((resolve) => {
    const worker = new Worker("/" + script + location.search, { type: "module" });
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => resolve({ name: "Error", message: event.message });
  });
`;

let folder: string;
let server: PageServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cotangent-browser-"));
  const bundles = [await bundleWithEsbuild(page, folder), await bundleWithVite(page, folder)];
  const [esbuild, vite] = bundles.map((path) => readFileSync(path, "utf8"));
  server = await servePages({
    "esbuild.js": esbuild,
    "vite.js": vite,
    "worker.js": workerSource,
    "in-worker.js": IN_WORKER,
  });
});

afterAll(async () => {
  await server?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const browsers = [chromium, firefox, webkit];
for (const { name, packages, isInstalled } of browsers) {
  if (!isInstalled())
    console.warn(`${name} is not installed (apt-get install ${packages}): it is not tested.`);
}
const cases = browsers
  .filter((kind) => kind.isInstalled())
  // What the bundlers make differs, but not from browser to browser.
  .flatMap((kind) => {
    const scripts = kind === chromium ? ["esbuild.js", "vite.js"] : ["esbuild.js"];
    return scripts.map((script) => ({ name: kind.name, kind, script }));
  });

describe.each(cases)("in $name, $script", ({ kind, script }: { kind: BrowserKind; script: string }) => {
  let driver: Driver;
  beforeAll(async () => {
    driver = await kind.launch();
  });
  afterAll(() => driver?.close());

  const visit = async (options: PageOptions): Promise<Partial<Report & Failure>> =>
    JSON.parse(await driver.open(server.url(options)));

  it("runs on several threads where memory can be shared", async () => {
    const report = await visit({ script, isolated: true, query: { threads: "3" } });
    expect(report).toMatchObject({ shared: true, isolated: true, helpers: 2, threads: 3, results: [4] });
    expect(report.trap).toMatch(/^run: a kernel failed on thread 1: .*unreachable/i);
    expect(report.losses).toEqual([]);
  });

  it("runs on several threads in a worker, which starts workers of its own", async () => {
    const report = await visit({ script: "in-worker.js", isolated: true, query: { inside: script } });
    expect(report).toMatchObject({ shared: true, helpers: 1, threads: 2, results: [4], losses: [] });
  });

  it("runs on one thread where the page is not isolated", async () => {
    const report = await visit({ script, isolated: false });
    expect(report).toMatchObject({ shared: false, isolated: false, helpers: 0, threads: 1, results: [4] });
    expect(report.trap).toMatch(/^run: a kernel failed: .*unreachable/i);
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
    expect(report).toMatchObject({ shared: true, helpers: 1, threads: 2, results: [4] });
  });

  it("runs on one thread where the worker's program is not there", async () => {
    const report = await visit({ script, isolated: true, query: { worker: "/missing.js" } });
    expect(report).toMatchObject({ helpers: 0, threads: 1, results: [4] });
  });
});
