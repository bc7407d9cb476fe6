/**
 * The page under test, which runs in a browser: it makes a machine, as its address says, uses it, and leaves what it found
 * in `globalThis.report`. Another entry file with such a report can take its place.
 */
import type { Machine } from "../../src/machine/index.ts";
import { addNothing, testKernels, testMachine, writeList } from "../support/kernels.ts";

export interface Report {
  readonly shared: boolean;
  readonly isolated: boolean;
  readonly relaxedSimd: boolean;
  /** Workers that took part, and threads that are left at the end. */
  readonly helpers: number;
  readonly threads: number;
  readonly losses: readonly string[];
  readonly results: readonly number[];
  /** Message of a trap in the first unit, which the first thread does. */
  readonly trap: string;
  /** Microseconds for one run of 15 kernels. */
  readonly microseconds: number;
}

/** What is thrown instead. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

/** The parts of a browser's window in use. */
interface Page {
  readonly location: { readonly search: string };
  readonly crossOriginIsolated: boolean;
  readonly document?: object;
  report?: Promise<Report | Failure>;
  postMessage(message: unknown): void;
}

const page = globalThis as unknown as Page;
const options = new URLSearchParams(page.location.search);

page.report = look().catch((error: Error) => ({
  name: error.name,
  message: error.message,
}));

// In a worker: to the page that has started it.
if (page.document === undefined) page.report.then((report) => page.postMessage(report));

async function look(): Promise<Report> {
  const threads = Number(options.get("threads") ?? 2);
  const machine = testMachine({ threads, workerUrl: options.get("worker") ?? undefined });
  const kernels = Object.fromEntries(machine.add(testKernels(machine.memoryLimits)));
  const helpers = await waitForHelpers(machine, threads - 1);

  const count = 100;
  const [a, b] = [machine.heap.allocate(4 * count), machine.heap.allocate(4 * count)];
  machine.heap.views.i32.fill(0, a / 4, a / 4 + count);
  const list = writeList(machine, [
    { kernel: kernels.addTo, units: count, args: [a, 0, 0, 1] },
    { kernel: kernels.prefix, units: count, args: [b, a, count] },
    { kernel: kernels.prefix, units: count, args: [a, b, count] },
  ]);
  machine.heap.allocate(2 ** 22);
  machine.run(list, true);
  const results = [...new Set(machine.heap.views.i32.slice(a / 4, a / 4 + count))];

  let trap = "";
  try {
    const args = [0, 0, 0, 0];
    machine.run(writeList(machine, [{ kernel: kernels.trap, units: threads, args }]), true);
  } catch (error) {
    trap = (error as Error).message;
  }
  const microseconds = time(machine);
  const { losses } = machine.stats().crew;
  return {
    shared: machine.memoryLimits.shared,
    isolated: page.crossOriginIsolated,
    relaxedSimd: machine.features.relaxedSimd,
    helpers,
    threads: machine.threads,
    losses,
    results,
    trap,
    microseconds,
  };
}

/** Runs lists until all workers take part, or none can. */
async function waitForHelpers(machine: Machine, wanted: number): Promise<number> {
  const list = writeList(machine, []);
  const deadline = performance.now() + 10_000;
  for (;;) {
    machine.run(list, true);
    const { helpers, losses } = machine.stats().crew;
    if (helpers === wanted || losses.length === wanted || machine.threads === 1) return helpers;
    if (performance.now() > deadline) return helpers;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function time(machine: Machine): number {
  const kernel = addNothing(machine);
  const list = writeList(
    machine,
    Array.from({ length: 15 }, () => ({ kernel, units: 64, barrier: false })),
  );
  const runs = Number(options.get("runs") ?? 10);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    const start = performance.now();
    for (let i = 0; i < runs; i++) machine.run(list, true);
    best = Math.min(best, performance.now() - start);
  }
  return (best / runs) * 1000;
}
