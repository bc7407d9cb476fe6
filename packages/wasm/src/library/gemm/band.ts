import {
  type Expr,
  type FunctionRef,
  i32,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { type Element, PANEL_BYTES } from "./element.ts";
import { choose, storePart } from "./parts.ts";
import { addStrip, Mode } from "./strip.ts";

/**
 * (a, bytes from row to row of A, from k to k; rows; b, bytes from k to k, from panel to panel; whole panels, k; c, bytes from
 * row to row; mode; columns behind the whole panels, space for a tile).
 */
export const BAND: Signature = { params: Array(14).fill("i32"), results: [] };

/** (c, bytes from row to row; tile, bytes from row to row; rows, columns; mode: store or add) */
const EDGE: Signature = { params: Array(7).fill("i32"), results: [] };

/**
 * Rows of A times panels of B: strips one below the other, their heights as equal as can be (32 rows are strips of 6, 6, 5, 5, 5,
 * 5), so that none does less than its kind of work.
 */
export function addBand(module: ModuleBuilder, element: Element, edge: FunctionRef): FunctionRef {
  const strips = Array.from({ length: element.height }, (_, i) => addStrip(module, element, i + 1));
  return module.function(
    `band${element.name}`,
    BAND,
    (f) => {
      const [a, aRow, aColumn, rows, b, bRow, bPanel, panels, k, c, cRow, mode, tail, tile] = f.params;
      const count = f.let(op("i32.div_u", op("i32.add", rows, i32(element.height - 1)), i32(element.height)));
      const high = f.let(op("i32.rem_u", rows, count));
      const height = f.let(op("i32.add", op("i32.div_u", rows, count), op("i32.ne", high, i32(0))));
      const strip = (width: Expr, from: Expr, to: Expr, step: Expr, add: Expr): void =>
        choose(f, op("i32.sub", height, i32(1)), strips, (ref) =>
          f.call(ref, a, aRow, aColumn, from, bRow, bPanel, width, k, to, step, add),
        );
      f.while(
        () => rows,
        () => {
          f.if(panels, () => strip(panels, b, c, cRow, mode));
          f.if(tail, () => {
            strip(
              i32(1),
              op("i32.add", b, op("i32.mul", panels, bPanel)),
              tile,
              i32(PANEL_BYTES),
              i32(Mode.store),
            );
            const at = op("i32.add", c, op("i32.mul", panels, i32(PANEL_BYTES)));
            f.call(edge, at, cRow, tile, i32(PANEL_BYTES), height, tail, mode);
          });
          f.add(a, op("i32.mul", height, aRow));
          f.add(c, op("i32.mul", height, cRow));
          f.set(rows, op("i32.sub", rows, height));
          // The first strips have one row more.
          f.set(high, op("i32.sub", high, i32(1)));
          f.if(op("i32.eqz", high), () => f.set(height, op("i32.sub", height, i32(1))));
        },
      );
    },
    { exported: false },
  );
}

/** Stores or adds the columns of a tile that are there. */
export function addEdge(module: ModuleBuilder, element: Element): FunctionRef {
  return module.function(
    `edge${element.name}`,
    EDGE,
    (f) => {
      const [c, cRow, tile, tileRow, rows, columns, mode] = f.params;
      const at = f.local("i32");
      const from = f.local("i32");
      const left = f.local("i32");
      const vector = f.local("v128");
      f.while(
        () => rows,
        () => {
          f.set(at, c);
          f.set(from, tile);
          f.set(left, op("i32.mul", columns, i32(element.bytes)));
          f.while(
            () => op("i32.gt_s", left, i32(0)),
            () => {
              f.set(vector, load("v128.load", from));
              f.if(mode, () => f.set(vector, element.add(load("v128.load", at), vector)));
              storePart(f, at, vector, left);
              f.add(at, i32(16));
              f.add(from, i32(16));
              f.add(left, i32(-16));
            },
          );
          f.add(c, cRow);
          f.add(tile, tileRow);
          f.add(rows, i32(-1));
        },
      );
    },
    { exported: false },
  );
}
