import { createWasmEngine, setEngine } from "cotangent";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectFeatures } from "../../src/machine/features.ts";
import type { BrowserKind, Driver } from "./drivers/driver.ts";
import type { PageOptions, PageServer } from "./server.ts";
import { FORBIDDEN, installedBrowsers, NO_BLOB_WORKERS, NO_WEBASSEMBLY, serveBundles } from "./support.ts";
import { type Training, train } from "./training.ts";
import type { TrainingReport } from "./trainingPage.ts";

let server: PageServer;
/** What the same engine computes here. */
let inNode: Training;

beforeAll(async () => {
  server = await serveBundles("trainingPage.ts");
  setEngine(createWasmEngine());
  inNode = await train();
});
afterAll(() => server?.close());

it("in Node learns", () => {
  expect(inNode.losses).toHaveLength(5);
  expect(inNode.losses[4]).toBeLessThan(0.5 * inNode.losses[0]);
  expect(inNode.accuracy).toBeGreaterThan(0.8);
});

describe.each(installedBrowsers())(
  "a network that is trained in $name, $script",
  ({ kind, script }: { kind: BrowserKind; script: string }) => {
    let driver: Driver;
    beforeAll(async () => {
      driver = await kind.launch();
    });
    afterAll(() => driver?.close());

    const visit = async (options: Omit<PageOptions, "script">): Promise<TrainingReport> => {
      const report = JSON.parse(await driver.open(server.url({ script, ...options })));
      expect(report).not.toHaveProperty("failure");
      return report;
    };

    /** To the last bit, where the browser has the instructions that Node has. */
    const expectSame = ({ losses, accuracy, probabilities, relaxedSimd }: TrainingReport): void => {
      if (relaxedSimd === detectFeatures().relaxedSimd)
        expect({ losses, accuracy, probabilities }).toEqual(inNode);
      else expectClose({ losses, accuracy, probabilities });
    };
    const expectClose = ({ losses, probabilities }: Training): void => {
      losses.forEach((loss, i) => {
        expect(loss).toBeCloseTo(inNode.losses[i], 3);
      });
      probabilities.forEach((probability, i) => {
        expect(probability).toBeCloseTo(inNode.probabilities[i], 3);
      });
    };

    it("has the weights of Node's on as many threads as there are processors, without being told", async () => {
      const report = await visit({ isolated: true });
      expect(report).toMatchObject({ engine: "wasm", isolated: true, refusal: null });
      expect(report.threads).toBe(Math.min(report.processors, 8));
      expectSame(report);
    });

    it("has the weights of Node's on three threads", async () => {
      const report = await visit({ isolated: true, query: { threads: "3" } });
      expect(report).toMatchObject({ engine: "wasm", threads: 3 });
      expect(report.parallelRuns).toBeGreaterThan(0);
      expectSame(report);
    });

    it("has the weights of Node's on one thread, where the page is not isolated", async () => {
      const report = await visit({ isolated: false });
      expect(report).toMatchObject({ engine: "wasm", isolated: false, threads: 1, parallelRuns: 0 });
      expectSame(report);
    });

    it("has the weights of Node's on one thread, where the content policy forbids workers from blobs", async () => {
      const report = await visit({ isolated: true, policy: NO_BLOB_WORKERS, query: { threads: "2" } });
      expect(report).toMatchObject({ engine: "wasm", threads: 1, parallelRuns: 0, refusal: null });
      expectSame(report);
    });

    it("has the weights of Node's on several threads there with workerUrl", async () => {
      const query = { threads: "2", worker: "/worker.js" };
      const report = await visit({ isolated: true, policy: NO_BLOB_WORKERS, query });
      expect(report).toMatchObject({ engine: "wasm", threads: 2 });
      expect(report.parallelRuns).toBeGreaterThan(0);
      expectSame(report);
    });

    it("is told what to do where the policy forbids WebAssembly, and learns on the reference engine", async () => {
      const report = await visit({ isolated: true, policy: NO_WEBASSEMBLY });
      expect(report.refusal?.name).toBe("EngineError");
      expect(report.refusal?.message).toMatch(FORBIDDEN);
      expect(report).toMatchObject({ engine: "reference", threads: 0 });
      expectClose(report);
    });
  },
);
