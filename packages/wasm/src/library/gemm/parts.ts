import {
  type Expr,
  type FunctionBuilder,
  i32,
  type Label,
  type Local,
  op,
  shuffle32,
  shuffle64,
} from "../../assemble/index.ts";

export const plus = (a: Expr, b: Expr): Expr => op("i32.add", a, b);
export const minus = (a: Expr, b: Expr): Expr => op("i32.sub", a, b);

export const times = (a: Expr, b: Expr): Expr => op("i32.mul", a, b);

/** At most `bound`, without sign. */
export const least = (f: FunctionBuilder, local: Local, bound: Expr): void =>
  f.if(op("i32.gt_u", local, bound), () => f.set(local, bound));

/** `body` so many times; counts `count` down. */
export function repeat(f: FunctionBuilder, count: Local, body: () => void): void {
  f.if(op("i32.gt_s", count, i32(0)), () =>
    f.doWhile(
      () => {
        body();
        f.set(count, minus(count, i32(1)));
      },
      () => op("i32.gt_s", count, i32(0)),
    ),
  );
}

/** Does something with the one of `items` that `index` says. */
export function choose<T>(
  f: FunctionBuilder,
  index: Expr,
  items: readonly T[],
  act: (item: T) => void,
): void {
  f.block((done) => {
    const labels: Label[] = [];
    const nest = (i: number): void => {
      if (i < 0) {
        f.branchTable(index, [...labels].reverse());
        return;
      }
      f.block((label) => {
        labels.push(label);
        nest(i - 1);
      });
      act(items[i]);
      f.branch(done);
    };
    nest(items.length - 1);
  });
}

/** Transposes as many vectors as a vector has lanes. */
export function transpose(f: FunctionBuilder, rows: readonly Local[]): Expr[] {
  if (rows.length === 2) {
    return [shuffle64(rows[0], rows[1], [0, 2]), shuffle64(rows[0], rows[1], [1, 3])];
  }
  const [a, b, c, d] = rows;
  const ab = [f.let(shuffle32(a, b, [0, 4, 1, 5])), f.let(shuffle32(a, b, [2, 6, 3, 7]))];
  const cd = [f.let(shuffle32(c, d, [0, 4, 1, 5])), f.let(shuffle32(c, d, [2, 6, 3, 7]))];
  return [0, 1, 2, 3].map((i) =>
    shuffle32(ab[i >> 1], cd[i >> 1], i % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]),
  );
}

/** Stores a vector, or as many bytes of it: a multiple of 4. */
export function storePart(f: FunctionBuilder, at: Local, vector: Local, bytes: Local): void {
  f.if(
    op("i32.ge_s", bytes, i32(16)),
    () => f.store("v128.store", at, vector),
    () => {
      f.if(
        op("i32.and", bytes, i32(8)),
        () => {
          f.storeLane("v128.store64_lane", 0, at, vector);
          f.if(op("i32.and", bytes, i32(4)), () => f.storeLane("v128.store32_lane", 2, at, vector, 8));
        },
        () => f.storeLane("v128.store32_lane", 0, at, vector),
      );
    },
  );
}
