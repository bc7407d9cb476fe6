import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { PANEL_BYTES } from "./element.ts";
import { least, minus, plus, repeat, times, transpose } from "./parts.ts";

/**
 * (from, bytes from k to k, from column to column; to, k, columns): what copies a block of B into panels. Panel p begins at
 * to + p * k * PANEL_BYTES; columns behind the last one hold anything.
 */
export const PACK: Signature = { params: ["i32", "i32", "i32", "i32", "i32", "i32"], results: [] };

/** (from, bytes from k to k, from row to row; to, bytes from k to k; k, rows) */
const COPY: Signature = { params: Array(7).fill("i32"), results: [] };

/** The ways to make panels. */
export interface Packers {
  /** Columns next to each other: rows of panels are copied. */
  readonly rows: FunctionRef;
  /** k next to each other: small squares are transposed in registers. */
  readonly columns: FunctionRef;
  /** Any strides: element by element. */
  readonly scattered: FunctionRef;
}

/** Adds the packers for elements of 4 or 8 bytes. */
export function addPackers(module: ModuleBuilder, bytes: 4 | 8): Packers {
  const add = (name: string, body: (f: FunctionBuilder, bytes: 4 | 8) => void): FunctionRef =>
    module.function(`${name}${8 * bytes}`, PACK, (f) => body(f, bytes), { exported: false });
  return {
    rows: add("packRows", packRows),
    columns: add("packColumns", packColumns),
    scattered: add("packScattered", packScattered),
  };
}

/** Adds what copies a block of A, see `copyBlock`. */
export const addCopy = (module: ModuleBuilder, bytes: 4 | 8): FunctionRef =>
  module.function(`copyBlock${8 * bytes}`, COPY, (f) => copyBlock(f, bytes), { exported: false });

/** k that are gone through before the next columns: the processor fetches some rows ahead, but not many at a time. */
const SLICE = 16;

/** Two panels at once: they share a cache line of 64 bytes. */
function packRows(f: FunctionBuilder, bytes: number): void {
  const [from, kStep, , to, k, columns] = f.params;
  const lanes = PANEL_BYTES / bytes;
  const panelSize = f.let(op("i32.mul", k, i32(PANEL_BYTES)));
  const [slice, left, count, start, source, panel, target, second] = Array.from({ length: 8 }, () =>
    f.local("i32"),
  );
  const copy = (panels: number) => {
    f.set(source, start);
    f.set(target, panel);
    f.set(second, plus(panel, panelSize));
    f.set(count, slice);
    repeat(f, count, () => {
      for (let v = 0; v < 2 * panels; v++) {
        const vector = load("v128.load", source, 16 * v);
        f.store("v128.store", v < 2 ? target : second, vector, 16 * (v % 2));
      }
      f.add(source, kStep);
      f.add(target, i32(PANEL_BYTES));
      if (panels === 2) f.add(second, i32(PANEL_BYTES));
    });
    f.add(start, i32(panels * PANEL_BYTES));
    f.add(panel, op("i32.mul", panelSize, i32(panels)));
    f.set(left, minus(left, i32(panels * lanes)));
  };
  f.while(
    () => k,
    () => {
      f.set(slice, i32(SLICE));
      least(f, slice, k);
      f.set(start, from);
      f.set(panel, to);
      f.set(left, columns);
      f.while(
        () => op("i32.gt_s", left, i32(lanes)),
        () => copy(2),
      );
      f.if(op("i32.gt_s", left, i32(0)), () => copy(1));
      f.add(from, op("i32.mul", slice, kStep));
      f.add(to, op("i32.shl", slice, i32(Math.log2(PANEL_BYTES))));
      f.set(k, minus(k, slice));
    },
  );
}

function packColumns(f: FunctionBuilder, bytes: 4 | 8): void {
  const [from, , columnStep, to, k, columns] = f.params;
  const lanes = 16 / bytes;
  const width = 2 * lanes;
  const pointers = Array.from({ length: width }, () => f.local("i32"));
  const count = f.local("i32");
  const vectors = Array.from({ length: lanes }, () => f.local("v128"));
  f.while(
    () => op("i32.gt_s", columns, i32(0)),
    () => {
      // Columns behind the last one are the last one again: nothing outside the operand is read.
      pointers.forEach((pointer, j) => {
        f.set(pointer, j === 0 ? from : pointers[j - 1]);
        if (j > 0) f.if(op("i32.gt_s", columns, i32(j)), () => f.add(pointer, columnStep));
      });
      f.set(from, plus(pointers[width - 1], columnStep));
      f.set(count, op("i32.shr_u", k, i32(Math.log2(lanes))));
      repeat(f, count, () => {
        for (const half of [0, 1]) {
          const own = pointers.slice(half * lanes, (half + 1) * lanes);
          own.forEach((pointer, i) => {
            f.set(vectors[i], load("v128.load", pointer));
            f.add(pointer, i32(16));
          });
          transpose(f, vectors).forEach((vector, step) => {
            f.store("v128.store", to, vector, PANEL_BYTES * step + 16 * half);
          });
        }
        f.add(to, i32(lanes * PANEL_BYTES));
      });
      f.set(count, op("i32.and", k, i32(lanes - 1)));
      repeat(f, count, () => {
        pointers.forEach((pointer, j) => {
          copyElement(f, bytes, to, j * bytes, pointer);
          f.add(pointer, i32(bytes));
        });
        f.add(to, i32(PANEL_BYTES));
      });
      f.set(columns, minus(columns, i32(width)));
    },
  );
}

const copyElement = (f: FunctionBuilder, bytes: 4 | 8, to: Expr, offset: number, from: Expr): void =>
  bytes === 4
    ? f.store("i32.store", to, load("i32.load", from), offset)
    : f.store("i64.store", to, load("i64.load", from), offset);

function packScattered(f: FunctionBuilder, bytes: 4 | 8): void {
  const [from, kStep, columnStep, to, k, columns] = f.params;
  const lanes = PANEL_BYTES / bytes;
  const [source, target, rest, count, row] = Array.from({ length: 5 }, () => f.local("i32"));
  f.while(
    () => op("i32.gt_s", columns, i32(0)),
    () => {
      f.set(row, from);
      f.set(rest, k);
      repeat(f, rest, () => {
        f.set(source, row);
        f.set(target, to);
        f.set(count, i32(lanes));
        f.if(op("i32.lt_s", columns, count), () => f.set(count, columns));
        repeat(f, count, () => {
          copyElement(f, bytes, target, 0, source);
          f.add(source, columnStep);
          f.add(target, i32(bytes));
        });
        f.add(row, kStep);
        f.add(to, i32(PANEL_BYTES));
      });
      f.add(from, op("i32.mul", columnStep, i32(lanes)));
      f.set(columns, minus(columns, i32(lanes)));
    },
  );
}

/** Some rows of A, k by k close together: what is far apart would meet in few sets of the caches. */
function copyBlock(f: FunctionBuilder, bytes: 4 | 8): void {
  const [from, kStep, rowStep, to, toStep, k, rows] = f.params;
  const [source, target, count] = Array.from({ length: 3 }, () => f.local("i32"));
  const vectors = f.let(op("i32.shr_u", plus(times(rows, i32(bytes)), i32(15)), i32(4)));
  repeat(f, k, () => {
    f.set(source, from);
    f.set(target, to);
    f.if(
      op("i32.eq", rowStep, i32(bytes)),
      () => {
        f.set(count, vectors);
        repeat(f, count, () => {
          f.store("v128.store", target, load("v128.load", source));
          f.add(source, i32(16));
          f.add(target, i32(16));
        });
      },
      () => {
        f.set(count, rows);
        repeat(f, count, () => {
          copyElement(f, bytes, target, 0, source);
          f.add(source, rowStep);
          f.add(target, i32(bytes));
        });
      },
    );
    f.add(from, kStep);
    f.add(to, toStep);
  });
}
