import { i32, load, type ModuleBuilder, op } from "../assemble/index.ts";
import { BRANCH, LOOP } from "../compile/control/words.ts";
import { KERNEL } from "../compile/emit/kernel.ts";

/** What decides where an instruction list goes on: they write the target of the jump behind them. */
export const controlKernels = { loopBegin: addBegin, loopStep: addStep, branchSelect: addSelect };

/** No steps have been taken. */
function addBegin(module: ModuleBuilder): void {
  module.function("loopBegin", KERNEL, (f) => {
    const [descriptor] = f.params;
    f.store("i32.store", descriptor, i32(0), 4 * LOOP.taken);
  });
}

/** Another step, or the end of the loop. */
function addStep(module: ModuleBuilder): void {
  module.function("loopStep", KERNEL, (f) => {
    const [descriptor] = f.params;
    const word = (place: number) => load("i32.load", descriptor, 4 * place);
    const limit = f.let(word(LOOP.limit));
    const count = f.let(word(LOOP.count));
    f.if(count, () => {
      f.set(count, load("i32.load", count));
      f.if(op("i32.lt_s", count, limit), () => f.set(limit, count));
    });
    const taken = f.let(word(LOOP.taken));
    const goesOn = f.let(op("i32.lt_s", taken, limit));
    const flag = f.let(word(LOOP.goesOn));
    f.if(op("i32.and", goesOn, op("i32.ne", flag, i32(0))), () => f.set(goesOn, load("i32.load8_u", flag)));
    f.if(op("i32.eqz", goesOn), () => {
      f.store("i32.store", descriptor, word(LOOP.end), 4 * LOOP.target);
      const steps = f.let(word(LOOP.steps));
      f.if(steps, () => f.store("i32.store", steps, taken));
      f.return();
    });
    f.store("i32.store", descriptor, word(LOOP.body), 4 * LOOP.target);
    f.store("i32.store", descriptor, op("i32.add", taken, i32(1)), 4 * LOOP.taken);
    const index = f.let(taken);
    f.if(word(LOOP.reverse), () => f.set(index, op("i32.sub", op("i32.sub", limit, i32(1)), taken)));
    f.store("i32.store", word(LOOP.step), index);
    const entry = f.let(op("i32.add", descriptor, i32(4 * LOOP.table)));
    const left = f.let(load("i32.load", entry));
    f.add(entry, i32(4));
    f.while(
      () => left,
      () => {
        const offset = op("i32.mul", index, load("i32.load", entry, 8));
        f.store("i32.store", load("i32.load", entry), op("i32.add", load("i32.load", entry, 4), offset));
        f.add(entry, i32(12));
        f.add(left, i32(-1));
      },
    );
  });
}

/** The branch that the number names, the first or last where it is out of range. */
function addSelect(module: ModuleBuilder): void {
  module.function("branchSelect", KERNEL, (f) => {
    const [descriptor] = f.params;
    const index = f.let(load("i32.load", load("i32.load", descriptor, 4 * BRANCH.index)));
    const last = f.let(op("i32.sub", load("i32.load", descriptor, 4 * BRANCH.count), i32(1)));
    f.if(op("i32.gt_s", index, last), () => f.set(index, last));
    f.if(op("i32.lt_s", index, i32(0)), () => f.set(index, i32(0)));
    const place = op("i32.add", descriptor, op("i32.shl", index, i32(2)));
    f.store("i32.store", descriptor, load("i32.load", place, 4 * BRANCH.places), 4 * BRANCH.target);
  });
}
