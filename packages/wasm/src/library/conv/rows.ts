import {
  type Expr,
  type FunctionRef,
  i32,
  load,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import { type Element, PANEL_BYTES } from "../gemm/element.ts";
import { choose, minus, plus, storePart, times } from "../gemm/parts.ts";
import { Mode } from "../gemm/strip.ts";
import { addConvStrip, ENTRY } from "./strip.ts";

/**
 * (a, table of rows, rows; b, bytes from panel to panel, whole panels; table of taps, taps; c; mode; columns behind the whole
 * panels, space for a tile).
 */
const ROWS: Signature = { params: Array(12).fill("i32"), results: [] };

/** (c, table of rows, rows; tile; columns; mode: store or add) */
const EDGE: Signature = { params: Array(6).fill("i32"), results: [] };

/** Rows times panels: strips one below the other, their heights as equal as can be. */
export function addRows(module: ModuleBuilder, element: Element, lanes: boolean): FunctionRef {
  const edge = addEdge(module, element);
  const strips = Array.from({ length: element.height }, (_, i) =>
    addConvStrip(module, element, i + 1, lanes),
  );
  return module.function(
    `convRows${element.name}`,
    ROWS,
    (f) => {
      const [a, rowTable, rows, b, bPanel, panels, tapTable, taps, c, mode, tail, tile] = f.params;
      const count = f.let(op("i32.div_u", plus(rows, i32(element.height - 1)), i32(element.height)));
      const high = f.let(op("i32.rem_u", rows, count));
      const height = f.let(plus(op("i32.div_u", rows, count), op("i32.ne", high, i32(0))));
      const strip = (width: Expr, firstA: Expr, table: Expr, firstB: Expr, to: Expr, how: Expr): void =>
        choose(f, minus(height, i32(1)), strips, (ref) =>
          f.call(ref, firstA, table, firstB, bPanel, width, tapTable, taps, to, how),
        );
      // The tile's own table of rows: [anything, place in the tile] for each.
      const own = f.let(plus(tile, i32(element.height * PANEL_BYTES)));
      const row = f.local("i32");
      const at = f.local("i32");
      f.while(
        () => rows,
        () => {
          f.if(panels, () => strip(panels, a, rowTable, b, c, mode));
          f.if(tail, () => {
            f.set(row, i32(0));
            f.doWhile(
              () => {
                f.set(at, times(row, i32(ENTRY)));
                f.store("i32.store", plus(own, at), load("i32.load", plus(rowTable, at)));
                f.store("i32.store", plus(own, at), times(row, i32(PANEL_BYTES)), 4);
                f.add(row, i32(1));
              },
              () => op("i32.lt_u", row, height),
            );
            const behind = times(panels, i32(PANEL_BYTES));
            const firstA = lanes ? plus(a, behind) : a;
            strip(i32(1), firstA, own, plus(b, times(panels, bPanel)), tile, i32(Mode.store));
            f.call(edge, plus(c, behind), rowTable, height, tile, tail, mode);
          });
          f.add(rowTable, times(height, i32(ENTRY)));
          f.set(rows, minus(rows, height));
          // The first strips have one row more.
          f.set(high, minus(high, i32(1)));
          f.if(op("i32.eqz", high), () => f.set(height, minus(height, i32(1))));
        },
      );
    },
    { exported: false },
  );
}

/** Bytes of a tile at the edge and its table of rows. */
export const edgeBytes = (height: number): number => height * (PANEL_BYTES + ENTRY);

/** Stores or adds the columns of a tile that are there. */
function addEdge(module: ModuleBuilder, element: Element): FunctionRef {
  return module.function(
    `convEdge${element.name}`,
    EDGE,
    (f) => {
      const [c, rowTable, rows, tile, columns, mode] = f.params;
      const [at, from, left] = Array.from({ length: 3 }, () => f.local("i32"));
      const vector = f.local("v128");
      f.while(
        () => rows,
        () => {
          f.set(at, plus(c, load("i32.load", rowTable, 4)));
          f.set(from, tile);
          f.set(left, times(columns, i32(element.bytes)));
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
          f.add(rowTable, i32(ENTRY));
          f.add(tile, i32(PANEL_BYTES));
          f.set(rows, minus(rows, i32(1)));
        },
      );
    },
    { exported: false },
  );
}
