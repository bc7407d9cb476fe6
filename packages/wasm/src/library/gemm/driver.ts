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
import { Packing, readWord, TABLES_AT, type Word } from "./descriptor.ts";
import { type Element, PANEL_BYTES } from "./element.ts";
import type { Packers } from "./pack.ts";
import { SLICE } from "./pack.ts";
import { least, plus, times } from "./parts.ts";
import { Mode } from "./strip.ts";

/** What every kernel takes: descriptor, first unit, end of units, this thread's scratch. */
export const KERNEL: Signature = { params: ["i32", "i32", "i32", "i32"], results: [] };
/** (descriptor, batch, rows from, to, columns from, to, tile, bytes of a row of the tile, scratch) */
export const EPILOGUE: Signature = { params: Array(9).fill("i32"), results: [] };

/** A block of C, from and to before. */
interface Block {
  readonly batch: Expr;
  readonly rows: readonly [Expr, Expr];
  readonly columns: readonly [Expr, Expr];
}

/** Hands a tile to the epilogue that a kernel's descriptor names. */
export function callEpilogue(f: FunctionBuilder, { batch, rows, columns }: Block, tileRow: Expr): void {
  const [descriptor, , , scratch] = f.params;
  const word = (name: Word): Expr => readWord(descriptor, name);
  const tile = plus(scratch, word("tileAt"));
  const own = plus(scratch, word("epilogueAt"));
  f.callIndirect(
    EPILOGUE,
    word("epilogueFunction"),
    word("epilogueDescriptor"),
    batch,
    ...rows,
    ...columns,
    tile,
    tileRow,
    own,
  );
}

/** The functions that a product is made of. */
export interface Parts {
  readonly band: FunctionRef;
  readonly edge: FunctionRef;
  readonly packers: Packers;
  readonly direct: FunctionRef;
}

/** `gemmFloat32` and its kind: computes the units of a product, block by block of k. */
export function addDriver(
  module: ModuleBuilder,
  element: Element,
  { band, edge, packers, direct }: Parts,
): void {
  module.function(`gemm${element.name}`, KERNEL, (f) => {
    const [descriptor, lo, hi, scratch] = f.params;
    const lanes = PANEL_BYTES / element.bytes;
    const word = (name: Word): Expr => readWord(descriptor, name);
    const held = (name: Word): Local => f.let(word(name));
    const [k, aRow, aColumn, bRow, bColumn] = (["k", "aRow", "aColumn", "bRow", "bColumn"] as const).map(
      held,
    );
    const [packing, tileRow, blockLength] = (["packing", "tileRow", "blockLength"] as const).map(held);
    const [rest, row, rows, column, columns, chunk, batch, kFrom, kTo] = Array.from({ length: 9 }, () =>
      f.local("i32"),
    );
    const [a, b, c, cRow, panels, tail, length, mode] = Array.from({ length: 8 }, () => f.local("i32"));
    const [panelsAt, panelRow, panelStep, table] = Array.from({ length: 4 }, () => f.local("i32"));
    /** The next digit of the unit's number. */
    const digit = (name: Word): Expr => {
      const base = f.let(word(name));
      const value = f.let(op("i32.rem_u", rest, base));
      f.set(rest, op("i32.div_u", rest, base));
      return value;
    };

    const place = (): void => {
      f.set(rest, lo);
      f.set(row, times(digit("rowBlocks"), word("rowsPerBlock")));
      f.set(column, times(digit("columnBlocks"), word("columnsPerBlock")));
      f.set(chunk, digit("chunks"));
      f.set(batch, rest);
      f.set(rows, op("i32.sub", word("m"), row));
      least(f, rows, word("rowsPerBlock"));
      f.set(columns, op("i32.sub", word("n"), column));
      least(f, columns, word("columnsPerBlock"));
      f.set(kFrom, times(chunk, word("chunkLength")));
      f.set(kTo, plus(kFrom, word("chunkLength")));
      least(f, kTo, k);
      f.set(a, plus(word("a"), plus(times(row, aRow), times(kFrom, aColumn))));
      f.set(b, plus(word("b"), plus(times(column, bColumn), times(kFrom, bRow))));
      f.if(
        word("hasTables"),
        () => {
          f.set(table, plus(descriptor, op("i32.shl", batch, i32(3))));
          f.add(a, load("i32.load", table, 4 * TABLES_AT));
          f.add(b, load("i32.load", table, 4 * TABLES_AT + 4));
        },
        () => {
          f.add(a, times(batch, word("aBatch")));
          f.add(b, times(batch, word("bBatch")));
        },
      );
      f.if(
        tileRow,
        () => {
          f.set(c, plus(scratch, word("tileAt")));
          f.set(cRow, tileRow);
          // The tile has room for whole panels.
          f.set(columns, op("i32.and", plus(columns, i32(lanes - 1)), i32(-lanes)));
        },
        () => {
          f.set(cRow, word("cRow"));
          const start = plus(times(batch, word("cBatch")), times(chunk, word("cChunk")));
          const inside = plus(times(row, cRow), times(column, i32(element.bytes)));
          f.set(c, plus(word("c"), plus(start, inside)));
        },
      );
      f.set(panels, op("i32.div_u", columns, i32(lanes)));
      f.set(tail, op("i32.and", columns, i32(lanes - 1)));
    };

    const pack = (): void => {
      f.set(panelsAt, plus(scratch, word("packedAt")));
      f.set(panelRow, i32(PANEL_BYTES));
      f.set(panelStep, times(length, i32(PANEL_BYTES)));
      const call = (ref: FunctionRef) => f.call(ref, b, bRow, bColumn, panelsAt, length, realColumns());
      f.if(
        op("i32.eq", packing, i32(Packing.rows)),
        () => call(packers.rows),
        () =>
          f.if(
            op("i32.eq", packing, i32(Packing.columns)),
            () => call(packers.columns),
            () => call(packers.scattered),
          ),
      );
    };
    /** The block's columns without those that only fill up the tile. */
    const realColumns = (): Expr => {
      const left = f.let(op("i32.sub", word("n"), column));
      return select(op("i32.lt_u", left, columns), left, columns);
    };

    /** A block's sums in slices of k: few rows of B at a time are fetched ahead, many are not. */
    const slice = (): void => {
      const own = f.let(plus(scratch, word("packedAt")));
      const ownRow = f.let(
        op("i32.and", times(plus(columns, i32(lanes - 1)), i32(element.bytes)), i32(-PANEL_BYTES)),
      );
      const all = f.let(op("i32.shr_u", ownRow, i32(5)));
      const [x, y, left, part, own_mode] = Array.from({ length: 5 }, () => f.local("i32"));
      f.set(x, a);
      f.set(y, b);
      f.set(left, length);
      f.set(own_mode, i32(Mode.store));
      f.doWhile(
        () => {
          f.set(part, left);
          least(f, part, i32(SLICE));
          f.call(
            band,
            x,
            aRow,
            aColumn,
            rows,
            y,
            bRow,
            i32(PANEL_BYTES),
            all,
            part,
            own,
            ownRow,
            own_mode,
            i32(0),
            scratch,
          );
          f.set(own_mode, i32(Mode.continue));
          f.add(x, times(part, aColumn));
          f.add(y, times(part, bRow));
          f.set(left, op("i32.sub", left, part));
        },
        () => left,
      );
      f.call(edge, c, cRow, own, ownRow, rows, columns, mode);
    };

    const multiply = (): void => {
      f.set(mode, i32(Mode.store));
      f.doWhile(
        () => {
          f.set(length, op("i32.sub", kTo, kFrom));
          least(f, length, blockLength);
          f.block((done) => {
            f.if(op("i32.eq", packing, i32(Packing.direct)), () => {
              f.call(direct, a, aColumn, b, bColumn, realColumns(), length, c, mode);
              f.branch(done);
            });
            f.if(op("i32.eq", packing, i32(Packing.slices)), () => {
              slice();
              f.branch(done);
            });
            f.if(packing, pack, () => {
              f.set(panelsAt, b);
              f.set(panelRow, bRow);
              f.set(panelStep, i32(PANEL_BYTES));
            });
            const strides = [aRow, aColumn, rows, panelsAt, panelRow, panelStep, panels];
            f.call(band, a, ...strides, length, c, cRow, mode, tail, scratch);
          });
          f.add(a, times(length, aColumn));
          f.add(b, times(length, bRow));
          f.add(kFrom, length);
          f.set(mode, i32(Mode.add));
        },
        () => op("i32.lt_u", kFrom, kTo),
      );
    };

    const finish = (): void => {
      const end = f.let(plus(column, columns));
      least(f, end, word("n"));
      f.if(
        word("isTransposed"),
        () => callEpilogue(f, { batch, rows: [column, end], columns: [i32(0), i32(1)] }, i32(element.bytes)),
        () => callEpilogue(f, { batch, rows: [row, plus(row, rows)], columns: [column, end] }, tileRow),
      );
    };

    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        place();
        multiply();
        f.if(tileRow, finish);
        f.add(lo, i32(1));
      },
    );
  });
}
