import { createInterface } from "node:readline";
import type { ComputedWork } from "../lines/line.ts";
import type { Hello, Prepared, Ran, Reply, Request } from "../runner/protocol.ts";
import { median } from "../runner/statistics.ts";
import { Unsupported, type Workload, type Workloads } from "./workload.ts";

/** How many times at the end of the warm-up say how long an iteration takes. */
const WINDOW = 15;

export interface Peer {
  readonly version: string;
  /** What a reader of the report should know. */
  readonly note?: string;
  readonly workloads: Workloads;
}

/** Serves the protocol on stdin and stdout until stdin ends. */
export async function serve(peer: Peer): Promise<void> {
  // stdout belongs to the protocol; what a library prints goes elsewhere.
  console.log = console.error;
  console.info = console.error;
  const { version, note, workloads } = peer;
  const kinds = Object.keys(workloads) as ComputedWork["kind"][];
  say({ version, note, kinds });
  let workload: Workload | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      if (request.do === "prepare") {
        workload = await make(workloads, request.work);
        say(await prepare(workload, request.checks, request.warmUpMs));
      } else {
        if (workload === undefined) throw new Error("nothing is prepared");
        say(await run(workload, request.skip, request.iterations));
      }
    } catch (error) {
      if (error instanceof Unsupported) say({ unsupported: error.message });
      else say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  // Libraries may keep threads or timers that would hold the process.
  process.exit(0);
}

function say(message: Hello | Reply): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function make(workloads: Workloads, work: ComputedWork): Workload | Promise<Workload> {
  const build = workloads[work.kind] as ((work: ComputedWork) => Workload | Promise<Workload>) | undefined;
  if (build === undefined) throw new Unsupported(work.kind);
  return build(work);
}

async function prepare(workload: Workload, checks: number, warmUpMs: number): Promise<Prepared> {
  const firstUs = await time(workload);
  const results = [await workload.result()];
  while (results.length < checks) {
    await workload.iterate();
    results.push(await workload.result());
  }
  const end = performance.now() + warmUpMs;
  const times = [firstUs];
  while (performance.now() < end) times.push(await time(workload));
  return { firstUs, results, estimateUs: median(times.slice(-WINDOW)) };
}

async function run(workload: Workload, skip: number, iterations: number): Promise<Ran> {
  for (let i = 0; i < skip; i++) await time(workload);
  const times = new Array<number>(iterations);
  for (let i = 0; i < iterations; i++) {
    const start = performance.now();
    const pending = workload.iterate();
    // Waiting where there is nothing to wait for would be measured.
    if (pending instanceof Promise) await pending;
    times[i] = (performance.now() - start) * 1000;
  }
  return { times, result: await workload.result() };
}

async function time(workload: Workload): Promise<number> {
  const start = performance.now();
  await workload.iterate();
  return (performance.now() - start) * 1000;
}
