import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BrowserKind, Driver } from "./drivers/driver.ts";
import type { Failure, Report } from "./page.ts";
import type { PageOptions, PageServer } from "./server.ts";
import { FORBIDDEN, installedBrowsers, NO_BLOB_WORKERS, NO_WEBASSEMBLY, serveBundles } from "./support.ts";

/** A page that runs a script in a worker, as pages do that must not stand still while a model is trained. */
const IN_WORKER = `
  const script = new URLSearchParams(location.search).get("inside");
  globalThis.report = new Promise((resolve) => {
    const worker = new Worker("/" + script + location.search, { type: "module" });
    worker.onmessage = (event) => resolve(event.data);
    worker.onerror = (event) => resolve({ name: "Error", message: event.message });
  });
`;

let server: PageServer;
beforeAll(async () => {
  server = await serveBundles("page.ts", { "in-worker.js": IN_WORKER });
});
afterAll(() => server?.close());

it.each(["esbuild.js", "vite.js"])("%s needs nothing of Node", async (script) => {
  const page = server.url({ script, isolated: true });
  const response = await fetch(new URL(script, page));
  expect(await response.text()).not.toMatch(/["']node:/);
});

const cases = installedBrowsers();
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
    const report = await visit({ script, isolated: true, policy: NO_WEBASSEMBLY });
    expect(report.name).toBe("EngineError");
    expect(report.message).toMatch(FORBIDDEN);
  });

  it("runs on one thread where the content policy forbids workers from blobs", async () => {
    const report = await visit({ script, isolated: true, policy: NO_BLOB_WORKERS });
    expect(report).toMatchObject({ shared: true, helpers: 0, threads: 1, results: [4] });
    expect(report.losses).not.toEqual([]);
  });

  it("runs on several threads there with workerUrl", async () => {
    const query = { worker: "/worker.js" };
    const report = await visit({ script, isolated: true, policy: NO_BLOB_WORKERS, query });
    expect(report).toMatchObject({ shared: true, helpers: 1, threads: 2, results: [4] });
  });

  it("runs on one thread where the worker's program is not there", async () => {
    const report = await visit({ script, isolated: true, query: { worker: "/missing.js" } });
    expect(report).toMatchObject({ helpers: 0, threads: 1, results: [4] });
  });
});
