import { EngineError } from "@cotangent/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { WasmNamespace } from "../src/machine/host.ts";
import { testKernels, testMachine, writeList } from "./support/kernels.ts";

describe("the machine on one thread", () => {
  it("runs a list of kernels in order, from one call", () => {
    const machine = testMachine({});
    const { addTo, prefix } = Object.fromEntries(machine.add(testKernels(machine.memoryLimits)));
    const [a, b] = [machine.heap.allocate(400), machine.heap.allocate(400)];
    machine.heap.views.i32.fill(0, a / 4, a / 4 + 100);
    const list = writeList(machine, [
      { kernel: addTo, units: 100, args: [a, 0, 0, 3] },
      { kernel: prefix, units: 99, args: [b, a, 100] },
      { kernel: addTo, units: 0, args: [b, 0, 0, 1000] },
      { kernel: addTo, units: 50, args: [b, 0, 0, 1], barrier: false },
    ]);
    machine.heap.views.i32[b / 4 + 99] = -5;
    machine.run(list, false);
    const result = Array.from(machine.heap.views.i32.subarray(b / 4, b / 4 + 100));
    expect(result).toEqual([...Array(50).fill(7), ...Array(49).fill(6), -5]);
  });

  it("uses slots of the table again", () => {
    const machine = testMachine();
    const first = machine.add(testKernels(machine.memoryLimits));
    const size = machine.stats().functions;
    machine.remove(first.values());
    expect(machine.stats().functions).toBe(size - first.size);
    const second = machine.add(testKernels(machine.memoryLimits));
    expect(new Set(second.values())).toEqual(new Set(first.values()));
    for (let i = 0; i < 100; i++) machine.add(testKernels(machine.memoryLimits));
    expect(machine.stats().functions).toBe(size + 100 * first.size);
    expect(machine.stats().modules).toBe(102);
  });

  it("gives kernels a scratch of the size that was asked for", () => {
    const machine = testMachine();
    machine.ensureScratch(1000);
    const { used } = machine.heap.stats();
    machine.ensureScratch(500);
    expect(machine.heap.stats().used).toBe(used);
    machine.ensureScratch(5000);
    expect(machine.heap.stats().used).toBeGreaterThan(used);
  });

  it("turns a trap into an error and goes on", () => {
    const machine = testMachine();
    const { addTo, trap } = Object.fromEntries(machine.add(testKernels(machine.memoryLimits)));
    const a = machine.heap.allocate(4);
    machine.heap.views.i32[a / 4] = 0;
    const bad = writeList(machine, [{ kernel: trap, units: 10, args: [0, 0, 0, 5] }]);
    expect(() => machine.run(bad, false)).toThrow(EngineError);
    expect(() => machine.run(bad, false)).toThrow(/^run: a kernel failed: .*unreachable/);
    machine.run(writeList(machine, [{ kernel: addTo, units: 1, args: [a, 0, 0, 2] }]), false);
    expect(machine.heap.views.i32[a / 4]).toBe(2);
  });

  it("refuses broken modules and goes on", () => {
    const machine = testMachine();
    const { functions } = machine.stats();
    expect(() => machine.add(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 99]))).toThrow(EngineError);
    const otherMemory = testKernels({ ...machine.memoryLimits, shared: !machine.memoryLimits.shared });
    expect(() => machine.add(otherMemory)).toThrow(/^compile: the host refused a module of \d+ bytes/);
    expect(machine.stats().functions).toBe(functions);
    machine.add(testKernels(machine.memoryLimits));
  });
});

describe("what the host can do", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** The host's WebAssembly with some of it replaced. */
  const stub = (changes: object): void => {
    const { WebAssembly: whole } = globalThis as unknown as { WebAssembly: object };
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(whole));
    vi.stubGlobal("WebAssembly", Object.assign(copy, changes));
  };

  it("is looked at: no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(() => testMachine()).toThrow(EngineError);
    expect(() => testMachine()).toThrow(/this host has no WebAssembly\. setEngine\(referenceEngine\)/);
  });

  it("is looked at: no SIMD", () => {
    stub({ validate: () => false });
    expect(() => testMachine()).toThrow(
      /has no SIMD instructions\. Use a newer host .* setEngine\(referenceEngine\)/,
    );
  });

  it("is looked at: a policy that forbids to compile", () => {
    const refuse = class {
      constructor() {
        throw new SyntaxError("Refused to compile");
      }
    };
    stub({ Module: refuse });
    expect(() => testMachine()).toThrow(
      /forbids to compile WebAssembly.*Add 'wasm-unsafe-eval' to script-src/,
    );
  });

  it("is looked at: no shared memory", () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const machine = testMachine({ threads: 4 });
    expect(machine.threads).toBe(1);
    expect(machine.memoryLimits.shared).toBe(false);
    expect(machine.features.sharedMemory).toBe(false);
    machine.run(writeList(machine, []), true);
  });

  it("is looked at: no relaxed SIMD", () => {
    expect(testMachine().features.relaxedSimd).toBe(true);
    const { WebAssembly: whole } = globalThis as unknown as { WebAssembly: WasmNamespace };
    let calls = 0;
    stub({ validate: (bytes: Uint8Array) => ++calls === 1 && whole.validate(bytes) });
    expect(testMachine().features.relaxedSimd).toBe(false);
  });

  it("is looked at: fewer than 4 GiB of addresses", () => {
    const { Memory } = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
    const small = new Proxy(Memory, {
      construct(memory, [limits]: [{ initial: number; maximum: number; shared: boolean }]) {
        if (limits.maximum > 1024) throw new RangeError("could not allocate memory");
        return new memory(limits);
      },
    });
    stub({ Memory: small });
    const machine = testMachine({ threads: 1 });
    expect(machine.memoryLimits.maximumPages).toBe(1024);
    expect(() => machine.heap.allocate(2 ** 27)).toThrow(/of at most 64\.0 MiB are in use/);
  });
});
