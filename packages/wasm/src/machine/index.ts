/** The machine below the compiler: memory, threads, and the loop that walks instruction lists. */

export type { CrewStats } from "./crew.ts";
export { REPORT, RunFailure } from "./failure.ts";
export type { Features } from "./features.ts";
export { Heap, type HeapStats, SLACK } from "./heap.ts";
export {
  BARRIER_AFTER,
  CLAIM_SHIFT,
  CLAIMED,
  END_OF_LIST,
  JUMP,
  MAIN_ONLY,
  RECORD_BYTES,
  SERIAL,
} from "./layout.ts";
export {
  createMachine,
  type Machine,
  type MachineOptions,
  type MachineStats,
} from "./machine.ts";
export { KERNEL } from "./walker.ts";
