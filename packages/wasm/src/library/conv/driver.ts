import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  type ModuleBuilder,
  op,
} from "../../assemble/index.ts";
import { EPILOGUE, KERNEL } from "../../compile/emit/kernel.ts";
import { type Element, PANEL_BYTES } from "../gemm/element.ts";
import { least, minus, plus, times } from "../gemm/parts.ts";
import { Mode } from "../gemm/strip.ts";
import { addCopyBox } from "./copy.ts";
import { CHANNELS, type CommonWord, readCommon, readSlot, SLOTS, type SlotWord } from "./descriptor.ts";
import { addRows } from "./rows.ts";

const SLOT_NUMBERS = Array.from({ length: SLOTS }, (_, slot) => slot);

/** `convFloat32` and its kind, and `convLanesFloat32` where each channel is a column: computes the units of a convolution. */
export function addConvDriver(module: ModuleBuilder, name: string, element: Element, lanes: boolean): void {
  const parts = { rows: addRows(module, element, lanes), copy: addCopyBox(module, element.bytes) };
  module.function(name, KERNEL, (f) => new DriverWriter(f, element, lanes, parts).write());
}

class DriverWriter {
  private readonly rest: Local;
  private readonly group: Local;
  private readonly column: Local;
  private readonly columns: Local;
  private readonly rows: Local;
  private readonly firstRow: Local;
  private readonly taps: Local;
  private readonly block: Local;
  private readonly blocksEnd: Local;
  private readonly a: Local;
  private readonly b: Local;
  private readonly c: Local;
  private readonly mode: Local;
  private readonly result: Local[];
  private readonly tap: Local[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly element: Element,
    private readonly lanes: boolean,
    private readonly parts: { readonly rows: FunctionRef; readonly copy: FunctionRef },
  ) {
    const local = (): Local => f.local("i32");
    this.rest = local();
    this.group = local();
    this.column = local();
    this.columns = local();
    this.rows = local();
    this.firstRow = local();
    this.taps = local();
    this.block = local();
    this.blocksEnd = local();
    this.a = local();
    this.b = local();
    this.c = local();
    this.mode = local();
    this.result = SLOT_NUMBERS.map(local);
    this.tap = SLOT_NUMBERS.map(local);
  }

  private word(word: CommonWord): Expr {
    return readCommon(this.f.params[0], word);
  }

  private slot(slot: number, word: SlotWord): Expr {
    return readSlot(this.f.params[0], slot, word);
  }

  write(): void {
    const { f } = this;
    const [, lo, hi] = f.params;
    this.clearCounts();
    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        this.unit(lo);
        f.set(this.mode, i32(Mode.store));
        f.doWhile(
          () => {
            this.contract();
            f.set(this.mode, i32(Mode.add));
            f.add(this.block, i32(1));
          },
          () => op("i32.lt_u", this.block, this.blocksEnd),
        );
        f.if(this.word("tileRow"), () => this.finish());
        f.add(lo, i32(1));
      },
    );
  }

  /** The next digit of a number. */
  private digit(to: Local, base: Expr): void {
    const { f, rest } = this;
    f.if(
      op("i32.eq", base, i32(1)),
      () => f.set(to, i32(0)),
      () => {
        f.set(to, op("i32.rem_u", rest, base));
        f.set(rest, op("i32.div_u", rest, base));
      },
    );
  }

  /** Which block of rows and columns of which group, which chunk; where its results go. */
  private unit(number: Local): void {
    const { f, result, rest, group, column, columns, rows, firstRow, c } = this;
    f.set(rest, number);
    f.set(rows, i32(1));
    f.set(firstRow, i32(0));
    const offset = f.let(i32(0));
    this.digit(group, this.word("groups"));
    for (const slot of [...SLOT_NUMBERS].reverse()) {
      if (slot === CHANNELS) continue;
      this.digit(result[slot], this.slot(slot, "resultBlocks"));
      f.set(result[slot], times(result[slot], this.slot(slot, "resultStep")));
      this.shareOf(rows, slot, result[slot], "results", "resultStep");
      f.add(firstRow, times(result[slot], this.slot(slot, "rowStride")));
      f.add(offset, times(result[slot], this.slot(slot, "cStride")));
    }
    this.digit(column, this.word("columnBlocks"));
    const chunk = f.let(rest);
    f.set(this.block, times(chunk, this.word("blocksPerChunk")));
    f.set(this.blocksEnd, plus(this.block, this.word("blocksPerChunk")));
    least(f, this.blocksEnd, this.word("blocks"));
    f.set(column, times(column, this.word("columnsPerBlock")));
    f.set(columns, minus(this.word("columns"), column));
    least(f, columns, this.word("columnsPerBlock"));
    f.if(
      this.word("tileRow"),
      () => f.set(c, plus(f.params[3], this.word("tileAt"))),
      () => {
        f.set(c, plus(this.word("c"), plus(this.word("cAt"), times(chunk, this.word("cChunk")))));
        f.add(c, plus(times(group, this.word("cGroup")), times(column, i32(this.element.bytes))));
        f.add(c, offset);
      },
    );
  }

  /** Multiplies `size` by the number of results, or taps, of a block in a slot. */
  private shareOf(
    size: Local,
    slot: number,
    first: Local,
    all: "results" | "taps",
    step: "resultStep" | "tapStep",
  ): void {
    const { f } = this;
    const share = f.let(minus(this.slot(slot, all), first));
    least(f, share, this.slot(slot, step));
    f.set(size, times(size, share));
  }

  /** Adds the products of one block of taps. */
  private contract(): void {
    const { f, tap, rest, taps, a, b, group, lanes, element } = this;
    const [descriptor, , , scratch] = f.params;
    const columnBlock = f.let(op("i32.div_u", this.column, this.word("columnsPerBlock")));
    f.set(rest, this.block);
    f.set(taps, i32(1));
    f.set(b, plus(this.word("w"), plus(this.word("wAt"), times(group, this.word("wGroup")))));
    f.add(b, times(columnBlock, this.word("wColumns")));
    for (const slot of [...SLOT_NUMBERS].reverse()) {
      this.digit(tap[slot], this.slot(slot, "tapBlocks"));
      f.set(tap[slot], times(tap[slot], this.slot(slot, "tapStep")));
      this.shareOf(taps, slot, tap[slot], "taps", "tapStep");
      f.add(b, times(tap[slot], this.slot(slot, "wStride")));
    }
    f.set(a, plus(this.word("x"), times(group, this.word("xGroup"))));
    if (lanes) f.add(a, times(this.column, this.word("xColumn")));
    f.if(
      this.word("bandBytes"),
      () => this.copyBand(),
      () => {
        for (const slot of SLOT_NUMBERS) f.add(a, times(this.origin(slot), this.slot(slot, "xStride")));
      },
    );
    const per = PANEL_BYTES / element.bytes;
    const columns = f.let(this.columns);
    f.if(this.word("isWhole"), () => f.set(columns, op("i32.and", plus(columns, i32(per - 1)), i32(-per))));
    f.call(
      this.parts.rows,
      a,
      plus(descriptor, this.word("rowTable")),
      this.rows,
      b,
      this.word("wPanel"),
      op("i32.shr_u", columns, i32(Math.log2(per))),
      plus(descriptor, this.word("tapTable")),
      taps,
      this.c,
      this.mode,
      op("i32.and", columns, i32(per - 1)),
      scratch,
    );
  }

  /** The place in x of a block's first element along an axis; in `lanes` columns are counted elsewhere. */
  private origin(slot: number): Expr {
    const { result, tap, lanes } = this;
    if (slot === CHANNELS) return lanes ? i32(0) : tap[slot];
    const results = times(result[slot], this.slot(slot, "stride"));
    if (slot === 0) return plus(results, tap[slot]);
    return minus(plus(results, times(tap[slot], this.slot(slot, "dilation"))), this.slot(slot, "low"));
  }

  /** Copies what a block reads of x, zeros where there is nothing. */
  private copyBand(): void {
    const { f, a, lanes } = this;
    const [descriptor, , , scratch] = f.params;
    const band = f.let(plus(scratch, this.word("bandAt")));
    const to = f.let(band);
    const isWhole = f.let(i32(1));
    const isEmpty = f.let(i32(0));
    const [origin, low, high, size] = Array.from({ length: 4 }, () => f.local("i32"));
    for (const slot of SLOT_NUMBERS) {
      f.set(origin, this.origin(slot));
      f.set(size, this.slot(slot, "bandSize"));
      if (lanes && slot === CHANNELS) {
        f.set(low, i32(0));
        f.set(high, this.columns);
      } else {
        f.set(low, minus(i32(0), origin));
        f.if(op("i32.lt_s", low, i32(0)), () => f.set(low, i32(0)));
        f.set(high, minus(this.slot(slot, "size"), origin));
      }
      f.if(op("i32.gt_s", high, size), () => f.set(high, size));
      f.add(a, times(plus(origin, low), this.slot(slot, "xStride")));
      f.add(to, times(low, this.slot(slot, "bandStride")));
      f.set(high, minus(high, low));
      f.if(op("i32.ne", high, size), () => f.set(isWhole, i32(0)));
      f.if(op("i32.le_s", high, i32(0)), () => f.set(isEmpty, i32(1)));
      f.store("i32.store", plus(plus(scratch, this.word("countsAt")), this.slot(slot, "countAt")), high);
    }
    f.if(op("i32.eqz", isWhole), () => f.memoryFill(band, i32(0), this.word("bandBytes")));
    f.if(op("i32.eqz", isEmpty), () =>
      f.call(this.parts.copy, descriptor, a, to, plus(scratch, this.word("countsAt"))),
    );
    f.set(a, band);
  }

  /** Loops of copying that no axis needs run once. */
  private clearCounts(): void {
    const { f } = this;
    const counts = f.let(plus(f.params[3], this.word("countsAt")));
    for (let loop = 0; loop < SLOTS; loop++) f.store("i32.store", counts, i32(1), 4 * loop);
  }

  private finish(): void {
    const { f, firstRow, rows, column, columns } = this;
    const [, , , scratch] = f.params;
    f.callIndirect(
      EPILOGUE,
      this.word("epilogueFunction"),
      this.word("epilogueDescriptor"),
      this.group,
      firstRow,
      plus(firstRow, rows),
      column,
      plus(column, columns),
      plus(scratch, this.word("tileAt")),
      this.word("tileRow"),
      plus(scratch, this.word("epilogueAt")),
    );
  }
}
