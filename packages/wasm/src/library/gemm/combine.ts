import { type Expr, i32, type Local, load, type ModuleBuilder, op } from "../../assemble/index.ts";
import { KERNEL } from "../../compile/emit/kernel.ts";
import { readWord, type Word } from "./descriptor.ts";
import { callEpilogue } from "./driver.ts";
import type { Element } from "./element.ts";
import { least, minus, plus, storePart, times } from "./parts.ts";

/**
 * `combineFloat32` and its kind: adds the partial products of a split k in order, and stores them or hands them to the
 * epilogue. A is the workspace: aBatch, cChunk and aRow lead to the next product, chunk and row. A unit is some rows of a
 * product.
 */
export function addCombine(module: ModuleBuilder, element: Element): void {
  module.function(`combine${element.name}`, KERNEL, (f) => {
    const [descriptor, lo, hi, scratch] = f.params;
    const word = (name: Word): Expr => readWord(descriptor, name);
    const held = (name: Word): Local => f.let(word(name));
    const [tileRow, chunks, cChunk, aRow] = (["tileRow", "chunks", "cChunk", "aRow"] as const).map(held);
    const cRow = f.local("i32");
    const rowBlocks = held("rowBlocks");
    const [batch, row, rows, from, to, left, at, source, chunk] = Array.from({ length: 9 }, () =>
      f.local("i32"),
    );
    const sum = f.local("v128");

    const sumUp = (): void => {
      f.set(sum, load("v128.load", from));
      f.set(source, from);
      f.set(chunk, minus(chunks, i32(1)));
      f.while(
        () => chunk,
        () => {
          f.add(source, cChunk);
          f.set(sum, element.add(sum, load("v128.load", source)));
          f.add(chunk, i32(-1));
        },
      );
    };
    const addRow = (): void => {
      f.set(left, times(word("n"), i32(element.bytes)));
      f.set(at, to);
      f.doWhile(
        () => {
          sumUp();
          storePart(f, at, sum, left);
          f.add(from, i32(16));
          f.add(at, i32(16));
          f.add(left, i32(-16));
        },
        () => op("i32.gt_s", left, i32(0)),
      );
    };

    f.while(
      () => op("i32.lt_u", lo, hi),
      () => {
        f.set(batch, op("i32.div_u", lo, rowBlocks));
        f.set(row, times(op("i32.rem_u", lo, rowBlocks), word("rowsPerBlock")));
        f.set(rows, minus(word("m"), row));
        least(f, rows, word("rowsPerBlock"));
        const last = f.let(plus(row, rows));
        const start = f.let(plus(word("a"), plus(times(batch, word("aBatch")), times(row, aRow))));
        f.if(
          tileRow,
          () => {
            f.set(cRow, tileRow);
            f.set(to, plus(scratch, word("tileAt")));
          },
          () => {
            f.set(cRow, word("cRow"));
            f.set(to, plus(word("c"), plus(times(batch, word("cBatch")), times(row, cRow))));
          },
        );
        f.doWhile(
          () => {
            f.set(from, start);
            addRow();
            f.add(start, aRow);
            f.add(to, cRow);
            f.set(rows, minus(rows, i32(1)));
          },
          () => rows,
        );
        f.if(tileRow, () =>
          f.if(
            word("isTransposed"),
            () =>
              callEpilogue(
                f,
                { batch, rows: [i32(0), word("n")], columns: [i32(0), i32(1)] },
                i32(element.bytes),
              ),
            () => callEpilogue(f, { batch, rows: [row, last], columns: [i32(0), word("n")] }, tileRow),
          ),
        );
        f.add(lo, i32(1));
      },
    );
  });
}
