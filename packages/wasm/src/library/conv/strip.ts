import {
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { type Element, PANEL_BYTES } from "../gemm/element.ts";
import { plus, repeat } from "../gemm/parts.ts";

/** (a, table of rows; b, bytes from panel to panel; panels; table of taps, taps; c; mode: store or add) */
export const STRIP: Signature = { params: Array(9).fill("i32"), results: [] };

/** Bytes of an entry of a table: of rows [in A, in C], of taps [in A, in B]. */
export const ENTRY = 8;

const UNROLL = 4;
const VECTORS = PANEL_BYTES / 16;

/** Panels that a flat strip takes at once, so that its few rows do not wait for their own sums. */
const panelsAtOnce = (height: number): number => (height === 1 ? 4 : height === 2 ? 2 : 1);

/**
 * The innermost functions of a convolution: `height` rows times some panels of columns, panel by panel in registers. Where an
 * element of A lies is the sum of an offset for its row and one for its tap, so that patches of a picture are read where they
 * are; a tap has an offset in B, too. That costs no more than to count pointers up: additions run beside the vector units.
 *
 * In `lanes` each column has rows of its own, side by side in A.
 */
export function addConvStrip(
  module: ModuleBuilder,
  element: Element,
  height: number,
  lanes: boolean,
): FunctionRef {
  return module.function(
    `conv${lanes ? "Lanes" : ""}Strip${element.name}x${height}`,
    STRIP,
    (f) => new StripWriter(f, element, height, lanes).write(),
    { exported: false },
  );
}

class StripWriter {
  private readonly rows: Local[];
  private readonly sums: Local[][];
  private readonly pointers: Local[];
  private readonly vectors: Local[];
  private readonly factor: Local;
  private readonly count: Local;
  private readonly at: Local;
  private readonly offset: Local;
  private readonly address: Local;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly element: Element,
    private readonly height: number,
    private readonly lanes: boolean,
  ) {
    const several = (n: number, type: "i32" | "v128") => Array.from({ length: n }, () => f.local(type));
    const panels = panelsAtOnce(height);
    this.rows = several(height, "i32");
    this.sums = this.rows.map(() => several(panels * VECTORS, "v128"));
    this.pointers = several(panels, "i32");
    this.vectors = several(panels * VECTORS, "v128");
    this.factor = f.local("v128");
    this.count = f.local("i32");
    this.at = f.local("i32");
    this.offset = f.local("i32");
    this.address = f.local("i32");
  }

  write(): void {
    const { f, height } = this;
    const [, , , , panels] = f.params;
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

  /** `width` panels of C; moves a, b and c behind them. */
  private tile(width: number): void {
    const { f, pointers, rows, count, at } = this;
    const [a, rowTable, b, bPanel, , tapTable, taps, c] = f.params;
    const zero = f.constant(new Uint8Array(16));
    for (const row of this.sums) for (const sum of row.slice(0, width * VECTORS)) f.set(sum, zero);
    rows.forEach((row, i) => {
      f.set(row, plus(a, load("i32.load", rowTable, ENTRY * i)));
    });
    for (let p = 0; p < width; p++) {
      f.set(pointers[p], b);
      f.add(b, bPanel);
    }
    f.set(at, tapTable);
    f.set(count, op("i32.shr_u", taps, i32(Math.log2(UNROLL))));
    repeat(f, count, () => {
      for (let u = 0; u < UNROLL; u++) this.step(width, u);
      f.add(at, i32(UNROLL * ENTRY));
    });
    f.set(count, op("i32.and", taps, i32(UNROLL - 1)));
    repeat(f, count, () => {
      this.step(width, 0);
      f.add(at, i32(ENTRY));
    });
    this.store(width);
    if (this.lanes) f.add(a, i32(width * PANEL_BYTES));
    f.add(c, i32(width * PANEL_BYTES));
  }

  /** One tap: every row's elements times the vectors of B. */
  private step(width: number, ahead: number): void {
    const { f, rows, sums, pointers, vectors, factor, element, at, offset, address, lanes } = this;
    f.set(offset, load("i32.load", at, ENTRY * ahead + 4));
    for (let p = 0; p < width; p++) {
      f.set(address, plus(pointers[p], offset));
      for (let v = 0; v < VECTORS; v++) f.set(vectors[p * VECTORS + v], load("v128.load", address, 16 * v));
    }
    f.set(offset, load("i32.load", at, ENTRY * ahead));
    rows.forEach((row, i) => {
      if (lanes) f.set(address, plus(row, offset));
      else f.set(factor, element.splat(plus(row, offset)));
      for (let v = 0; v < width * VECTORS; v++) {
        const left = lanes ? load("v128.load", address, 16 * v) : factor;
        f.set(sums[i][v], element.multiplyAdd(left, vectors[v], sums[i][v]));
      }
    });
  }

  private store(width: number): void {
    const { f, element, rows, sums } = this;
    const [, rowTable, , , , , , c, mode] = f.params;
    rows.forEach((row, i) => {
      f.set(row, plus(c, load("i32.load", rowTable, ENTRY * i + 4)));
    });
    const each = (act: (row: Local, sum: Local, offset: number) => void): void =>
      rows.forEach((row, i) => {
        for (let v = 0; v < width * VECTORS; v++) act(row, sums[i][v], 16 * v);
      });
    f.if(mode, () =>
      each((row, sum, offset) => f.set(sum, element.add(load("v128.load", row, offset), sum))),
    );
    each((row, sum, offset) => f.store("v128.store", row, sum, offset));
  }
}
