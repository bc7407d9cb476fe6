import type { DType, ScatterOp } from "@cotangent/core";
import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
  type PlainName,
  select,
} from "../assemble/index.ts";
import { KERNEL } from "../compile/emit/kernel.ts";
import { ELEMENTS, type Element, words } from "./elements.ts";

/** Sums and products of float32 are made in float64 and rounded once. */
export const isWidened = (how: ScatterOp, dtype: DType): boolean =>
  dtype === "float32" && (how === "add" || how === "mul");

export const scatterKernel = (how: ScatterOp, dtype: DType): string => `scatter.${how}.${dtype}`;

/** One operation on 16 bytes of elements. */
function onVectors(how: ScatterOp, { vector, suffix }: Element, a: Expr, b: Expr): Expr {
  if (how === "set") return b;
  if (vector === "i8x16") return op(how === "max" ? "v128.or" : "v128.and", a, b);
  const sign = how === "min" || how === "max" ? suffix : "";
  return op(`${vector}.${how}${sign}` as PlainName, a, b);
}

/** The same on one element; both operands are locals. */
function onScalars(how: ScatterOp, { scalar, suffix }: Element, a: Local, b: Local): Expr {
  if (how === "set") return b;
  if (scalar === "i32" && (how === "min" || how === "max")) {
    return select(op(`i32.${how === "max" ? "gt" : "lt"}${suffix}` as PlainName, a, b), a, b);
  }
  return op(`${scalar}.${how}` as PlainName, a, b);
}

/**
 * `scatter.add.float32` and its kind: descriptor [x (0: zeros), rows, updates, result, size of the axis, indices of a batch,
 * elements of a row, rows of a range, ranges, elements of a strip, strips,
 * indices from one batch to the next]. A unit is one strip of one range of rows of one
 * batch, and takes its updates in their order, so that no two threads meet and the order is always the same.
 */
function addScatter(module: ModuleBuilder, how: ScatterOp, dtype: DType): void {
  module.function(scatterKernel(how, dtype), KERNEL, (f) => new ScatterEmitter(f, how, dtype).emit());
}

class ScatterEmitter {
  private readonly element: Element;
  private readonly widened: boolean;
  private readonly from: Local;
  private readonly to: Local;
  private readonly end: Local;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly how: ScatterOp,
    dtype: DType,
  ) {
    this.element = ELEMENTS[dtype];
    this.widened = isWidened(how, dtype);
    [this.from, this.to, this.end] = [f.local("i32"), f.local("i32"), f.local("i32")];
  }

  emit(): void {
    const { f, element, widened, from, to } = this;
    const [descriptor, lo, hi, scratch] = f.params;
    const [x, rows, updates, out, size, picked, inner, range, ranges, strip, strips, step] = words(
      f,
      descriptor,
      12,
    );
    const [batch, first, count, column, width, i, row, runs, run] = Array.from({ length: 9 }, () =>
      f.local("i32"),
    );
    const bytes = (n: Expr): Expr => op("i32.mul", n, i32(element.bytes));
    /** The first element of the strip in row `r` of x or of the result. */
    const inPlace = (base: Expr, r: Expr): Expr =>
      op(
        "i32.add",
        base,
        bytes(op("i32.add", op("i32.mul", op("i32.add", op("i32.mul", batch, size), r), inner), column)),
      );
    /** Where totals of row `r` of the range are. */
    const totals = (r: Expr): Expr =>
      widened
        ? op("i32.add", scratch, op("i32.shl", op("i32.mul", r, width), i32(3)))
        : inPlace(out, op("i32.add", first, r));
    const eachRun = (visit: () => void): void => {
      f.set(i, i32(0));
      f.while(
        () => op("i32.lt_u", i, runs),
        () => {
          visit();
          f.add(i, i32(1));
        },
      );
    };
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.set(column, op("i32.mul", op("i32.rem_u", lo, strips), strip));
        f.set(batch, op("i32.div_u", lo, strips));
        f.set(first, op("i32.mul", op("i32.rem_u", batch, ranges), range));
        f.set(batch, op("i32.div_u", batch, ranges));
        f.set(width, op("i32.sub", inner, column));
        f.if(op("i32.gt_u", width, strip), () => f.set(width, strip));
        f.set(count, op("i32.sub", size, first));
        f.if(op("i32.gt_u", count, range), () => f.set(count, range));
        // Whole rows lie behind one another: a single run.
        f.set(runs, count);
        f.set(run, width);
        f.if(op("i32.eq", strips, i32(1)), () => {
          f.set(runs, i32(1));
          f.set(run, op("i32.mul", count, width));
        });
        eachRun(() => {
          f.set(to, totals(i));
          f.if(
            x,
            () => {
              f.set(from, inPlace(x, op("i32.add", first, i)));
              if (widened) this.widen(run);
              else f.memoryCopy(to, from, bytes(run));
            },
            () => f.memoryFill(to, i32(0), widened ? op("i32.shl", run, i32(3)) : bytes(run)),
          );
        });
        f.set(i, i32(0));
        f.while(
          () => op("i32.lt_u", i, picked),
          () => {
            const pick = op("i32.add", op("i32.mul", batch, picked), i);
            const named = op("i32.add", op("i32.mul", batch, step), i);
            f.set(row, load("i32.load", op("i32.add", rows, op("i32.shl", named, i32(2)))));
            f.set(row, op("i32.sub", row, first));
            f.if(op("i32.lt_u", row, count), () => {
              f.set(to, totals(row));
              f.set(from, op("i32.add", updates, bytes(op("i32.add", op("i32.mul", pick, inner), column))));
              this.combine(width);
            });
            f.add(i, i32(1));
          },
        );
        if (widened) {
          eachRun(() => {
            f.set(from, totals(i));
            f.set(to, inPlace(out, op("i32.add", first, i)));
            this.narrow(run);
          });
        }
        f.add(lo, i32(1));
      },
    );
  }

  /** Moves `to` and `from` through a strip: by vectors of `lanes` elements, then one by one. */
  private through(
    width: Expr,
    lanes: number,
    [toStep, fromStep]: readonly [number, number],
    vector: () => void,
    scalar: () => void,
  ): void {
    const { f, to, from, end } = this;
    const stretch = (elements: Expr): Expr => op("i32.add", to, op("i32.mul", elements, i32(toStep)));
    for (const [step, body] of [
      [lanes, vector],
      [1, scalar],
    ] as const) {
      const elements = step === 1 ? op("i32.and", width, i32(lanes - 1)) : op("i32.and", width, i32(-lanes));
      f.set(end, stretch(elements));
      f.while(
        () => op("i32.lt_u", to, end),
        () => {
          body();
          f.add(to, i32(step * toStep));
          f.add(from, i32(step * fromStep));
        },
      );
    }
  }

  private combine(width: Expr): void {
    const { f, how, element, widened, to, from } = this;
    if (widened) {
      const wide = ELEMENTS.float64;
      const [a, b] = [f.local("f64"), f.local("f64")];
      this.through(
        width,
        2,
        [8, 4],
        () => {
          const pair = op("f64x2.promote_low_f32x4", load("v128.load64_zero", from));
          f.store("v128.store", to, onVectors(how, wide, load("v128.load", to), pair));
        },
        () => {
          f.set(a, load("f64.load", to));
          f.set(b, op("f64.promote_f32", load("f32.load", from)));
          f.store("f64.store", to, onScalars(how, wide, a, b));
        },
      );
      return;
    }
    const { bytes, scalar } = element;
    const [a, b] = [f.local(scalar), f.local(scalar)];
    const read = bytes === 1 ? "i32.load8_u" : (`${scalar}.load` as "i32.load");
    const write = bytes === 1 ? "i32.store8" : (`${scalar}.store` as "i32.store");
    this.through(
      width,
      16 / bytes,
      [bytes, bytes],
      () =>
        f.store("v128.store", to, onVectors(how, element, load("v128.load", to), load("v128.load", from))),
      () => {
        f.set(a, load(read, to));
        f.set(b, load(read, from));
        f.store(write, to, onScalars(how, element, a, b));
      },
    );
  }

  /** float32 to float64. */
  private widen(width: Expr): void {
    const { f, to, from } = this;
    this.through(
      width,
      2,
      [8, 4],
      () => f.store("v128.store", to, op("f64x2.promote_low_f32x4", load("v128.load64_zero", from))),
      () => f.store("f64.store", to, op("f64.promote_f32", load("f32.load", from))),
    );
  }

  /** float64 to float32. */
  private narrow(width: Expr): void {
    const { f, to, from } = this;
    this.through(
      width,
      2,
      [4, 8],
      () => f.storeLane("v128.store64_lane", 0, to, op("f32x4.demote_f64x2_zero", load("v128.load", from))),
      () => f.store("f32.store", to, op("f32.demote_f64", load("f64.load", from))),
    );
  }
}

const HOW: readonly ScatterOp[] = ["set", "add", "mul", "min", "max"];

export const scatterKernels = Object.fromEntries(
  HOW.flatMap((how) =>
    (Object.keys(ELEMENTS) as DType[])
      .filter((dtype) => dtype !== "bool" || (how !== "add" && how !== "mul"))
      .map((dtype) => [scatterKernel(how, dtype), (module: ModuleBuilder) => addScatter(module, how, dtype)]),
  ),
);
