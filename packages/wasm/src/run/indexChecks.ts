import { outOfRange } from "@cotangent/core";
import type { IndexCheck } from "../compile/program.ts";
import { PICK_ERRORS, PICK_FLAG } from "../library/gather.ts";
import type { Machine } from "../machine/index.ts";

/** Where a check of a plan in memory leaves what it finds. */
export interface PlacedCheck extends IndexCheck {
  /** The address of its descriptor. */
  readonly address: number;
}

/** What kernels have noted since the last time. @throws IndexError for the first index that was out of range */
export function throwIfOutOfRange(machine: Pick<Machine, "heap">, checks: readonly PlacedCheck[]): void {
  const memory = machine.heap.views.i32;
  let found: Error | null = null;
  for (const { address, units, item } of checks) {
    const start = address / 4;
    if (memory[start + PICK_FLAG] === 0) continue;
    memory[start + PICK_FLAG] = 0;
    for (let unit = 0; unit < units; unit++) {
      const at = start + PICK_ERRORS + 2 * unit;
      const place = memory[at] - 1;
      if (place < 0) continue;
      const index = item.dtype === "uint32" ? memory[at + 1] >>> 0 : memory[at + 1];
      found ??= outOfRange(index, place, item.shape, item.size, item.params);
      memory[at] = 0;
    }
  }
  if (found !== null) throw found;
}
