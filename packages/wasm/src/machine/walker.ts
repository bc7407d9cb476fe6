import {
  type FunctionBuilder,
  i32,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../assemble/index.ts";
import { END_OF_LIST, JUMP, RECORD_BYTES } from "./layout.ts";

/** What every kernel takes: its descriptor's address, the units from `lo` to before `hi`, this thread's scratch. */
export const KERNEL: Signature = { params: ["i32", "i32", "i32", "i32"], results: [] };

/** (list, scratch): the function that runs a list on one thread. */
export const WALK_ALONE = "machine.walkAlone";

/**
 * Adds the function that walks instruction lists on one thread to a module, which must use a table. A list lies in memory:
 * records of four words, [index in the table, address of the descriptor, units, flags], and behind the last one
 * a record whose index is -1. One call runs a whole plan: 15 kernels that do nothing take 0.045 us (Node 24).
 */
export function addWalker(module: ModuleBuilder): void {
  module.function(WALK_ALONE, { params: ["i32", "i32"], results: [] }, walkAlone);
}

/** Every instruction with all of its units. */
function walkAlone(f: FunctionBuilder): void {
  const [list, scratch] = f.params;
  const kernel = f.local("i32");
  const units = f.local("i32");
  f.block((done) => {
    f.loop((again) => {
      f.set(kernel, load("i32.load", list));
      f.branchIf(done, op("i32.eq", kernel, i32(END_OF_LIST)));
      f.if(op("i32.lt_s", kernel, i32(0)), () => {
        f.if(
          op("i32.eq", kernel, i32(JUMP)),
          () => f.set(list, load("i32.load", load("i32.load", list, 4))),
          () => f.add(list, i32(RECORD_BYTES)),
        );
        f.branch(again);
      });
      f.set(units, load("i32.load", list, 8));
      f.if(units, () => f.callIndirect(KERNEL, kernel, load("i32.load", list, 4), i32(0), units, scratch));
      f.add(list, i32(RECORD_BYTES));
      f.branch(again);
    });
  });
}
