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
  select,
} from "../../assemble/index.ts";
import { KERNEL } from "../../compile/emit/kernel.ts";
import type { CumulativeOp } from "../../compile/items.ts";
import { type Arithmetic, CUMULATIVE_DTYPES, scalarArithmetic, vectorArithmetic } from "./arithmetic.ts";
import { type CumulativeStyle, cumulativeName, STYLES, WORDS } from "./plan.ts";

/** Steps of one call: V8 changes tier between calls only, and a single long row should not stay in the lower one. */
const STEPS = 4096;
const OPS: readonly CumulativeOp[] = ["sum", "prod", "max", "min", "affine"];

/** (values, factors, result, bytes to the next step, steps, where totals are kept, where walks 1, 2, 3 are beside 0) */
const WALK: Signature = { params: new Array(9).fill("i32"), results: [] };

/** `cumulative.sum.float32.wide` and its kind; `plan.ts` says what a unit of each style is. */
export const cumulativeKernels = Object.fromEntries(
  OPS.flatMap((which) =>
    CUMULATIVE_DTYPES.flatMap((dtype) =>
      STYLES.map((style) => {
        const name = cumulativeName(which, dtype, style);
        const isVector = style === "wide" || style === "narrow";
        const arithmetic = isVector ? vectorArithmetic(which, dtype) : scalarArithmetic(which, dtype);
        return [
          name,
          (module: ModuleBuilder) =>
            new KernelWriter(name, style, arithmetic, which === "affine", dtype === "float64" ? 8 : 4).write(
              module,
            ),
        ];
      }),
    ),
  ),
);

/** Addresses of one unit: of its first elements, and how far from there its other walks begin. */
interface Place {
  readonly values: Local;
  readonly factors: Local;
  readonly result: Local;
  readonly beside: readonly Local[];
}

class KernelWriter {
  /** Addresses that one unit walks along in step. */
  private readonly walks: number;
  /** Vectors at each of them. */
  private readonly parts: number;

  constructor(
    private readonly name: string,
    private readonly style: CumulativeStyle,
    private readonly arithmetic: Arithmetic,
    private readonly isAffine: boolean,
    private readonly elementBytes: number,
  ) {
    this.walks = style === "four" ? 4 : 1;
    this.parts = style === "wide" ? 4 : 1;
  }

  write(module: ModuleBuilder): void {
    module.function(this.name, KERNEL, (f) => {
      const walk = f.helper(`${this.name}.walk`, WALK, (g) => this.walk(g));
      const [, lo, hi] = f.params;
      f.while(
        () => op("i32.lt_u", lo, hi),
        () => {
          this.unit(f, walk);
          f.add(lo, i32(1));
        },
      );
    });
  }

  /** The first elements are the first totals; then as many steps at a time as a call takes. */
  private unit(f: FunctionBuilder, walk: FunctionRef): void {
    const [descriptor, , , scratch] = f.params;
    const word = (index: number): Expr => load("i32.load", descriptor, 4 * index);
    const place = this.place(f, word);
    const { values, factors, result, beside } = place;
    const step = f.let(word(WORDS.step));
    this.begin(f, place, scratch);
    const left = f.let(op("i32.sub", word(WORDS.size), i32(1)));
    const count = f.local("i32");
    const moved = f.local("i32");
    for (const address of [values, factors, result]) f.add(address, step);
    f.while(
      () => left,
      () => {
        f.set(count, select(op("i32.lt_u", left, i32(STEPS)), left, i32(STEPS)));
        const others = [0, 1, 2].map((i) => beside[i] ?? i32(0));
        f.call(walk, values, factors, result, step, count, scratch, ...others);
        f.set(moved, op("i32.mul", count, step));
        for (const address of [values, factors, result]) f.add(address, moved);
        f.set(left, op("i32.sub", left, count));
      },
    );
  }

  /** Where unit `lo` begins. */
  private place(f: FunctionBuilder, word: (index: number) => Expr): Place {
    const lo = f.params[1];
    const inner = f.let(word(WORDS.inner));
    const matrix = f.let(op("i32.mul", word(WORDS.size), inner));
    const bytes = i32(this.elementBytes);
    const offset = f.local("i32");
    const beside: Local[] = [];
    if (this.style === "wide" || this.style === "narrow") {
      const strips = f.let(word(WORDS.strips));
      const column = f.let(op("i32.mul", op("i32.rem_u", lo, strips), word(WORDS.width)));
      // The last strip overlaps the one before: both write the same.
      const last = f.let(op("i32.sub", inner, word(WORDS.width)));
      f.set(column, select(op("i32.gt_u", column, last), last, column));
      const row = op("i32.mul", op("i32.div_u", lo, strips), matrix);
      f.set(offset, op("i32.mul", op("i32.add", row, column), bytes));
    } else {
      const last = f.let(op("i32.sub", word(WORDS.walks), i32(1)));
      const walk = f.local("i32");
      for (let i = 0; i < this.walks; i++) {
        // Missing walks of the last unit repeat the last one.
        f.set(walk, op("i32.add", op("i32.mul", lo, i32(this.walks)), i32(i)));
        f.set(walk, select(op("i32.gt_u", walk, last), last, walk));
        const row = op("i32.mul", op("i32.div_u", walk, inner), matrix);
        const start = op("i32.mul", op("i32.add", row, op("i32.rem_u", walk, inner)), bytes);
        if (i === 0) f.set(offset, start);
        else beside.push(f.let(op("i32.sub", start, offset)));
      }
    }
    const at = (index: number): Local => f.let(op("i32.add", word(index), offset));
    return { values: at(WORDS.values), factors: at(WORDS.factors), result: at(WORDS.result), beside };
  }

  private begin(f: FunctionBuilder, { values, result, beside }: Place, scratch: Expr): void {
    this.eachPart(beside, (i, other, offset) => {
      const totals = this.arithmetic.load(f, other(values), offset).map((total) => f.let(total));
      for (const [k, total] of totals.entries()) this.keep(f, scratch, i, k, total);
      this.arithmetic.store(f, other(result), totals, offset);
    });
  }

  /** Some steps of all walks, with totals that are taken from memory first and left there at the end. */
  private walk(f: FunctionBuilder): void {
    const [values, factors, result, step, count, scratch, ...beside] = f.params;
    const { arithmetic } = this;
    const totals: Local[][] = [];
    this.eachPart(beside, (i) => {
      totals.push(Array.from({ length: arithmetic.totals }, (_, k) => f.let(this.kept(scratch, i, k))));
    });
    f.doWhile(
      () => {
        this.eachPart(beside, (i, other, offset) => {
          const next = arithmetic.load(f, other(values), offset).map((value) => f.let(value));
          const scales = this.isAffine
            ? arithmetic.load(f, other(factors), offset).map((value) => f.let(value))
            : null;
          totals[i].forEach((total, k) => {
            f.set(total, arithmetic.step(total, next[k], scales?.[k] ?? null));
          });
          arithmetic.store(f, other(result), totals[i], offset);
        });
        f.add(values, step);
        if (this.isAffine) f.add(factors, step);
        f.add(result, step);
        f.set(count, op("i32.sub", count, i32(1)));
      },
      () => count,
    );
    totals.forEach((list, i) => {
      for (const [k, total] of list.entries()) this.keep(f, scratch, i, k, total);
    });
  }

  /** Calls `visit` for each vector of each walk: its number, how its address follows from walk 0's, its offset. */
  private eachPart(
    beside: readonly Expr[],
    visit: (i: number, other: (address: Expr) => Expr, offset: number) => void,
  ): void {
    for (let walk = 0; walk < this.walks; walk++) {
      for (let part = 0; part < this.parts; part++) {
        const other = (address: Expr) => (walk === 0 ? address : op("i32.add", address, beside[walk - 1]));
        visit(walk * this.parts + part, other, part * this.arithmetic.bytes);
      }
    }
  }

  private placeOfTotal(i: number, k: number): number {
    return 16 * (i * this.arithmetic.totals + k);
  }

  private keep(f: FunctionBuilder, scratch: Expr, i: number, k: number, total: Expr): void {
    f.store(`${this.arithmetic.type}.store` as "i32.store", scratch, total, this.placeOfTotal(i, k));
  }

  private kept(scratch: Expr, i: number, k: number): Expr {
    return load(`${this.arithmetic.type}.load` as "i32.load", scratch, this.placeOfTotal(i, k));
  }
}
