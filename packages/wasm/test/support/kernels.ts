import { i32, load, type MemoryLimits, ModuleBuilder, op } from "../../src/assemble/index.ts";
import {
  BARRIER_AFTER,
  CLAIM_SHIFT,
  CLAIMED,
  createMachine,
  END_OF_LIST,
  KERNEL,
  type Machine,
  type MachineOptions,
  SERIAL,
} from "../../src/machine/index.ts";

/** Adds a kernel that does nothing; gives its index. */
export function addNothing(machine: Machine): number {
  const module = new ModuleBuilder(machine.memoryLimits);
  module.function("nothing", KERNEL, () => {});
  return machine.add(module.finish()).get("nothing") as number;
}

export const testMachine = (options: Partial<MachineOptions> = {}): Machine =>
  createMachine({ minimumPages: 16, startAfter: 0, ...options });

/**
 * Kernels over int32 arrays, one element to a unit; the descriptor holds [to, from, count, value].
 * `addTo`: to[i] += value. `prefix`: to[i] = from[i] + from[(i + 1) % count], which needs what other threads made.
 * `trap`: traps in the unit whose number is `value`. `hang`: never ends in that unit.
 * `slow`: counts to `value` four times if unit 0 is in the share, else once.
 */
export function testKernels(memory: MemoryLimits): Uint8Array {
  const module = new ModuleBuilder(memory);
  const at = (base: ReturnType<typeof load>, index: ReturnType<typeof load>) =>
    op("i32.add", base, op("i32.shl", index, i32(2)));
  const kernel = (name: string, body: Parameters<ModuleBuilder["function"]>[2]) =>
    module.function(name, KERNEL, body);
  kernel("addTo", (f) => {
    const [descriptor, lo, hi] = f.params;
    const to = f.let(load("i32.load", descriptor));
    const value = f.let(load("i32.load", descriptor, 12));
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.store("i32.store", at(to, lo), op("i32.add", load("i32.load", at(to, lo)), value));
        f.add(lo, i32(1));
      },
    );
  });
  kernel("prefix", (f) => {
    const [descriptor, lo, hi] = f.params;
    const to = f.let(load("i32.load", descriptor));
    const from = f.let(load("i32.load", descriptor, 4));
    const count = f.let(load("i32.load", descriptor, 8));
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        const next = op("i32.rem_u", op("i32.add", lo, i32(1)), count);
        f.store(
          "i32.store",
          at(to, lo),
          op("i32.add", load("i32.load", at(from, lo)), load("i32.load", at(from, next))),
        );
        f.add(lo, i32(1));
      },
    );
  });
  for (const name of ["trap", "hang"] as const) {
    kernel(name, (f) => {
      const [descriptor, lo, hi] = f.params;
      const value = f.let(load("i32.load", descriptor, 12));
      const inside = op("i32.and", op("i32.le_s", lo, value), op("i32.lt_s", value, hi));
      f.if(inside, () => (name === "trap" ? f.trap() : f.loop((again) => f.branch(again))));
    });
  }
  kernel("slow", (f) => {
    const [descriptor, lo] = f.params;
    const left = f.let(
      op("i32.shl", load("i32.load", descriptor, 12), op("i32.shl", op("i32.eqz", lo), i32(1))),
    );
    f.loop((again) => {
      f.add(left, i32(-1));
      f.branchIf(again, left);
    });
  });
  return module.finish();
}

export interface Step {
  readonly kernel: number;
  readonly units: number;
  /** [to, from, count, value] */
  readonly args?: readonly number[];
  readonly barrier?: boolean;
  readonly serial?: boolean;
  /** Units that threads take at a time, as they become free; 0 for equal shares. */
  readonly claim?: number;
}

/** Writes an instruction list with its descriptors; gives its address. */
export function writeList(machine: Machine, steps: readonly Step[]): number {
  const list = machine.heap.allocate((steps.length + 1) * 16);
  steps.forEach(({ kernel, units, args = [], barrier = true, serial = false, claim = 0 }, i) => {
    const descriptor = machine.heap.allocate(16);
    machine.heap.views.i32.set(args, descriptor / 4);
    const claims = claim === 0 ? 0 : CLAIMED + (claim << CLAIM_SHIFT);
    const record = [
      kernel,
      descriptor,
      units,
      (barrier ? BARRIER_AFTER : 0) + (serial ? SERIAL : 0) + claims,
    ];
    machine.heap.views.i32.set(record, list / 4 + 4 * i);
  });
  machine.heap.views.i32[list / 4 + 4 * steps.length] = END_OF_LIST;
  return list;
}
