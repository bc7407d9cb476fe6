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
import { type Element, PANEL_BYTES } from "./element.ts";

/**
 * (a, bytes from row to row of A, from k to k; b, bytes from k to k, from panel to panel; panels, k; c, bytes from row to row;
 * mode): what a strip takes.
 */
export const STRIP: Signature = { params: Array(11).fill("i32"), results: [] };

/** What a strip does with its sums. */
export const Mode = {
  /** They are C. */
  store: 0,
  /** They are added to C. */
  add: 1,
  /** They go on from C, as if the k before had been in the same call. */
  continue: 2,
} as const;

/** k steps for each test and jump. */
const UNROLL = 4;
const VECTORS = PANEL_BYTES / 16;

/**
 * The innermost functions of a product: `height` rows of A times some panels of B, panel by panel in registers. A panel is
 * eight columns (four in float64) next to each other; where the next k of it lies is as free as the place of A's elements, so
 * packed and unpacked operands take the same function. A pointer for each row of A costs nothing: its additions run beside the
 * vector units (58 GFLOP/s, as with A packed and constant offsets, Node 24).
 *
 * Each element is the sum over k from the first to the last, starting at zero or, to go on, at what C holds. That does not
 * depend on the height, so any tiling gives the same bits.
 */
export function addStrip(module: ModuleBuilder, element: Element, height: number): FunctionRef {
  return module.function(
    `strip${element.name}x${height}`,
    STRIP,
    (f) => new StripWriter(f, element, height).write(),
    { exported: false },
  );
}

/** Panels that a flat strip takes at once, so that its few rows do not wait for their own sums. */
const panelsAtOnce = (height: number): number => (height === 1 ? 4 : height === 2 ? 2 : 1);

class StripWriter {
  private readonly rows: Local[];
  private readonly sums: Local[][];
  private readonly pointers: Local[];
  private readonly vectors: Local[];
  private readonly factor: Local;
  private readonly count: Local;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly element: Element,
    private readonly height: number,
  ) {
    const several = (n: number, type: "i32" | "v128") => Array.from({ length: n }, () => f.local(type));
    const panels = panelsAtOnce(height);
    this.rows = several(height, "i32");
    this.sums = this.rows.map(() => several(panels * VECTORS, "v128"));
    this.pointers = several(panels, "i32");
    this.vectors = several(panels * VECTORS, "v128");
    this.factor = f.local("v128");
    this.count = f.local("i32");
  }

  write(): void {
    const { f, height } = this;
    const [, , , , , , panels] = f.params;
    const many = panelsAtOnce(height);
    for (const width of many > 1 ? [many, 1] : [1]) {
      f.while(
        () => op("i32.ge_u", panels, i32(width)),
        () => {
          this.tile(width);
          f.set(panels, op("i32.sub", panels, i32(width)));
        },
      );
    }
  }

  /** `width` panels of C; moves b and c behind them. */
  private tile(width: number): void {
    const { f, pointers } = this;
    const [a, aRow, , b, , bPanel, , k, c, cRow, mode] = f.params;
    const zero = f.constant(new Uint8Array(16));
    for (const row of this.sums) for (const sum of row.slice(0, width * VECTORS)) f.set(sum, zero);
    f.if(op("i32.eq", mode, i32(Mode.continue)), () => {
      this.point(c, cRow);
      this.each(width, (row, sum, offset) => f.set(sum, load("v128.load", row, offset)));
    });
    this.point(a, aRow);
    for (let p = 0; p < width; p++) {
      f.set(pointers[p], b);
      f.add(b, bPanel);
    }
    this.repeat(op("i32.shr_u", k, i32(Math.log2(UNROLL))), () => {
      f.unrolled(UNROLL, () => this.step(width));
    });
    this.repeat(op("i32.and", k, i32(UNROLL - 1)), () => this.step(width));
    this.store(width);
  }

  /** One k: every row's element times the vectors of B. */
  private step(width: number): void {
    const { f, rows, sums, pointers, vectors, factor, element } = this;
    const [, , aColumn, , bRow] = f.params;
    for (let v = 0; v < width * VECTORS; v++) {
      f.set(vectors[v], load("v128.load", pointers[Math.floor(v / VECTORS)], 16 * (v % VECTORS)));
    }
    rows.forEach((row, i) => {
      f.set(factor, element.splat(row));
      for (let v = 0; v < width * VECTORS; v++) {
        f.set(sums[i][v], element.multiplyAdd(factor, vectors[v], sums[i][v]));
      }
      f.add(row, aColumn);
    });
    for (let p = 0; p < width; p++) f.add(pointers[p], bRow);
  }

  private store(width: number): void {
    const { f, element } = this;
    const [, , , , , , , , c, cRow, mode] = f.params;
    this.point(c, cRow);
    f.if(op("i32.eq", mode, i32(Mode.add)), () =>
      this.each(width, (row, sum, offset) => f.set(sum, element.add(load("v128.load", row, offset), sum))),
    );
    this.each(width, (row, sum, offset) => f.store("v128.store", row, sum, offset));
    f.add(c, i32(width * PANEL_BYTES));
  }

  /** The rows' pointers to the rows of a matrix. */
  private point(start: Expr, step: Expr): void {
    this.rows.forEach((row, i) => {
      this.f.set(row, i === 0 ? start : op("i32.add", this.rows[i - 1], step));
    });
  }

  private each(width: number, act: (row: Local, sum: Local, offset: number) => void): void {
    this.rows.forEach((row, i) => {
      for (let v = 0; v < width * VECTORS; v++) act(row, this.sums[i][v], 16 * v);
    });
  }

  private repeat(times: Expr, body: () => void): void {
    const { f, count } = this;
    f.set(count, times);
    f.if(count, () =>
      f.doWhile(
        () => {
          body();
          f.set(count, op("i32.sub", count, i32(1)));
        },
        () => count,
      ),
    );
  }
}
