import type { WorkerStart } from "./workerSource.ts";
import { workerSource } from "./workerSource.ts";

/** A worker of whichever host. */
export interface SpawnedWorker {
  terminate(): void;
}

export interface SpawnOptions {
  /** Where the worker's program lies, if the host must not run the inlined one. */
  readonly url: string | URL | undefined;
  readonly start: WorkerStart;
  /** Called once if the worker fails or ends. */
  readonly onEnd: (reason: string) => void;
}

/** The parts of `node:worker_threads` in use. */
interface NodeThreads {
  readonly Worker: new (program: string | URL, options: object) => NodeWorker;
}
interface NodeWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  unref(): void;
  on(event: "error", listener: (error: unknown) => void): void;
  on(event: "exit", listener: (code: number) => void): void;
}

/** The parts of a browser's Worker in use. */
interface WebWorker {
  postMessage(message: unknown): void;
  terminate(): void;
  onerror: ((event: { message?: string; preventDefault?(): void }) => void) | null;
}

interface WorkerHost {
  readonly process?: {
    getBuiltinModule?(name: string): unknown;
  };
  readonly Worker?: new (url: string | URL) => WebWorker;
  readonly Blob?: new (parts: string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}

/** Starts a worker, or gives undefined where the host has none or refuses at once. */
export function spawn(options: SpawnOptions): SpawnedWorker | undefined {
  const host = globalThis as unknown as WorkerHost;
  // Not imported: bundles for browsers must not even mention Node's modules as imports.
  const threads = host.process?.getBuiltinModule?.("worker_threads") as NodeThreads | undefined;
  try {
    if (threads?.Worker !== undefined) return spawnInNode(threads, options);
    if (host.Worker !== undefined) return spawnInBrowser(host as Required<WorkerHost>, options);
  } catch {
    // Old browsers throw where a content policy forbids workers from blobs, new ones report it by an event.
  }
  return undefined;
}

function spawnInNode({ Worker }: NodeThreads, { url, start, onEnd }: SpawnOptions): SpawnedWorker {
  const worker = new Worker(url === undefined ? workerSource : fileOf(url), {
    eval: url === undefined,
    name: "cotangent",
    // Else each worker would load what the program was started with (--import, --require, NODE_OPTIONS).
    execArgv: [],
    env: {},
  });
  worker.on("error", (error) => onEnd(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => onEnd(`it ended with code ${code}`));
  worker.postMessage(start);
  // After the listeners and the message, which would hold the process again.
  worker.unref();
  return worker as SpawnedWorker;
}

/** Node takes paths and URL objects, but no URLs as text. */
const fileOf = (url: string | URL): string | URL =>
  typeof url === "string" && url.includes("://") ? new URL(url) : url;

function spawnInBrowser(host: Required<WorkerHost>, { url, start, onEnd }: SpawnOptions): SpawnedWorker {
  const own = url === undefined;
  const program = own
    ? host.URL.createObjectURL(new host.Blob([workerSource], { type: "text/javascript" }))
    : url;
  try {
    const worker = new host.Worker(program);
    worker.onerror = (event) => {
      event.preventDefault?.();
      onEnd(event.message ?? "it could not be started");
    };
    worker.postMessage(start);
    return worker;
  } finally {
    // The worker has fetched it by its next turn of the event loop; after that the text can go.
    if (own) setTimeout(() => host.URL.revokeObjectURL(program as string), 60_000);
  }
}
