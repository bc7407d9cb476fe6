import { i32, type Local, load, type ModuleBuilder, op, type PlainName } from "../assemble/index.ts";
import { rowMajor, sizeOf } from "../compile/affine.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
import type { FoldItem } from "../compile/items.ts";
import { ELEMENTS, type Element } from "./elements.ts";
import { minus, plus, repeat, times } from "./gemm/parts.ts";

/** An axis as a loop: how often, and bytes from step to step in the windows and in the sums. */
interface Loop {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** Words before the loops: [windows, sums, loops over units, other loops, the innermost loop: count, from, to; whether both sides are contiguous]. */
const LOOPS_AT = 8;

/** The kernel that adds up sliding windows; what it adds to is zero at first. */
export function planFold({ x, params, order, sizes, dtype }: FoldItem): {
  readonly name: string;
  readonly words: number[];
  readonly units: number;
  /** Where to begin, in bytes. */
  readonly start: { readonly from: number; readonly to: number };
  readonly scratchBytes: number;
} {
  const { bytes } = ELEMENTS[dtype];
  const { strides, dilation } = params;
  const axes = params.sizes.length;
  const leading = sizes.length - axes;
  const natural = rowMajor(order.map((axis) => sizes[axis]));
  const toOf = (axis: number): number => natural[order.indexOf(axis)];
  const lead = order
    .filter((axis) => axis < leading)
    .map((axis): Loop => ({ count: sizes[axis], from: x.strides[axis] * bytes, to: toOf(axis) * bytes }));
  const along = (first: number, steps: readonly number[]): Loop[] =>
    steps.map((step, i) => ({
      count: x.shape[first + i],
      from: x.strides[first + i] * bytes,
      to: step * toOf(leading + i) * bytes,
    }));
  const places = along(leading, strides);
  const taps = along(leading + axes, dilation);
  // Whole vectors where a leading axis lies innermost; else along the last places.
  const isVector = order[order.length - 1] < leading;
  const inner = (isVector ? lead.pop() : places.pop()) ?? { count: 1, from: 0, to: 0 };
  // Windows one after the other, in the order of their places: where those are the innermost loop, the last tap counts down.
  const last = taps[taps.length - 1];
  const isReversed = !isVector && last !== undefined;
  if (isReversed) taps[taps.length - 1] = { count: last.count, from: -last.from, to: -last.to };
  const start = isReversed
    ? { from: (last.count - 1) * last.from, to: (last.count - 1) * last.to }
    : { from: 0, to: 0 };
  const own = [...places, ...taps];
  const isContiguous = inner.from === bytes && inner.to === bytes;
  const words = [
    0,
    0,
    lead.length,
    own.length,
    inner.count,
    inner.from,
    inner.to,
    isContiguous ? 1 : 0,
    ...[...lead, ...own].flatMap(({ count, from, to }) => [count, from, to]),
  ];
  return {
    name: `fold.${dtype}`,
    words,
    units: sizeOf(lead.map(({ count }) => count)),
    start,
    scratchBytes: 4 * own.length,
  };
}

/** About how many cycles it takes. */
export const foldCost = ({ x }: FoldItem): number => sizeOf(x.shape) * 2;

/** `fold.float32` and its kind: a unit is everything at one place of the outer leading axes. */
export const foldKernels = Object.fromEntries(
  (["float32", "float64", "int32", "uint32"] as const).map((dtype) => [
    `fold.${dtype}`,
    (module: ModuleBuilder) => addFold(module, `fold.${dtype}`, ELEMENTS[dtype]),
  ]),
);

function addFold(module: ModuleBuilder, name: string, { bytes, scalar, vector }: Element): void {
  module.function(name, KERNEL, (f) => {
    const [descriptor, lo, hi, scratch] = f.params;
    const word = (index: number): Local => f.let(load("i32.load", descriptor, 4 * index));
    const [windows, sums, leadCount, ownCount, count, fromStep, toStep, isContiguous] = Array.from(
      { length: LOOPS_AT },
      (_, i) => word(i),
    );
    const [rest, loop, digit, from, to, size, left, source, target] = Array.from({ length: 9 }, () =>
      f.local("i32"),
    );
    const loopAt = (index: Local) => plus(descriptor, plus(i32(4 * LOOPS_AT), times(index, i32(12))));
    const indexAt = (index: Local) => plus(scratch, times(minus(index, leadCount), i32(4)));
    const at = f.local("i32");
    const isDone = f.local("i32");
    const loops = f.let(plus(leadCount, ownCount));
    const total = f.let(i32(1));
    f.set(loop, leadCount);
    f.while(
      () => op("i32.lt_u", loop, loops),
      () => {
        f.set(total, times(total, load("i32.load", loopAt(loop))));
        f.add(loop, i32(1));
      },
    );
    const scalarAdd = `${scalar}.add` as PlainName;
    const storeName = scalar === "i32" ? "i32.store" : scalar === "f32" ? "f32.store" : "f64.store";
    const loadName = scalar === "i32" ? "i32.load" : scalar === "f32" ? "f32.load" : "f64.load";

    const addRun = (): void => {
      f.set(source, from);
      f.set(target, to);
      f.set(left, count);
      f.if(isContiguous, () =>
        f.while(
          () => op("i32.ge_s", left, i32(16 / bytes)),
          () => {
            const sum = op(
              `${vector}.add` as PlainName,
              load("v128.load", target),
              load("v128.load", source),
            );
            f.store("v128.store", target, sum);
            f.add(source, i32(16));
            f.add(target, i32(16));
            f.add(left, i32(-16 / bytes));
          },
        ),
      );
      repeat(f, left, () => {
        f.store(storeName, target, op(scalarAdd, load(loadName, target), load(loadName, source)));
        f.add(source, fromStep);
        f.add(target, toStep);
      });
    };

    /** The next place of the loops within a unit. */
    const advance = (): void => {
      f.set(loop, loops);
      f.set(isDone, i32(0));
      f.while(
        () => op("i32.and", op("i32.gt_u", loop, leadCount), op("i32.eqz", isDone)),
        () => {
          f.add(loop, i32(-1));
          f.set(at, loopAt(loop));
          f.set(digit, plus(load("i32.load", indexAt(loop)), i32(1)));
          f.add(from, load("i32.load", at, 4));
          f.add(to, load("i32.load", at, 8));
          f.set(size, load("i32.load", at));
          f.if(
            op("i32.lt_u", digit, size),
            () => f.set(isDone, i32(1)),
            () => {
              f.set(digit, i32(0));
              f.set(from, minus(from, times(size, load("i32.load", at, 4))));
              f.set(to, minus(to, times(size, load("i32.load", at, 8))));
            },
          );
          f.store("i32.store", indexAt(loop), digit);
        },
      );
    };

    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.set(rest, lo);
        f.set(from, windows);
        f.set(to, sums);
        f.set(loop, leadCount);
        f.while(
          () => loop,
          () => {
            f.add(loop, i32(-1));
            f.set(at, loopAt(loop));
            f.set(size, load("i32.load", at));
            f.set(digit, op("i32.rem_u", rest, size));
            f.set(rest, op("i32.div_u", rest, size));
            f.add(from, times(digit, load("i32.load", at, 4)));
            f.add(to, times(digit, load("i32.load", at, 8)));
          },
        );
        f.if(ownCount, () => f.memoryFill(scratch, i32(0), times(ownCount, i32(4))));
        const places = f.let(total);
        repeat(f, places, () => {
          addRun();
          advance();
        });
        f.add(lo, i32(1));
      },
    );
  });
}
