import {
  EngineError,
  evaluate,
  full,
  referenceEngine,
  StateError,
  setEngine,
  type Tensor,
  variable,
} from "@cotangent/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createWasmEngine, type WasmEngineOptions, wasmEngine } from "../src/index.ts";
import { host } from "../src/machine/host.ts";

const PAGE = 65536;
/** Large enough to stay in the engine's memory, and for several threads. */
const SIZE = 400_000;

afterEach(() => setEngine(wasmEngine));

describe("the options of createWasmEngine", () => {
  test("limit its memory", () => {
    const engine = createWasmEngine({ maximumPages: 1024 });
    setEngine(engine);
    expect(full([4], 1).add(1).sum().item()).toBe(8);
    expect(engine.stats().limitBytes).toBe(1024 * PAGE);
    const tooLarge = full([5000, 5000], 1).add(1);
    expect(() => evaluate(tooLarge)).toThrow(/did not fit.*of at most 64\.0 MiB/);
  });

  test("limit its threads, without a difference in the results", () => {
    const sums = [1, 3].map((threads) => {
      const engine = createWasmEngine({ threads, timeLimit: 10_000 });
      setEngine(engine);
      const sum = full([SIZE], 0.1).exp().sum().item();
      expect(engine.stats().threads).toBe(threads);
      return sum;
    });
    expect(sums[1]).toBe(sums[0]);
  });

  test("are forgotten by nobody who changes them later", () => {
    const options = { threads: 1 };
    const engine = createWasmEngine(options);
    options.threads = 2;
    setEngine(engine);
    evaluate(full([4], 1).add(2));
    expect(engine.stats().threads).toBe(1);
  });

  test.each([
    [{ threads: 0 }, /createWasmEngine: threads is 0\. Give a whole number from 1 to 64/],
    [{ threads: 1.5 }, /threads is 1\.5/],
    [{ maximumPages: 1 }, /maximumPages is 1\. Give a whole number from 256 to 65536/],
    [{ timeLimit: -1 }, /timeLimit is -1/],
    [{ workerURL: "/worker.js" }, /unknown option workerURL\. Did you mean workerUrl\?/],
    [{ cores: 2 }, /unknown option cores\. Options are threads, maximumPages, timeLimit, workerUrl/],
    [2, /options are an object, not number 2/],
  ])("%j are refused at once", (options, message) => {
    const make = () => createWasmEngine(options as WasmEngineOptions);
    expect(make).toThrow(StateError);
    expect(make).toThrow(message);
  });
});

describe("values that one engine has computed", () => {
  test.each([
    ["another WebAssembly engine", createWasmEngine()],
    ["the reference engine", referenceEngine],
  ])("are good for %s", (_, other) => {
    const x: Tensor = full([SIZE], 2).add(1);
    const w = variable(full([SIZE], 1));
    w.assign(w.mul(5));
    evaluate(x, w);
    setEngine(other);
    // Something of its own where the first engine's values lie.
    evaluate(full([SIZE], 7).add(0.5));
    expect(x.mul(w).sum().item()).toBe(15 * SIZE);
    w.assign(w.add(x));
    expect(w.sum().item()).toBe(8 * SIZE);
    setEngine(wasmEngine);
    w.assign(w.add(x));
    expect(w.sum().item()).toBe(11 * SIZE);
  });
});

describe("a host that does not let WebAssembly be compiled", () => {
  /** Parts of the host's WebAssembly replaced; the rest is its own. */
  const replace = (parts: object): void => {
    const own = Object.getOwnPropertyDescriptors(host().WebAssembly);
    vi.stubGlobal("WebAssembly", Object.assign(Object.create(null, own), parts));
  };
  const forbidden = class {
    constructor() {
      throw new StateError("Wasm code generation disallowed by embedder");
    }
  };
  afterEach(() => vi.unstubAllGlobals());

  test.each([
    ["without WebAssembly", () => vi.stubGlobal("WebAssembly", undefined), /has no WebAssembly/],
    ["without SIMD", () => replace({ validate: () => false }), /no SIMD instructions\. Use a newer host/],
    ["with a content policy", () => replace({ Module: forbidden }), /Add 'wasm-unsafe-eval' to script-src/],
  ])("%s is told of by the first evaluation, and the reference engine helps", (_, prepare, message) => {
    prepare();
    setEngine(createWasmEngine());
    const w = variable([1, 2]);
    const y = w.mul(3).sum();
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => y.item()).toThrow(EngineError);
      expect(() => y.item()).toThrow(message);
      expect(() => y.item()).toThrow(/setEngine\(referenceEngine\)/);
    }
    setEngine(referenceEngine);
    expect(y.item()).toBe(9);
    w.assign(w.mul(2));
    expect(w.arraySync()).toEqual([2, 4]);
  });

  test("can be used when it lets it be compiled after all", () => {
    replace({ Module: forbidden });
    setEngine(createWasmEngine());
    const y = full([4], 1).add(1);
    expect(() => y.dataSync()).toThrow(EngineError);
    vi.unstubAllGlobals();
    expect(y.dataSync()).toEqual(new Float32Array([2, 2, 2, 2]));
  });
});
