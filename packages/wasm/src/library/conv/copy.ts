import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { minus, plus, repeat, storePart, times } from "../gemm/parts.ts";
import { readCommon, readLoop, SLOTS } from "./descriptor.ts";

/** (descriptor; from, to; the counts of the loops, outermost first): copies a box out of x. */
const COPY: Signature = { params: Array(4).fill("i32"), results: [] };

export function addCopyBox(module: ModuleBuilder, bytes: 4 | 8): FunctionRef {
  return module.function(
    `copyBox${8 * bytes}`,
    COPY,
    (f) => {
      const [descriptor, from, to, counts] = f.params;
      const count = (loop: number): Expr => load("i32.load", counts, 4 * loop);
      const step = (loop: number, word: "from" | "to"): Local => f.let(readLoop(descriptor, loop, word));
      const steps = Array.from({ length: SLOTS }, (_, loop) => [step(loop, "from"), step(loop, "to")]);
      const unit = f.let(readCommon(descriptor, "unitBytes"));
      const isRun = f.let(readCommon(descriptor, "isRun"));
      const innermost = SLOTS - 1;
      const inner = f.let(count(innermost));
      const run = f.let(times(inner, unit));
      const nest = (loop: number, source: Local, target: Local): void => {
        if (loop === innermost) {
          f.if(
            isRun,
            () => copyRun(f, source, target, run),
            () => copySteps(f, bytes, source, target, inner, unit, steps[innermost]),
          );
          return;
        }
        const left = f.let(count(loop));
        const [ownSource, ownTarget] = [f.let(source), f.let(target)];
        repeat(f, left, () => {
          nest(loop + 1, ownSource, ownTarget);
          f.add(ownSource, steps[loop][0]);
          f.add(ownTarget, steps[loop][1]);
        });
      };
      nest(0, from, to);
    },
    { exported: false },
  );
}

/** Bytes (a multiple of 4) that lie next to each other on both sides; nothing behind them is written. */
function copyRun(f: FunctionBuilder, from: Local, to: Local, bytes: Local): void {
  const [source, target, left] = [f.let(from), f.let(to), f.let(bytes)];
  const vector = f.local("v128");
  f.while(
    () => op("i32.ge_s", left, i32(32)),
    () => {
      for (const at of [0, 16]) f.store("v128.store", target, load("v128.load", source, at), at);
      f.add(source, i32(32));
      f.add(target, i32(32));
      f.add(left, i32(-32));
    },
  );
  f.while(
    () => op("i32.gt_s", left, i32(0)),
    () => {
      f.set(vector, load("v128.load", source));
      storePart(f, target, vector, left);
      f.add(source, i32(16));
      f.add(target, i32(16));
      f.add(left, i32(-16));
    },
  );
}

/** Pieces that are apart: single elements, or several that lie next to each other. */
function copySteps(
  f: FunctionBuilder,
  bytes: 4 | 8,
  from: Local,
  to: Local,
  count: Local,
  unit: Local,
  [fromStep, toStep]: readonly Local[],
): void {
  const [source, target, left] = [f.let(from), f.let(to), f.let(count)];
  const each = (copy: () => void): void =>
    repeat(f, left, () => {
      copy();
      f.add(source, fromStep);
      f.add(target, toStep);
    });
  const [loadName, storeName] =
    bytes === 4 ? (["i32.load", "i32.store"] as const) : (["i64.load", "i64.store"] as const);
  f.if(
    op("i32.eq", unit, i32(bytes)),
    () => each(() => f.store(storeName, target, load(loadName, source))),
    () => each(() => copyRun(f, source, target, unit)),
  );
}

/**
 * (descriptor, first unit, end, scratch): weights as panels of columns, taps in order; a unit is a panel. Descriptor: [from, to,
 * panels, groups, columns; bytes from group to group, from column to column; then for each axis: taps, bytes
 * from tap to tap; bytes of a panel].
 */
export const PACK_WORDS = 18;
const PACK_AXES = SLOTS;

export function addPackWeights(f: FunctionBuilder, panelBytes: number, bytes: 4 | 8): void {
  const [descriptor, lo, hi] = f.params;
  const word = (index: number): Local => f.let(load("i32.load", descriptor, 4 * index));
  const [from, to, panels, , columns, group, column] = Array.from({ length: 7 }, (_, i) => word(i));
  const counts = Array.from({ length: PACK_AXES }, (_, i) => word(7 + 2 * i));
  const steps = Array.from({ length: PACK_AXES }, (_, i) => word(8 + 2 * i));
  const panelSize = word(7 + 2 * PACK_AXES);
  const lanes = panelBytes / bytes;
  const [target, source, width, left, at, own] = Array.from({ length: 6 }, () => f.local("i32"));
  const [loadName, storeName] =
    bytes === 4 ? (["i32.load", "i32.store"] as const) : (["i64.load", "i64.store"] as const);
  const tap = (start: Local): void => {
    f.if(
      op("i32.and", op("i32.eq", column, i32(bytes)), op("i32.eq", width, i32(lanes))),
      () => {
        for (const v of [0, 16]) f.store("v128.store", target, load("v128.load", start, v), v);
      },
      () => {
        f.set(at, start);
        f.set(own, target);
        f.set(left, width);
        repeat(f, left, () => {
          f.store(storeName, own, load(loadName, at));
          f.add(at, column);
          f.add(own, i32(bytes));
        });
      },
    );
    f.add(target, i32(panelBytes));
  };
  const nest = (axis: number, start: Local): void => {
    if (axis === PACK_AXES) {
      tap(start);
      return;
    }
    const count = f.let(counts[axis]);
    const pointer = f.let(start);
    repeat(f, count, () => {
      nest(axis + 1, pointer);
      f.add(pointer, steps[axis]);
    });
  };
  f.while(
    () => op("i32.lt_u", lo, hi),
    () => {
      const panel = f.let(op("i32.rem_u", lo, panels));
      const first = f.let(times(panel, i32(lanes)));
      f.set(width, minus(columns, first));
      f.if(op("i32.gt_s", width, i32(lanes)), () => f.set(width, i32(lanes)));
      f.set(target, plus(to, times(lo, panelSize)));
      f.set(source, plus(from, plus(times(op("i32.div_u", lo, panels), group), times(first, column))));
      // Columns that are not there are zeros, so that nothing slow is computed with them.
      f.if(op("i32.ne", width, i32(lanes)), () => f.memoryFill(target, i32(0), panelSize));
      nest(0, source);
      f.add(lo, i32(1));
    },
  );
}
