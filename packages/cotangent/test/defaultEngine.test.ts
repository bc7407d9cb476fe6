import { afterEach, expect, test, vi } from "vitest";

const STATE = Symbol.for("cotangent/core@1");
const ofThisProcess = Reflect.get(globalThis, STATE);

/** As in a process that has loaded nothing yet: core, and the function that loads the package. */
async function afresh() {
  vi.resetModules();
  Reflect.deleteProperty(globalThis, STATE);
  const core = await import("@cotangent/core");
  return { core, load: () => import("../src/index.ts") };
}

afterEach(() => {
  Object.defineProperty(globalThis, STATE, { value: ofThisProcess, configurable: true });
});

test("importing cotangent makes the WebAssembly engine the one that computes", async () => {
  const { core, load } = await afresh();
  expect(core.getEngine()).toBe(core.referenceEngine);
  const { wasmEngine } = await load();
  expect(core.getEngine()).toBe(wasmEngine);
});

test("importing it takes no memory and starts nothing until something is computed", async () => {
  const { load } = await afresh();
  const { tensor, wasmEngine } = await load();
  const sum = tensor([1, 2]).sum();
  expect(wasmEngine.stats()).toMatchObject({ reservedBytes: 0, threads: 0 });
  expect(sum.item()).toBe(3);
  expect(wasmEngine.stats().runs).toBe(1);
});

test("an engine that was chosen before stays, be it only the reference engine", async () => {
  const { core, load } = await afresh();
  core.setEngine(core.referenceEngine);
  await load();
  expect(core.getEngine()).toBe(core.referenceEngine);
});

test("an engine that is chosen afterwards takes its place", async () => {
  const { core, load } = await afresh();
  const { referenceEngine, setEngine } = await load();
  setEngine(referenceEngine);
  expect(core.getEngine()).toBe(core.referenceEngine);
});
