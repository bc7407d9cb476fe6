import type { DType } from "@cotangent/core";
import {
  type Expr,
  type FunctionBuilder,
  type Local,
  load,
  op,
  type PlainName,
  shuffle32,
} from "../../assemble/index.ts";
import { accumulatorDtype, type ReduceOp } from "../items.ts";
import { each, highHalf, keep, narrow, splatConstant, type Vec, widen, widenMask } from "./vector.ts";

const START: Readonly<Record<ReduceOp, (dtype: DType) => number>> = {
  sum: () => 0,
  prod: () => 1,
  max: (dtype) => (dtype === "int32" ? -(2 ** 31) : dtype === "uint32" ? 0 : Number.NEGATIVE_INFINITY),
  min: (dtype) =>
    dtype === "int32" ? 2 ** 31 - 1 : dtype === "uint32" ? 2 ** 32 - 1 : Number.POSITIVE_INFINITY,
  and: () => 1,
  or: () => 0,
};

const STEP: Readonly<Record<ReduceOp, Partial<Record<DType, PlainName>>>> = {
  sum: { float64: "f64x2.add", int32: "i32x4.add", uint32: "i32x4.add" },
  prod: { float64: "f64x2.mul", int32: "i32x4.mul", uint32: "i32x4.mul" },
  max: { float32: "f32x4.max", float64: "f64x2.max", int32: "i32x4.max_s", uint32: "i32x4.max_u" },
  min: { float32: "f32x4.min", float64: "f64x2.min", int32: "i32x4.min_s", uint32: "i32x4.min_u" },
  and: { bool: "v128.and" },
  or: { bool: "v128.or" },
};

/** Operations whose result does not depend on the order: they may have several running totals. */
const ORDERLESS: ReadonlySet<ReduceOp> = new Set(["max", "min", "and", "or"]);

/** Running totals of a reduction, one for each of four lanes. */
export class Accumulator {
  private readonly dtype: DType;
  private readonly totals: readonly Local[];
  /** Further totals, so that a round need not wait for the one before. */
  private readonly copies: (readonly Local[])[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly op: ReduceOp,
    private readonly from: DType,
    private readonly to: DType,
  ) {
    this.dtype = accumulatorDtype(op, from);
    this.totals = this.locals();
    this.copies = [this.totals];
  }

  private locals(): Local[] {
    return splatConstant(this.f, 0, this.dtype).map(() => this.f.local("v128"));
  }

  private get start(): Vec {
    return splatConstant(this.f, START[this.op](this.dtype), this.dtype);
  }

  private get step(): PlainName {
    return STEP[this.op][this.dtype] as PlainName;
  }

  /** Starts anew, with as many totals as there are rounds at a time. */
  reset(rounds = 1): void {
    while (ORDERLESS.has(this.op) && this.copies.length < rounds) this.copies.push(this.locals());
    for (const copy of this.copies) {
      copy.forEach((total, half) => {
        this.f.set(total, this.start[half]);
      });
    }
  }

  /** The totals of all rounds as one. */
  private join(): void {
    for (const copy of this.copies.slice(1)) {
      this.totals.forEach((total, half) => {
        this.f.set(total, op(this.step, total, copy[half]));
      });
    }
  }

  /** Takes in four values, those only where `mask` (of 32-bit lanes) is set. */
  take(value: Vec, mask: Expr | null, round = 0): void {
    const { f } = this;
    const wide = this.dtype === this.from ? value : widen(f, value[0]);
    const masks = mask === null ? null : wide.length === 2 ? widenMask(f, mask) : [mask];
    (this.copies[round] ?? this.totals).forEach((total, half) => {
      const item =
        masks === null ? wide[half] : op("v128.bitselect", wide[half], this.start[half], masks[half]);
      f.set(total, op(this.step, total, item));
    });
  }

  /** Bytes of the totals of four lanes. */
  get bytes(): number {
    return 16 * this.totals.length;
  }

  /** Keeps the totals at that address for later. */
  save(address: Expr, offset: number): void {
    this.totals.forEach((total, half) => {
      this.f.store("v128.store", address, total, offset + 16 * half);
    });
  }

  /** Goes on with totals that were kept. */
  restore(address: Expr, offset: number): void {
    this.totals.forEach((total, half) => {
      this.f.set(total, load("v128.load", address, offset + 16 * half));
    });
  }

  /** The totals of the lanes, as values of the result's dtype: where lanes are columns. */
  lanes(): Vec {
    return keep(this.f, this.rounded(this.totals));
  }

  /** All lanes together, in every lane of the result. */
  total(): Vec {
    const { f, step } = this;
    this.join();
    let v: Expr;
    if (this.totals.length === 2) {
      const pair = f.let(op(step, this.totals[0], this.totals[1]));
      v = f.let(op(step, pair, highHalf(pair)));
      v = shuffle32(v, v, [0, 1, 0, 1]);
      const both = f.let(v);
      return keep(f, this.rounded([both, both]));
    }
    const half = f.let(op(step, this.totals[0], highHalf(this.totals[0])));
    const one = f.let(op(step, half, shuffle32(half, half, [1, 1, 1, 1])));
    return keep(f, this.rounded([shuffle32(one, one, [0, 0, 0, 0])]));
  }

  private rounded(totals: Vec): Vec {
    if (this.dtype === this.to) return totals;
    return this.to === "float32" ? [narrow(totals)] : totals;
  }
}

export { each };
