import { checkOptions, StateError } from "@cotangent/core";
import { MOST_THREADS } from "./machine/layout.ts";

/** What an engine may use of its host. */
export interface WasmEngineOptions {
  /**
   * Threads, the calling one among them, from 1 to 64; 1 starts no workers. As many as there are processors, at most 8,
   * unless given. Results do not depend on it.
   */
  readonly threads?: number;
  /** Pages of 64 KiB that memory may grow to, from 256; 65536 (4 GiB) unless given. */
  readonly maximumPages?: number;
  /** Milliseconds without progress of another thread after which a run fails; 30,000 unless given. */
  readonly timeLimit?: number;
  /**
   * Where the file `@cotangent/wasm/worker.js` is served, for pages whose content policy forbids workers that are made of
   * text. Served with a policy of its own, that one must allow 'wasm-unsafe-eval' too.
   */
  readonly workerUrl?: string | { readonly href: string };
}

/** Whole numbers: the least and the most of each. */
const NUMBERS = {
  threads: [1, MOST_THREADS],
  maximumPages: [256, 65536],
  timeLimit: [1, 2 ** 31 - 1],
} as const;

/** Refuses what an engine could not be made with. @throws StateError */
export function checkEngineOptions(options: WasmEngineOptions): void {
  const operation = "createWasmEngine";
  checkOptions(operation, options, [...Object.keys(NUMBERS), "workerUrl"]);
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const value = options[name as keyof typeof NUMBERS] ?? least;
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new StateError(`${name} is ${value}`, {
      operation,
      remedy: `Give a whole number from ${least} to ${most}`,
    });
  }
}
