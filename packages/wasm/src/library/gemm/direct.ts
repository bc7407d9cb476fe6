import {
  type Expr,
  type FunctionBuilder,
  type FunctionRef,
  i32,
  type Local,
  load,
  loadLane,
  type ModuleBuilder,
  op,
  type Signature,
} from "../../assemble/index.ts";
import type { Element } from "./element.ts";
import { minus, plus, repeat, storePart, times, transpose } from "./parts.ts";

/** (a, bytes from k to k; b, bytes from column to column; columns, k, c, mode: store or add) */
const DIRECT: Signature = { params: Array(8).fill("i32"), results: [] };

/** Vectors of columns at once: four sums in flight hide the time that an addition takes. */
const GROUPS = 4;
/**
 * Columns that are a multiple of 4 KB apart meet in one set of the first-level cache, which holds eight lines: sixteen
 * columns at once push one another out before they are read (1024 x 1024: 15 GB/s with sixteen, 28 with eight).
 */
const SET_STRIDE = 4096;
const LINES_OF_SET = 8;

/**
 * One row times columns whose elements lie next to each other (matrix times vector): they are transposed in registers, so that
 * B is read once, as it is, and every element of C is summed up in the same order as by a strip.
 */
export function addDirect(module: ModuleBuilder, element: Element): FunctionRef {
  return module.function(
    `direct${element.name}`,
    DIRECT,
    (f) => {
      const [, , , bColumn, columns] = f.params;
      const lanes = 16 / element.bytes;
      const several = (groups: number): void =>
        f.while(
          () => op("i32.ge_s", columns, i32(groups * lanes)),
          () => addColumns(f, element, groups),
        );
      const few = LINES_OF_SET / lanes;
      if (few < GROUPS) {
        f.if(op("i32.and", bColumn, i32(SET_STRIDE - 1)), () => several(GROUPS));
        several(few);
      } else several(GROUPS);
      f.while(
        () => op("i32.gt_s", columns, i32(0)),
        () => addColumns(f, element, 1),
      );
    },
    { exported: false },
  );
}

function addColumns(f: FunctionBuilder, element: Element, groups: number): void {
  const [a, aColumn, b, bColumn, columns, k, c, mode] = f.params;
  const lanes = 16 / element.bytes;
  const row = f.let(a);
  const sums = Array.from({ length: groups }, () => f.let(f.constant(new Uint8Array(16))));
  const steps = columnSteps(f, bColumn, columns, groups, lanes);
  const pointers = sums.map((_, g) => f.let(plus(b, times(bColumn, i32(g * lanes)))));
  const vectors = Array.from({ length: lanes }, () => f.local("v128"));
  const factors = Array.from({ length: lanes }, () => f.local("v128"));
  const places = (pointer: Local): Expr[] =>
    steps.map((step) => (step === null ? pointer : plus(pointer, step)));

  const transposed = (): void => {
    for (const factor of factors) {
      f.set(factor, element.splat(row));
      f.add(row, aColumn);
    }
    pointers.forEach((pointer, g) => {
      places(pointer).forEach((place, lane) => {
        f.set(vectors[lane], load("v128.load", place));
      });
      transpose(f, vectors).forEach((vector, step) => {
        f.set(sums[g], element.multiplyAdd(factors[step], vector, sums[g]));
      });
      f.add(pointer, i32(16));
    });
  };
  const single = (): void => {
    pointers.forEach((pointer, g) => {
      places(pointer).forEach((place, lane) => {
        const name = element.bytes === 4 ? "v128.load32_lane" : "v128.load64_lane";
        f.set(vectors[0], loadLane(name, lane, place, vectors[0]));
      });
      f.set(sums[g], element.multiplyAdd(element.splat(row), vectors[0], sums[g]));
      f.add(pointer, i32(element.bytes));
    });
    f.add(row, aColumn);
  };

  const count = f.let(op("i32.div_u", k, i32(lanes)));
  repeat(f, count, transposed);
  f.set(count, op("i32.rem_u", k, i32(lanes)));
  repeat(f, count, single);

  const left = f.let(times(columns, i32(element.bytes)));
  for (const sum of sums) {
    f.if(mode, () => f.set(sum, element.add(load("v128.load", c), sum)));
    if (groups === 1) storePart(f, c, sum, left);
    else f.store("v128.store", c, sum);
    f.add(c, i32(16));
  }
  f.add(b, times(bColumn, i32(groups * lanes)));
  f.set(columns, minus(columns, i32(groups * lanes)));
}

/** How far the columns of a group are from its first one; behind the last one comes the last one again. */
function columnSteps(
  f: FunctionBuilder,
  bColumn: Local,
  columns: Local,
  groups: number,
  lanes: number,
): (Local | null)[] {
  const steps: (Local | null)[] = [null];
  for (let lane = 1; lane < lanes; lane++) {
    const before = steps[lane - 1];
    const step = f.let(before ?? i32(0));
    if (groups > 1) f.add(step, bColumn);
    else f.if(op("i32.gt_s", columns, i32(lane)), () => f.add(step, bColumn));
    steps.push(step);
  }
  return steps;
}
