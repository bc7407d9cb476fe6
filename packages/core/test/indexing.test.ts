import { describe, expect, test } from "vitest";
import {
  compile,
  DTYPES,
  type DType,
  gather,
  gatherNd,
  grad,
  IndexError,
  ones,
  putAlongAxis,
  scatterAdd,
  scatterMax,
  scatterMin,
  scatterMul,
  scatterSet,
  segmentSum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
  variable,
  vmap,
  where,
  zeros,
} from "../src/index.ts";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const ints = (values: number[], shape = [values.length]): Tensor =>
  tensor(Int32Array.from(values), { shape });

describe("what is looked up", () => {
  test("take counts flat without an axis, and from the end", () => {
    expect(take(x, [0, -1, 4]).arraySync()).toEqual([1, 6, 5]);
    expect(take(x, 1).arraySync()).toBe(2);
    expect(x.take([[2, 0]], { axis: 1 }).arraySync()).toEqual([[[3, 1]], [[6, 4]]]);
    expect(x.take(ints([-1, 0]), { axis: 0 }).arraySync()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
    ]);
    expect(x.take(-1, { axis: -1 }).arraySync()).toEqual([3, 6]);
  });

  test("gather has batch axes", () => {
    const index = tensor(new Uint32Array([2, 0, 1, 1]), { shape: [2, 2] });
    expect(gather(x, index, { batchDims: 1 }).arraySync()).toEqual([
      [3, 1],
      [5, 5],
    ]);
    const deep = tensor(
      new Float32Array(24).map((_, i) => i),
      { shape: [2, 3, 4] },
    );
    expect(gather(deep, ints([1, -1]), { axis: 2, batchDims: 1 }).arraySync()).toEqual([
      [1, 5, 9],
      [15, 19, 23],
    ]);
  });

  test("takeAlongAxis and putAlongAxis broadcast beside the axis", () => {
    expect(x.takeAlongAxis([[2], [0]]).arraySync()).toEqual([[3], [4]]);
    expect(takeAlongAxis(x, [[1, 0, 1]], { axis: 0 }).arraySync()).toEqual([[4, 2, 6]]);
    expect(takeAlongAxis(x, [[-1, 0]], { axis: 1 }).arraySync()).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(putAlongAxis(x, [[1, 1], [0, 2]], [[7, 8], [9, 0]]).arraySync()).toEqual([
      [1, 8, 3],
      [9, 5, 0],
    ]); // biome-ignore format: matrices
    expect(putAlongAxis(x, [[1, 0, 1]], 0, { axis: 0 }).arraySync()).toEqual([
      [1, 0, 3],
      [0, 5, 0],
    ]);
  });

  test("gatherNd takes elements and slices", () => {
    expect(gatherNd(x, [[1, 0], [-2, -1]]).arraySync()).toEqual([4, 3]); // biome-ignore format: a matrix
    expect(gatherNd(x, [[1]]).arraySync()).toEqual([[4, 5, 6]]);
    expect(gatherNd(x, ints([2, 0], [2, 1, 1]), { batchDims: 1 }).arraySync()).toEqual([[3], [4]]);
  });

  test("empty indices give nothing, an axis of size 0 has no index", () => {
    expect(take(x, ints([]), { axis: 1 }).shape).toEqual([2, 0]);
    expect(take(x, ints([]), { axis: 1 }).arraySync()).toEqual([[], []]);
    expect(take(zeros([0, 3]), ints([]), { axis: 0 }).shape).toEqual([0, 3]);
    expect(() => take(zeros([0, 3]), [0], { axis: 0 })).toThrow(IndexError);
    expect(scatterAdd(x, ints([]), zeros([0, 3])).arraySync()).toEqual(x.arraySync());
  });

  test.each(DTYPES)("%s: gather and scatterSet", (dtype: DType) => {
    const values = tensor([1, 0, 1, 1, 0, 1, 0, 0, 1], { dtype });
    const index = ints([8, 0, -2, 4]);
    expect([...values.take(index).dataSync()]).toEqual([1, 1, 0, 0]);
    expect([...scatterSet(values, index, tensor([0, 0, 1, 1], { dtype })).dataSync()]).toEqual([
      0, 0, 1, 1, 1, 1, 0, 1, 0,
    ]);
  });
});

describe("what is put into place", () => {
  const base = tensor([1, 2, 3, 4]);
  const index = ints([1, -1, 1]);
  const updates = tensor([10, 20, 30]);

  test("updates are taken in their order", () => {
    expect(scatterSet(base, index, updates).arraySync()).toEqual([1, 30, 3, 20]);
    expect(scatterAdd(base, index, updates).arraySync()).toEqual([1, 42, 3, 24]);
    expect(scatterMul(base, index, updates).arraySync()).toEqual([1, 600, 3, 80]);
    expect(scatterMin(base, index, tensor([1, 9, 0])).arraySync()).toEqual([1, 0, 3, 4]);
    expect(scatterMax(base, index, 3).arraySync()).toEqual([1, 3, 3, 4]);
    expect(scatterAdd(x, [0], [[1, 1], [2, 2]].map((row) => row.slice(0, 1)), { axis: 1 }).arraySync()).toEqual([
      [2, 2, 3],
      [6, 5, 6],
    ]); // biome-ignore format: a matrix
  });

  test("integers wrap", () => {
    const most = tensor(Int32Array.of(2147483647, 65536));
    expect([...scatterAdd(most, [0], 1).dataSync()]).toEqual([-2147483648, 65536]);
    expect([...scatterMul(most, [1], 65537).dataSync()]).toEqual([2147483647, 65536]);
    const unsigned = tensor(Uint32Array.of(4294967295, 1));
    expect([...scatterMax(unsigned, [1], 7).dataSync()]).toEqual([4294967295, 7]);
    expect([...scatterAdd(unsigned, [0], 2).dataSync()]).toEqual([1, 1]);
  });

  test("segments are summed up", () => {
    expect(segmentSum(x, [1, 1], { numSegments: 3 }).arraySync()).toEqual([
      [0, 0, 0],
      [5, 7, 9],
      [0, 0, 0],
    ]);
    const ids = Int32Array.from({ length: 100_000 }, (_, i) => i % 7);
    const sums = segmentSum(ones([100_000]).mul(0.1), tensor(ids), { numSegments: 7 });
    for (const total of sums.dataSync()) expect(total).toBeCloseTo(1428.6, 0);
  });

  test("many rows, long rows and batches", () => {
    const rows = 700;
    const width = 5000;
    const count = 64;
    const pick = ints(Array.from({ length: count }, (_, i) => (i * 37) % rows));
    const big = scatterAdd(zeros([rows, width]), pick, ones([count, width]));
    expect(big.sum().item()).toBe(count * width);
    expect(big.take(pick, { axis: 0 }).min().item()).toBe(1);
    const columns = scatterAdd(zeros([width, rows]), pick, ones([width, count]), { axis: 1 });
    expect(columns.sum().item()).toBe(count * width);
  });
});

describe("mistakes", () => {
  const wrong = (f: () => unknown, name: string, message: RegExp): void => {
    let error: unknown;
    try {
      f();
    } catch (caught) {
      error = caught;
    }
    expect((error as Error)?.name).toBe(name);
    expect((error as Error).message).toMatch(message);
  };

  test("an index out of range is an error of the read that names it", () => {
    wrong(
      () => take(x, [0, 3, 5], { axis: 1 }).dataSync(),
      "IndexError",
      /^take: index 3 at \[1\] is out of range for axis 1 of size 3\. Indices lie between -3 and 2/,
    );
    wrong(() => take(x, -7).dataSync(), "IndexError", /index -7 is out of range for axis 0 of size 6/);
    wrong(
      () => takeAlongAxis(x, [[0, 1, 2]], { axis: 0 }).dataSync(),
      "IndexError",
      /takeAlongAxis: index 2 at \[0, 2\] is out of range for axis 0 of size 2/,
    );
    wrong(
      () => gatherNd(x, [[0, 0], [1, 3]]).dataSync(), // biome-ignore format: a matrix
      "IndexError",
      /gatherNd: index 3 at \[1\] is out of range for axis 1 of size 3/,
    );
    wrong(
      () => scatterAdd(x, tensor(Uint32Array.of(4294967295)), 1).dataSync(),
      "IndexError",
      /scatterAdd: index 4294967295 at \[0\]/,
    );
    wrong(() => segmentSum(x, [0, 2], { numSegments: 2 }).dataSync(), "IndexError", /segmentSum: index 2/);
  });

  test("the same plan computes again when its indices are in range", () => {
    const f = compile((index: Tensor) => x.take(index, { axis: 0 }).sum());
    expect(f(ints([0, 1])).item()).toBe(21);
    expect(() => f(ints([0, 2])).item()).toThrow(IndexError);
    expect(() => f(ints([-3, 0])).item()).toThrow(/index -3 at \[0\]/);
    expect(f(ints([1, 1])).item()).toBe(30);
  });

  test.each(["compile", "loop"])("variables stay as they were: %s", (how) => {
    const table = variable(tensor([[1, 2], [3, 4], [5, 6]]), { name: "table" }); // biome-ignore format: a matrix
    const bias = variable(tensor([1, 1]), { name: "bias" });
    const body = (index: Tensor): Tensor => {
      const loss = table.take(index, { axis: 0 }).add(bias).sum();
      bias.assign(bias.add(1));
      table.assign(scatterAdd(table.mul(0.5), index, 1));
      return loss;
    };
    const step = how === "compile" ? compile(body) : body;
    for (let i = 0; i < 4; i++) step(ints([0, 2])).item();
    const before = [table.value.arraySync(), bias.value.arraySync()];
    expect(() => step(ints([0, 3])).item()).toThrow(IndexError);
    expect([table.value.arraySync(), bias.value.arraySync()]).toEqual(before);
    step(ints([1, 1])).item();
    expect(bias.value.arraySync()).toEqual([6, 6]);
  });

  test("operands that do not fit are refused at once", () => {
    wrong(() => take(x, [0.5]), "DTypeError", /indices have dtype float32/);
    wrong(() => take(x, tensor([1])), "DTypeError", /take: indices have dtype float32. Cast them to int32/);
    wrong(() => take(x, [true]), "DTypeError", /bool/);
    wrong(() => take(x, [0], { axis: 2 }), "IndexError", /axis/);
    wrong(() => gather(x, [0], { axis: 0, batchDims: 1 }), "IndexError", /batch axes/);
    wrong(() => gather(x, [[0], [1], [1]], { batchDims: 1 }), "ShapeError", /differ/);
    wrong(() => gather(x, [0], { batchDims: 2 }), "IndexError", /batchDims is 2/);
    wrong(() => takeAlongAxis(x, [0]), "ShapeError", /2 and 1 axes/);
    wrong(() => gatherNd(x, [[0, 0, 0]]), "ShapeError", /tuples/);
    wrong(() => scatterSet(ints([1, 2]), [0], 0.5), "DTypeError", /int32 cannot hold updates of float32/);
    wrong(() => scatterAdd(tensor([true]), [0], true), "DTypeError", /bool/);
    wrong(() => scatterSet(x, [0], zeros([2, 3])), "ShapeError", /do not fit/);
    wrong(() => segmentSum(x, [0, 1, 1], { numSegments: 2 }), "ShapeError", /segment ids/);
  });
});

test("a number of a compiled function is an index", () => {
  const f = compile((i: number) => x.take(i));
  expect(f(4).arraySync()).toBe(5);
  expect(f(-1).arraySync()).toBe(6);
});

describe("vmap", () => {
  const table = tensor(
    new Float32Array(24).map((_, i) => i * i),
    { shape: [2, 4, 3] },
  );
  const index = ints([0, 3, 1, -1, 2, 2], [2, 3]);

  test("maps operands, indices or both", () => {
    const f = (t: Tensor, i: Tensor) => t.take(i, { axis: 0 });
    const lanes = (a: number | null, b: number | null) =>
      [0, 1].map((k) =>
        f(
          a === null ? table.take(0, { axis: 0 }) : table.take(k, { axis: 0 }),
          b === null ? index.take(0, { axis: 0 }) : index.take(k, { axis: 0 }),
        ).arraySync(),
      );
    const shared = table.take(0, { axis: 0 });
    const row = index.take(0, { axis: 0 });
    expect(vmap(f)(table, index).arraySync()).toEqual(lanes(0, 0));
    expect(vmap(f, { inAxes: [null, 0] })(shared, index).arraySync()).toEqual(lanes(null, 0));
    expect(vmap(f, { inAxes: [0, null] })(table, row).arraySync()).toEqual(lanes(0, null));
  });

  test("shared operands with batches of their own", () => {
    const f = (i: Tensor) => gather(table, i, { batchDims: 1 });
    const many = ints([0, 1, 2, 3, -1, -2, 1, 1], [2, 2, 2]);
    const expected = [0, 1].map((k) => f(many.take(k, { axis: 0 })).arraySync());
    expect(vmap(f)(many).arraySync()).toEqual(expected);
  });
});

test("what is masked does not reach the gradient", () => {
  const at = tensor([-1, 4, 0]);
  const masked = (z: Tensor) => where([false, true, false], take(z.sqrt(), [0, 1, 2]), 0).sum();
  expect(grad(masked)(at).arraySync()).toEqual([0, 0.25, 0]);
  const put = (z: Tensor) =>
    where([true, false], scatterSet(zeros([2]), [0, 1], take(z.sqrt(), [1, 0])), 0).sum();
  expect(grad(put)(at).arraySync()).toEqual([0, 0.25, 0]);
});
