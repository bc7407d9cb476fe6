import type { Library } from "../library/index.ts";
import type { Machine } from "../machine/index.ts";
import type { Arena } from "./arena.ts";
import type { KernelCache } from "./kernelCache.ts";
import type { Residency } from "./residency.ts";

/** What the plans of one engine share. */
export interface Context {
  readonly machine: Machine;
  readonly library: Library;
  readonly kernels: KernelCache;
  readonly arena: Arena;
  readonly residency: Residency;
}
