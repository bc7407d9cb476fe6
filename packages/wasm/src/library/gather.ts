import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
  type StoreName,
} from "../assemble/index.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
import { words } from "./elements.ts";

/** Words of `pickRows` before its errors, of which each unit has two: the place of its first one plus 1, the index. */
export const PICK_ERRORS = 6;
/** The word that is not 0 when any unit has met an error. */
export const PICK_FLAG = 5;

/**
 * `pickRows.int32`: descriptor [indices, rows, count, size of the axis, indices of a unit, flag, errors ...]. Writes the row
 * that each index means, 0 for those that are out of range, and notes the first of these in each unit: what reads rows
 * afterwards needs no bounds, and which error is reported does not depend on threads.
 */
function addPickRows(module: ModuleBuilder, name: string, signed: boolean): void {
  module.function(name, KERNEL, (f) => {
    const [descriptor, lo, hi] = f.params;
    const [indices, rows, count, size, length] = words(f, descriptor, 5);
    const [i, end, index, row, error] = [0, 1, 2, 3, 4].map(() => f.local("i32"));
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.set(i, op("i32.mul", lo, length));
        f.set(end, op("i32.add", i, length));
        f.if(op("i32.gt_u", end, count), () => f.set(end, count));
        f.set(error, op("i32.add", descriptor, op("i32.shl", lo, i32(3))));
        f.while(
          () => op("i32.lt_u", i, end),
          () => {
            const at = op("i32.shl", i, i32(2));
            f.set(index, load("i32.load", op("i32.add", indices, at)));
            f.set(row, index);
            if (signed) f.if(op("i32.lt_s", index, i32(0)), () => f.add(row, size));
            f.if(op("i32.ge_u", row, size), () => {
              f.set(row, i32(0));
              f.if(op("i32.eqz", load("i32.load", error, 4 * PICK_ERRORS)), () => {
                f.store("i32.store", error, op("i32.add", i, i32(1)), 4 * PICK_ERRORS);
                f.store("i32.store", error, index, 4 * PICK_ERRORS + 4);
                f.store("i32.store", descriptor, i32(1), 4 * PICK_FLAG);
              });
            });
            f.store("i32.store", op("i32.add", rows, at), row);
            f.add(i, i32(1));
          },
        );
        f.add(lo, i32(1));
      },
    );
  });
}

/** From so many bytes on the engine's own copy is faster than a loop. */
const LONG_ROW = 512;

/** Copies `bytes` from `from` to `to`, both of which it moves behind what was copied. */
function copyRow(f: FunctionBuilder, to: Local, from: Local, bytes: Expr, rest: Local): void {
  f.set(rest, bytes);
  f.if(op("i32.ge_u", rest, i32(LONG_ROW)), () => {
    f.memoryCopy(to, from, rest);
    f.add(to, rest);
    f.add(from, rest);
    f.set(rest, i32(0));
  });
  for (const [step, read, write] of [
    [16, "v128.load", "v128.store"],
    [4, "i32.load", "i32.store"],
    [1, "i32.load8_u", "i32.store8"],
  ] as const) {
    f.while(
      () => op("i32.ge_u", rest, i32(step)),
      () => {
        f.store(write as StoreName, to, load(read, from));
        f.add(to, i32(step));
        f.add(from, i32(step));
        f.set(rest, op("i32.sub", rest, i32(step)));
      },
    );
  }
}

/** For each unit, an index, the address of its row: `visit` may move both locals. */
function eachRow(
  f: FunctionBuilder,
  [x, rows, out, size, picked, back]: readonly Local[],
  rowBytes: Expr,
  visit: (to: Local, from: Local) => void,
): void {
  const [, lo, hi] = f.params;
  const [base, next, to, from, pointer] = [0, 1, 2, 3, 4].map(() => f.local("i32"));
  const step = f.let(op("i32.mul", size, rowBytes));
  f.if(op("i32.ge_u", lo, hi), () => f.return());
  f.set(base, op("i32.div_u", lo, picked));
  f.set(next, op("i32.mul", op("i32.add", base, i32(1)), picked));
  f.set(pointer, op("i32.add", rows, op("i32.shl", lo, i32(2))));
  f.set(pointer, op("i32.sub", pointer, op("i32.mul", base, back)));
  f.set(base, op("i32.add", x, op("i32.mul", base, step)));
  f.while(
    () => op("i32.lt_u", lo, hi),
    () => {
      f.if(op("i32.eq", lo, next), () => {
        f.add(base, step);
        f.add(next, picked);
        f.set(pointer, op("i32.sub", pointer, back));
      });
      const row = load("i32.load", pointer);
      f.set(from, op("i32.add", base, op("i32.mul", row, rowBytes)));
      f.set(to, op("i32.add", out, op("i32.mul", lo, rowBytes)));
      visit(to, from);
      f.add(pointer, i32(4));
      f.add(lo, i32(1));
    },
  );
}

/**
 * `gatherRows`: descriptor [x, rows, result, size of the axis, indices of a batch, bytes of these where all batches share
 * them (else 0), bytes of a row]; a unit is an index.
 */
function addGatherRows(module: ModuleBuilder): void {
  module.function("gatherRows", KERNEL, (f) => {
    const all = words(f, f.params[0], 7);
    const rest = f.local("i32");
    eachRow(f, all, all[6], (to, from) => copyRow(f, to, from, all[6], rest));
  });
}

/** `gather4`: the same for rows of one element of 4 bytes. */
function addGatherElements(module: ModuleBuilder, bytes: 1 | 4 | 8): void {
  module.function(`gather${bytes}`, KERNEL, (f) => {
    const all = words(f, f.params[0], 6);
    eachRow(f, all, i32(bytes), (to, from) => {
      if (bytes === 1) f.store("i32.store8", to, load("i32.load8_u", from));
      else if (bytes === 4) f.store("i32.store", to, load("i32.load", from));
      else f.store("f64.store", to, load("f64.load", from));
    });
  });
}

export const gatherKernels = {
  "pickRows.int32": (module: ModuleBuilder) => addPickRows(module, "pickRows.int32", true),
  "pickRows.uint32": (module: ModuleBuilder) => addPickRows(module, "pickRows.uint32", false),
  gatherRows: addGatherRows,
  gather1: (module: ModuleBuilder) => addGatherElements(module, 1),
  gather4: (module: ModuleBuilder) => addGatherElements(module, 4),
  gather8: (module: ModuleBuilder) => addGatherElements(module, 8),
};
