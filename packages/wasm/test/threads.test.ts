import { EngineError } from "@cotangent/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Machine } from "../src/machine/index.ts";
import { Command } from "../src/machine/layout.ts";
import { ModuleLog } from "../src/machine/moduleLog.ts";
import { type Step, testKernels, testMachine, writeList } from "./support/kernels.ts";

type Kernels = Record<"addTo" | "prefix" | "trap" | "hang" | "slow", number>;
interface Setup {
  readonly machine: Machine;
  readonly kernels: Kernels;
}

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.dispose();
});

function setUp(options: Parameters<typeof testMachine>[0] = {}): Setup {
  const machine = testMachine({ threads: 2, ...options });
  machines.push(machine);
  return { machine, kernels: kernelsOf(machine) };
}

const kernelsOf = (machine: Machine): Kernels =>
  Object.fromEntries(machine.add(testKernels(machine.memoryLimits))) as Kernels;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs lists until all workers have joined. */
async function ready({ machine, kernels }: Setup, helpers = machine.threads - 1): Promise<void> {
  const list = writeList(machine, [{ kernel: kernels.trap, units: 4, args: [0, 0, 0, -1] }]);
  for (let i = 0; i < 1000; i++) {
    machine.run(list, true);
    if (machine.stats().crew.helpers === helpers) return;
    await sleep(10);
  }
  throw new Error("the workers did not become ready");
}

/** Changes the option `timeLimit` of a machine with threads: tests wait for failures, but not for slow neighbours. */
function limitTime(machine: Machine, ms: number): void {
  machine.heap.views.f64[Command.limit / 8] = ms;
}

function array(machine: Machine, values: readonly number[]): number {
  const address = machine.heap.allocate(4 * values.length);
  machine.heap.views.i32.set(values, address / 4);
  return address;
}

const read = (machine: Machine, address: number, count: number): number[] =>
  Array.from(machine.heap.views.i32.subarray(address / 4, address / 4 + count));

/** A list whose every step needs what other threads made in the step before, and its result. */
function smoothing(
  { machine, kernels }: Setup,
  count: number,
  steps: number,
  claimOf: (step: number) => number = () => 0,
) {
  const values = Array.from({ length: count }, (_, i) => (i * 7919) % 1000);
  const [a, b] = [array(machine, values), array(machine, values)];
  const list: Step[] = [];
  let expected = values;
  for (let i = 0; i < steps; i++) {
    const args = i % 2 === 0 ? [b, a, count] : [a, b, count];
    list.push({ kernel: kernels.prefix, units: count, args, claim: claimOf(i) });
    const before = expected;
    expected = before.map((value, k) => (value + before[(k + 1) % count]) | 0);
  }
  return { list: writeList(machine, list), result: steps % 2 === 0 ? a : b, expected };
}

describe("the machine on several threads", () => {
  it.each([1, 2, 3, 4])("computes lists with barriers right, with %i threads", async (threads) => {
    const setup = setUp({ threads });
    expect(setup.machine.memoryLimits.shared).toBe(threads > 1);
    await ready(setup);
    for (const count of [1, 2, 3, 5, 64, 1001]) {
      const { list, result, expected } = smoothing(setup, count, 40);
      setup.machine.run(list, true);
      expect(read(setup.machine, result, count)).toEqual(expected);
    }
    expect(setup.machine.stats().crew.helpers).toBe(threads - 1);
  });

  it.each([2, 3, 4])("shares out units as threads become free, with %i threads", async (threads) => {
    const setup = setUp({ threads });
    await ready(setup);
    for (const count of [1, 2, 5, 64, 1001]) {
      for (const claimOf of [() => 1, () => 3, () => 5000, (step: number) => step % 3]) {
        const { list, result, expected } = smoothing(setup, count, 40, claimOf);
        setup.machine.run(list, true);
        expect(read(setup.machine, result, count)).toEqual(expected);
      }
    }
  });

  it("does each unit once, however often lists with claims at their ends are run", async () => {
    const setup = setUp({ threads: 2 });
    await ready(setup);
    const { machine, kernels } = setup;
    const a = array(machine, Array(97).fill(0));
    const step = { kernel: kernels.addTo, units: 97, args: [a, 0, 0, 1] };
    const list = writeList(machine, [
      { ...step, claim: 2 },
      { ...step, serial: true },
      { ...step, claim: 7, barrier: false },
    ]);
    for (let i = 0; i < 20_000; i++) machine.run(list, true);
    expect(read(machine, a, 97)).toEqual(Array(97).fill(60_000));
  });

  it("fails when a claimed unit traps, and does all units afterwards", async () => {
    const setup = setUp();
    await ready(setup);
    const { machine, kernels } = setup;
    for (let unit = 0; unit < 6; unit++) {
      const trapped = { kernel: kernels.trap, units: 6, args: [0, 0, 0, unit], claim: 1 };
      expect(() => machine.run(writeList(machine, [trapped, trapped]), true)).toThrow(EngineError);
      const { list, result, expected } = smoothing(setup, 64, 9, () => 4);
      machine.run(list, true);
      expect(read(machine, result, 64)).toEqual(expected);
    }
  });

  it("starts no thread before a run asks for them, and does not wait for them", async () => {
    const setup = setUp();
    const { machine } = setup;
    const { list, result, expected } = smoothing(setup, 100, 1);
    machine.run(list, false);
    expect(machine.stats().crew.workers).toBe(0);
    machine.run(list, true);
    expect(machine.stats().crew).toMatchObject({ workers: 1, helpers: 0, parallelRuns: 0 });
    expect(read(machine, result, 100)).toEqual(expected);
    await ready(setup);
    const { parallelRuns } = machine.stats().crew;
    machine.run(list, true);
    expect(machine.stats().crew.parallelRuns).toBe(parallelRuns + 1);
  });

  it("runs 100,000 lists in a row", async () => {
    const setup = setUp();
    await ready(setup);
    const a = array(setup.machine, [0, 0, 0, 0, 0, 0, 0]);
    const step = { kernel: setup.kernels.addTo, units: 7, args: [a, 0, 0, 1] };
    const list = writeList(setup.machine, [step, step]);
    for (let i = 0; i < 100_000; i++) setup.machine.run(list, true);
    expect(read(setup.machine, a, 7)).toEqual(Array(7).fill(200_000));
  });

  it("wakes threads that have gone to sleep", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    const { list, result, expected } = smoothing(setup, 50, 1);
    for (let i = 0; i < 20; i++) {
      await sleep(i % 3);
      setup.machine.heap.views.i32.fill(0, result / 4, result / 4 + 50);
      setup.machine.run(list, true);
      expect(read(setup.machine, result, 50)).toEqual(expected);
    }
  });

  it("brings modules to threads that spin and to threads that sleep", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    for (let i = 0; i < 30; i++) {
      if (i % 3 === 0) await sleep(2);
      const kernels = kernelsOf(setup.machine);
      const { list, result, expected } = smoothing({ ...setup, kernels }, 30, 2);
      setup.machine.run(list, true);
      expect(read(setup.machine, result, 30)).toEqual(expected);
      if (i % 2 === 0) setup.machine.remove(Object.values(kernels));
    }
    await ready(setup);
    expect(setup.machine.stats().crew.helpers).toBe(2);
  });

  it("starts no threads before there was enough work for them", () => {
    const { machine, kernels } = setUp({ startAfter: 20 });
    const list = writeList(machine, [{ kernel: kernels.slow, units: 2, args: [0, 0, 0, 1 << 22] }]);
    expect(machine.run(list, true)).toBe(false);
    expect(machine.stats().crew.workers).toBe(0);
    for (let i = 0; i < 1000 && machine.stats().crew.workers === 0; i++) machine.run(list, true);
    expect(machine.stats().crew.workers).toBe(1);
  });

  it("waits for threads that compile, if it is told to", async () => {
    const setup = setUp();
    await ready(setup);
    // For a moment only: on a busy machine it takes several attempts.
    let together = false;
    for (let i = 0; i < 200 && !together; i++) {
      const { list, result, expected } = smoothing({ ...setup, kernels: kernelsOf(setup.machine) }, 30, 2);
      together = setup.machine.run(list, true, 1000);
      expect(read(setup.machine, result, 30)).toEqual(expected);
    }
    expect(together).toBe(true);
  });

  it("gives back the memory of modules that every thread knows", async () => {
    const setup = setUp();
    await ready(setup);
    kernelsOf(setup.machine);
    await ready(setup);
    const list = writeList(setup.machine, []);
    const { blocks } = setup.machine.heap.stats();
    for (let i = 0; i < 20; i++) {
      kernelsOf(setup.machine);
      while (setup.machine.stats().crew.helpers < 1 || setup.machine.heap.stats().blocks > blocks) {
        await sleep(1);
        setup.machine.run(list, true);
      }
    }
    expect(setup.machine.heap.stats().blocks).toBe(blocks);
  });

  it("lets threads see memory that has grown meanwhile, and gives each its own scratch", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    const { machine } = setup;
    const before = machine.heap.stats().reserved;
    machine.ensureScratch(3 * 2 ** 20);
    expect(machine.heap.stats().used).toBeGreaterThan(9 * 2 ** 20);
    expect(machine.heap.stats().reserved).toBeGreaterThan(before);
    const { list, result, expected } = smoothing(setup, 2 ** 18, 2);
    machine.run(list, true);
    expect(machine.heap.views.i32.subarray(result / 4, result / 4 + 2 ** 18)).toEqual(
      Int32Array.from(expected),
    );
  });

  it("leaves serial instructions to the main thread", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    const { machine, kernels } = setup;
    const a = array(machine, Array(10).fill(0));
    const serial = { units: 10, serial: true, barrier: false };
    const step = { ...serial, kernel: kernels.addTo, args: [a, 0, 0, 1] };
    machine.run(writeList(machine, [step, step, { ...step, barrier: true }]), true);
    expect(read(machine, a, 10)).toEqual(Array(10).fill(3));
    const trap = { ...serial, kernel: kernels.trap, args: [0, 0, 0, 0] };
    expect(() => machine.run(writeList(machine, [trap]), true)).toThrow(/^run: a kernel failed: /);
  });

  it("shares units beyond 2^32 / threads without overflow", async () => {
    const setup = setUp({ threads: 4 });
    await ready(setup);
    const { machine, kernels } = setup;
    for (const units of [2 ** 31 - 1, 2 ** 32 - 1]) {
      // Traps in the last unit, which is in some share exactly if the shares are right.
      const list = writeList(machine, [{ kernel: kernels.trap, units, args: [0, 0, 0, (units - 1) | 0] }]);
      if (units < 2 ** 31) expect(() => machine.run(list, true)).toThrow(EngineError);
      else machine.run(writeList(machine, [{ kernel: kernels.trap, units, args: [0, 0, 0, -1] }]), true);
    }
  });
});

describe("failures on several threads", () => {
  const expectWorks = async (setup: Setup): Promise<void> => {
    const { list, result, expected } = smoothing(setup, 101, 7);
    setup.machine.run(list, true);
    expect(read(setup.machine, result, 101)).toEqual(expected);
  };

  // The main thread does the last units.
  it.each([
    ["the main thread", 99, /^run: a kernel failed: .*unreachable/],
    ["a worker", 0, /^run: a kernel failed on thread 1: .*unreachable/],
    ["a worker's last unit", 49, /on thread \d: .*unreachable/],
  ])("turns a trap on %s into an error and goes on", async (_, unit, message) => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    const { machine, kernels } = setup;
    const a = array(machine, Array(100).fill(0));
    const list = writeList(machine, [
      { kernel: kernels.addTo, units: 100, args: [a, 0, 0, 1] },
      { kernel: kernels.trap, units: 100, args: [0, 0, 0, unit] },
      { kernel: kernels.addTo, units: 100, args: [a, 0, 0, 1] },
    ]);
    for (let i = 0; i < 3; i++) {
      expect(() => machine.run(list, true)).toThrow(message);
      await expectWorks(setup);
    }
    expect(machine.threads).toBe(3);
    expect(machine.stats().crew.helpers).toBe(2);
  });

  it("reports a trap in the last instruction, without a barrier behind it", async () => {
    const setup = setUp();
    await ready(setup);
    const list = writeList(setup.machine, [
      { kernel: setup.kernels.trap, units: 2, args: [0, 0, 0, 0], barrier: false },
    ]);
    expect(() => setup.machine.run(list, true)).toThrow(/on thread 1/);
    await expectWorks(setup);
  });

  it("gives up a thread that does not answer, and goes on without it", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    limitTime(setup.machine, 200);
    const { machine, kernels } = setup;
    const list = writeList(machine, [{ kernel: kernels.hang, units: 3, args: [0, 0, 0, 0] }]);
    const start = performance.now();
    expect(() => machine.run(list, true)).toThrow(
      /^run: thread 1 was given up: it did not answer for 0\.2 s\. Run it again: the engine goes on with 2 threads\.$/,
    );
    expect(performance.now() - start).toBeLessThan(10_000);
    limitTime(machine, 30_000);
    expect(machine.threads).toBe(2);
    await expectWorks(setup);
    await ready(setup, 1);
    await expectWorks(setup);
    expect(machine.stats().crew.losses).toHaveLength(1);
  });

  it("waits longer for a thread whose share is as slow as the main thread's", async () => {
    const setup = setUp();
    await ready(setup);
    limitTime(setup.machine, 1);
    const { machine, kernels } = setup;
    const count = 2 ** 27;
    const list = writeList(machine, [{ kernel: kernels.slow, units: 2, args: [0, 0, 0, count] }]);
    const start = performance.now();
    machine.run(list, true);
    expect(performance.now() - start).toBeGreaterThan(40);
    expect(machine.threads).toBe(2);
  });

  it("throws once when a worker was killed between runs, then goes on alone", async () => {
    const setup = setUp();
    await ready(setup);
    await terminateWorkers(setup.machine);
    await sleep(200);
    expect(() => setup.machine.run(writeList(setup.machine, []), true)).toThrow(
      /^run: thread 1 was lost: it ended with code 1\. Run it again: the engine goes on with one thread\.$/,
    );
    await expectWorks(setup);
    expect(setup.machine.threads).toBe(1);
  });

  it("throws when a worker was killed and nobody has heard of it yet", async () => {
    const setup = setUp({ timeLimit: 300 });
    await ready(setup);
    const killed = terminateWorkers(setup.machine);
    // The main thread has not been back in its event loop. The killed thread may still answer some runs.
    const list = writeList(setup.machine, [{ kernel: setup.kernels.prefix, units: 0 }]);
    expect(() => {
      for (let i = 0; i < 1_000_000; i++) setup.machine.run(list, true);
    }).toThrow(EngineError);
    await killed;
    await expectWorks(setup);
    expect(setup.machine.threads).toBe(1);
  });

  it("throws when a worker cannot compile a module, then goes on without it", async () => {
    const setup = setUp();
    await ready(setup);
    const append = ModuleLog.prototype.append;
    vi.spyOn(ModuleLog.prototype, "append").mockImplementationOnce(function (
      this: ModuleLog,
      removed,
      added,
    ) {
      append.call(this, removed, added, new Uint8Array([1, 2, 3]));
    });
    const kernels = kernelsOf(setup.machine);
    const list = writeList(setup.machine, []);
    const runUntilItThrows = async () => {
      for (let i = 0; i < 500; i++) {
        setup.machine.run(list, true);
        await sleep(5);
      }
    };
    await expect(runUntilItThrows()).rejects.toThrow(
      /thread 1 was lost: it could not compile a module: .*WebAssembly/,
    );
    await expectWorks({ ...setup, kernels });
    expect(setup.machine.stats().crew.losses).toHaveLength(1);
  });

  it("refuses broken modules without telling the workers", async () => {
    const setup = setUp();
    await ready(setup);
    expect(() => setup.machine.add(new Uint8Array([1, 2, 3]))).toThrow(EngineError);
    await expectWorks(setup);
    expect(setup.machine.stats().crew.helpers).toBe(1);
  });

  it("runs on one thread where workers cannot be started", async () => {
    const setup = setUp({ workerUrl: "/nowhere/worker.js" });
    const { list, result, expected } = smoothing(setup, 10, 2);
    setup.machine.run(list, true);
    await sleep(300);
    setup.machine.run(list, true);
    expect(read(setup.machine, result, 10).length).toBe(expected.length);
    expect(setup.machine.threads).toBe(1);
    expect(setup.machine.stats().crew.losses).toHaveLength(1);
  });

  it("goes on with one thread after dispose", async () => {
    const setup = setUp({ threads: 3 });
    await ready(setup);
    setup.machine.dispose();
    await expectWorks(setup);
    expect(setup.machine.stats().crew.helpers).toBe(0);
  });

  it("refuses a number of threads that makes no sense", () => {
    expect(() => setUp({ threads: 0 })).toThrow(/threads is 0\. Give a whole number from 1 to 64/);
  });
});

/** As the host or a user of `worker_threads` might. */
function terminateWorkers(machine: Machine): Promise<unknown> {
  const { crew } = machine as unknown as {
    crew: { members: readonly { worker: { terminate(): Promise<number> } }[] };
  };
  return Promise.all(crew.members.map(({ worker }) => worker.terminate()));
}
