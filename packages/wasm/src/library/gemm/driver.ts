import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
} from "../../assemble/index.ts";
import { EPILOGUE, KERNEL } from "../../compile/emit/kernel.ts";
import { readWord, TABLES_AT, type Word } from "./descriptor.ts";
import { type Element, PANEL_BYTES } from "./element.ts";
import { choose, least, minus, plus, times } from "./parts.ts";
import { Mode } from "./strip.ts";

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

/**
 * `gemmFloat32` and its kind: computes the units of a product, block by block of k. `steps` are the ways to multiply a block: one,
 * or several in the order of `Packing`.
 */
export function addDriver(
  module: ModuleBuilder,
  family: string,
  element: Element,
  steps: readonly FunctionRef[],
): void {
  module.function(`${family}${element.name}`, KERNEL, (f) => {
    const [descriptor, lo, hi, scratch] = f.params;
    const lanes = PANEL_BYTES / element.bytes;
    const word = (name: Word): Expr => readWord(descriptor, name);
    const held = (name: Word): Local => f.let(word(name));
    const several = (n: number): Local[] => Array.from({ length: n }, () => f.local("i32"));
    const [aColumn, bRow, tileRow] = (["aColumn", "bRow", "tileRow"] as const).map(held);
    const [rest, row, rows, column, columns, whole, chunk, batch, kFrom, kTo] = several(10);
    const [a, b, c, cRow, length, mode, table] = several(7);

    /** The next digit of the unit's number. */
    const digit = (to: Local, name: Word): void => {
      const base = f.let(word(name));
      f.set(to, op("i32.rem_u", rest, base));
      f.set(rest, op("i32.div_u", rest, base));
    };

    /** Which block of C, which chunk of k, which matrix of the batch. */
    const number = (): void => {
      f.set(rest, lo);
      digit(row, "rowBlocks");
      digit(column, "columnBlocks");
      digit(chunk, "chunks");
      f.set(batch, rest);
      f.set(row, times(row, word("rowsPerBlock")));
      f.set(rows, minus(word("m"), row));
      least(f, rows, word("rowsPerBlock"));
      f.set(column, times(column, word("columnsPerBlock")));
      f.set(columns, minus(word("n"), column));
      least(f, columns, word("columnsPerBlock"));
      f.set(whole, columns);
      f.set(kFrom, times(chunk, word("chunkLength")));
      f.set(kTo, plus(kFrom, word("chunkLength")));
      least(f, kTo, word("k"));
    };

    /** Where the operands begin, and where the result goes. */
    const place = (): void => {
      f.set(a, plus(word("a"), plus(times(row, word("aRow")), times(kFrom, aColumn))));
      f.set(b, plus(word("b"), plus(times(column, word("bColumn")), times(kFrom, bRow))));
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
          f.set(whole, op("i32.and", plus(columns, i32(lanes - 1)), i32(-lanes)));
        },
        () => {
          f.set(cRow, word("cRow"));
          const start = plus(times(batch, word("cBatch")), times(chunk, word("cChunk")));
          const inside = plus(times(row, cRow), times(column, i32(element.bytes)));
          f.set(c, plus(word("c"), plus(start, inside)));
        },
      );
    };

    const multiply = (): void => {
      f.set(mode, i32(Mode.store));
      f.doWhile(
        () => {
          f.set(length, minus(kTo, kFrom));
          least(f, length, word("blockLength"));
          choose(f, word("packing"), steps, (step) =>
            f.call(step, descriptor, scratch, a, b, c, cRow, rows, columns, whole, length, mode),
          );
          f.add(a, times(length, aColumn));
          f.add(b, times(length, bRow));
          f.add(kFrom, length);
          f.set(mode, i32(Mode.add));
        },
        () => op("i32.lt_u", kFrom, kTo),
      );
    };

    const finish = (): void => {
      const right = f.let(plus(column, columns));
      f.if(
        word("isTransposed"),
        () =>
          callEpilogue(f, { batch, rows: [column, right], columns: [i32(0), i32(1)] }, i32(element.bytes)),
        () => callEpilogue(f, { batch, rows: [row, plus(row, rows)], columns: [column, right] }, tileRow),
      );
    };

    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        number();
        place();
        multiply();
        f.if(tileRow, finish);
        f.add(lo, i32(1));
      },
    );
  });
}
