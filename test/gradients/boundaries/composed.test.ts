import * as core from "@cotangent/core";
import { describe, expect, test } from "vitest";
import { expectNumbers, float64, type Line, numbers, ordersAt } from "../support/boundary.ts";

type Tensor = core.Tensor;

const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const square = (x: Tensor): Tensor => x.reshape([2, 2]);

describe("values and derivatives at the edges", () => {
  const lines: readonly Line[] = [
    ["norm at 0", (x) => core.norm(x), [0, 0], [0], [0, 0], [0, 0]],
    ["norm at -0 and a number", (x) => core.norm(x), [-0, 2], [2], [0, 1], [0.5, 0]],
    ["norm of one", (x) => core.norm(x), [-3], [3], [-1], [0]],
    ["norm of nothing", (x) => core.norm(x), [], [0], [], []],
    ["norm that would overflow", (x) => core.norm(x), [3e307, 4e307], [5e307], [0.6, 0.8], [0, 0]],
    ["norm of the largest number", (x) => core.norm(x), [Number.MAX_VALUE, 0], [Number.MAX_VALUE], [1, 0]],
    ["norm of infinity", (x) => core.norm(x), [INF, 1], [INF]],
    ["norm of NaN", (x) => core.norm(x), [NAN, 1], [NAN]],
    ["norm, ord 1, at 0", (x) => core.norm(x, { ord: 1 }), [0, -2], [2], [0, -1], [0, 0]],
    ["norm, ord 3, at 0", (x) => core.norm(x, { ord: 3 }), [0, 0], [0], [0, 0], [0, 0]],
    ["norm, ord 1.5, a zero", (x) => core.norm(x, { ord: 1.5 }), [0, 4], [4], [0, 1], [0, 0]],
    ["norm, ord 0.5, a zero", (x) => core.norm(x, { ord: 0.5 }), [0, 4], [4], [0, 1], [0, 0]],
    ["norm, ord 100, extreme", (x) => core.norm(x, { ord: 100 }), [1e300, 1], [1e300], [1, 0]],
    [
      "norm, ord Infinity, ties",
      (x) => core.norm(x, { ord: INF }),
      [2, -2, 1],
      [2],
      [0.5, -0.5, 0],
      zeros(3),
    ],
    ["norm, ord -Infinity, at 0", (x) => core.norm(x, { ord: -INF }), [0, 1], [0], [0, 0], zeros(2)],
    ["tril hides NaN above", (x) => core.tril(square(x)).sum(), [1, NAN, 2, 3], [6], [1, 0, 1, 1], zeros(4)],
    [
      "triu hides infinity below",
      (x) => core.triu(square(core.log(x))).sum(),
      [1, 1, 0, 1],
      [0],
      [1, 1, 0, 1],
    ],
    [
      "diagonal leaves NaN beside it",
      (x) => core.diagonal(square(x)),
      [1, NAN, NAN, 2],
      [1, 2],
      [1, 0, 0, 1],
      zeros(4),
    ],
    ["trace", (x) => square(x).mul(square(x)).trace(), [1, 5, 6, 2], [5], [2, 0, 0, 4], [2, 0, 0, 2]],
    ["repeat not at all", (x) => core.repeat(x, [0, 2]), [NAN, 3], [3, 3], [0, 2], [0, 0]],
    ["tile", (x) => core.tile(x, 3), [1, 2], [1, 2, 1, 2, 1, 2], [3, 3], [0, 0]],
    [
      "slice backwards",
      (x) => core.slice(x, -1, -4, { step: -2 }),
      [1, 2, 3, 4],
      [4, 2],
      [0, 1, 0, 1],
      zeros(4),
    ],
    [
      "slice backwards to the start",
      (x) => core.slice(x, 1, null, { step: -1 }),
      [1, 2, 3],
      [2, 1],
      [1, 1, 0],
      zeros(3),
    ],
    ["slice backwards, nothing", (x) => core.slice(x, 0, 2, { step: -1 }), [1, 2, 3], [], zeros(3), zeros(3)],
    [
      "einsum of a repeated letter",
      (x) => core.einsum("ii->", square(x)),
      [1, 5, 6, 2],
      [3],
      [1, 0, 0, 1],
      zeros(4),
    ],
    ["einsum of one tensor thrice", (x) => core.einsum("i,i,i->", x, x, x), [0, 2], [8], [0, 12], [0, 12]],
    ["einsum over nothing", (x) => core.einsum("i,i->", x, x), [], [0], [], []],
    ["inner with itself", (x) => core.inner(x, x), [0, 3], [9], [0, 6], [2, 2]],
  ];
  test.each(lines.map((line) => [line[0], line] as const))("%s", (_, [what, f, at, value, first, second]) => {
    const actual = ordersAt(f, at);
    expectNumbers(actual.value, value, `${what}, value`);
    if (first !== undefined) expectNumbers(actual.first, first, `${what}, first derivative`);
    if (second !== undefined) expectNumbers(actual.second, second, `${what}, second derivative`);
  });

  test("derivatives of a norm are right for the smallest and the largest numbers", () => {
    const length = (x: Tensor): Tensor => core.norm(x);
    const first = core.grad(length);
    const second = core.grad((x: Tensor) => first(x).sum());
    for (const size of [1e-300, 1e-150, 1, 1e150, 1e300]) {
      const x = float64([3 * size, 4 * size]);
      expectNumbers([length(x).item() / size], [5]);
      expectNumbers(numbers(first(x)), [0.6, 0.8]);
      // (1 - u (u . 1)) / |x| with u = (0.6, 0.8)
      expectNumbers(
        numbers(second(x)).map((value) => value * 5 * size),
        [1 - 0.6 * 1.4, 1 - 0.8 * 1.4],
      );
    }
    expect(numbers(first(float64([5e-324])))).toEqual([1]);
  });
});

describe("shapes and dtypes", () => {
  const x = core.tensor([[1, 2, 3], [4, 5, 6]], { dtype: "int32" }); // biome-ignore format: a matrix

  test("products of more than two axes", () => {
    const a = core.ones([2, 3, 4]);
    expect(core.dot(a, core.ones([5, 4, 6])).shape).toEqual([2, 3, 5, 6]);
    expect(core.inner(a, core.ones([5, 4])).shape).toEqual([2, 3, 5]);
    expect(core.tensordot(a, core.ones([4, 3, 2]), [[0, 1, 2], [2, 1, 0]]).shape).toEqual([]); // biome-ignore format: pairs
    expect(core.outer(a, core.ones([2])).shape).toEqual([24, 2]);
    expect(core.einsum("a...b,cb->...ca", a, core.ones([5, 4])).shape).toEqual([3, 5, 2]);
    expect(core.dot(x, 2).dtype).toBe("int32");
    expect(core.einsum("ij->", x).dtype).toBe("int32");
    expect(core.norm(x).dtype).toBe("float32");
    expect(core.norm(x, { axes: 1, keepDims: true }).shape).toEqual([2, 1]);
  });

  test("methods are the functions", () => {
    const pairs: readonly (readonly [Tensor, Tensor])[] = [
      [x.flatten(), core.ravel(x)],
      [x.tile([2, 1]), core.tile(x, [2, 1])],
      [x.repeat(2, 0), core.repeat(x, 2, 0)],
      [x.roll(1), core.roll(x, 1)],
      [x.swapAxes(0, 1), core.swapAxes(x, 0, 1)],
      [x.moveAxis(0, 1), core.moveAxis(x, 0, 1)],
      [x.tril(), core.tril(x)],
      [x.triu(), core.triu(x)],
      [x.diag(), core.diag(x)],
      [x.diagonal({ offset: 1 }), core.diagonal(x, { offset: 1 })],
      [x.trace(), core.diagonal(x).sum()],
      [x.norm(), core.norm(x)],
      [x.dot([1, 0, 1]), core.dot(x, [1, 0, 1])],
      [x.inner(x), core.inner(x, x)],
      [x.outer([1, 2]), core.outer(x, [1, 2])],
      [x.cumsum(1), core.cumsum(x, 1)],
      [x.cumprod(1), core.cumprod(x, 1)],
    ];
    for (const [method, fn] of pairs) expect(method.arraySync()).toEqual(fn.arraySync());
  });

  test("pieces that overlap nowhere and cover the axis", () => {
    const pieces = core.split(core.arange(6), [4, 2, -1]);
    expect(pieces.map(numbers)).toEqual([[0, 1, 2, 3], [], [2, 3, 4], [5]]);
    expect(core.split(core.arange(6), 3).map(numbers)).toEqual([[0, 1], [2, 3], [4, 5]]); // biome-ignore format: pieces
  });

  test("ranges end exactly where they should", () => {
    const line = numbers(core.linspace(-0.3, 0.7, 11, { dtype: "float64" }));
    expect([line[0], line[10]]).toEqual([-0.3, 0.7]);
    expect(numbers(core.linspace(-1.5, 2, 3, { dtype: "int32" }))).toEqual([-2, 0, 2]);
    expect(numbers(core.linspace(-1e308, 1e308, 3, { dtype: "float64" }))).toEqual([-1e308, 0, 1e308]);
    expect(core.linspace(0, 1).size).toBe(50);
    expectNumbers(numbers(core.logspace(0, 3, 4, { dtype: "float64", base: 2 })), [1, 2, 4, 8]);
    expect(numbers(core.arange(5, 0, -2))).toEqual([5, 3, 1]);
  });

  test("bool moves as it is and counts where it is added up", () => {
    const mask = core.tensor([[true, false], [true, true]]); // biome-ignore format: a matrix
    expect(core.tril(mask).dtype).toBe("bool");
    expect(core.roll(mask, 1, 0).dtype).toBe("bool");
    expect(mask.trace().dtype).toBe("int32");
    expect(mask.trace().item()).toBe(2);
    expect(core.norm(mask).dtype).toBe("float32");
  });

  test("a batch of data is a view also where steps are given as 1", () => {
    const data = float64([1, 2, 3, 4]);
    expect(numbers(core.slice(data, null, null, { step: -1 }))).toEqual([4, 3, 2, 1]);
    expect(numbers(core.slice(data, [1], [3], { step: [1] }))).toEqual([2, 3]);
  });
});

describe("mistakes", () => {
  // Without shapes in their types, which would be refused before they run.
  const x: core.Tensor = core.ones([2, 3]);
  const cube: core.Tensor = core.ones([1, 1, 1]);
  test.each<readonly [string, () => unknown, RegExp]>([
    ["dot", () => core.dot(x, x), /dot: axis 1 of \[2, 3\] and axis 0 of \[2, 3\] differ \(3 vs 2\)/],
    ["inner", () => core.inner(x, [1, 2]), /inner: axis 1 of \[2, 3\] and axis 0 of \[2\] differ/],
    ["dot of bool", () => core.dot([true], [false]), /dot: dtype bool is not accepted.*Cast to int32/],
    ["tensordot, too many axes", () => core.tensordot(x, x, 3), /tensordot: 3 axes cannot be summed over/],
    [
      "tensordot, no pairs",
      () => core.tensordot(x, x, [[0, 1], 0]),
      /tensordot: axes \[0, 1\] and \[0\] do not form pairs/,
    ],
    ["einsum, sizes", () => core.einsum("ij,ji->", x, x), /einsum: "ij,ji->": subscript j has sizes 3 and 2/],
    ["einsum, rank", () => core.einsum("ijk->", x), /"ijk" names 3 axes, operand 0 of shape \[2, 3\] has 2/],
    [
      "einsum, count",
      () => core.einsum("ij,jk", x),
      /einsum: "ij,jk": subscripts for 2 operands, but there are 1/,
    ],
    ["einsum, unknown letter", () => core.einsum("ij->ik", x), /subscript k of the result is in no operand/],
    ["einsum, twice", () => core.einsum("ij->ii", x), /subscript i stands twice in the result/],
    ["einsum, no letter", () => core.einsum("i1->i", x), /"1" in "i1" is no subscript/],
    ["einsum, a dot", () => core.einsum("i.->i", x), /"\." in "i\." is no subscript/],
    ["einsum, two arrows", () => core.einsum("ij->i->j", x), /more than one arrow/],
    ["einsum, ellipsis lost", () => core.einsum("i...->i", x), /axes behind an ellipsis are missing/],
    [
      "einsum, ellipsis",
      () => core.einsum("...,...", x, core.ones([2])),
      /the last but 0\) has sizes 3 and 2/,
    ],
    ["einsum, no operands", () => core.einsum("i->i"), /einsum: there are no operands/],
    ["norm", () => core.norm(x, { ord: -1 }), /norm: ord is -1\. Use a number above 0/],
    ["norm of nothing", () => core.norm([], { ord: INF }), /max of nothing/],
    [
      "norm, a wrong option",
      () => core.norm(x, { ord: 1, ...{ axis: 0 } }),
      /norm: unknown option axis\. Options are ord, axes, keepDims/,
    ],
    [
      "diag, a wrong option",
      () => core.diag(x, { ...{ axis1: 0 }, offset: 0 }),
      /diag: unknown option axis1/,
    ],
    [
      "diagonal, a wrong option",
      () => core.diagonal(x, { offset: 0, ...{ axis: 1 } }),
      /unknown option axis/,
    ],
    ["trace, a wrong option", () => x.trace({ offset: 0, ...{ Axis1: 1 } }), /Did you mean axis1/],
    ["tril", () => core.tril([1, 2]), /tril: shape \[2\] has no rows and columns/],
    ["diag", () => core.diag(cube), /diag: shape \[1, 1, 1\] is neither a vector nor a matrix/],
    ["diag, offset", () => core.diag(x, { offset: 0.5 }), /diag: 0\.5 is no diagonal/],
    ["diagonal", () => core.diagonal(x, { axis2: 0 }), /diagonal: axis1 and axis2 are both axis 0/],
    ["trace", () => core.tensor([1]).trace(), /trace: shape \[1\] has no diagonal/],
    ["tile", () => core.tile(x, [1, -2]), /tile: -2 is no number of times/],
    ["repeat", () => core.repeat(x, [1, 2], 1), /repeat: counts of shape \[2\] for axis 1 of \[2, 3\]/],
    ["split", () => core.split(x, 2, 1), /split: axis 1 of \[2, 3\] does not divide into 2 equal pieces/],
    ["roll", () => core.roll(x, [1], [0, 1]), /roll: shifts \[1\] do not go with axes \[0, 1\]/],
    ["moveAxis", () => core.moveAxis(x, [0, 0], [0, 1]), /moveAxis: axes \[0, 0\] do not go to places/],
    ["swapAxes", () => core.swapAxes(x, 0, 2), /swapAxes: axis 2 is out of range/],
    ["slice, step 0", () => core.slice(x, 0, 1, { step: 0 }), /slice: step 0 does not move on/],
    ["linspace", () => core.linspace(0, INF), /linspace: 50 numbers from 0 to Infinity are no range/],
    ["linspace of bool", () => core.linspace(0, 1, 2, { dtype: "bool" }), /linspace: .*not bool/],
    ["meshgrid", () => core.meshgrid([x]), /meshgrid: shape \[2, 3\] is no vector/],
    [
      "meshgrid, indexing",
      () => core.meshgrid([[1]], { indexing: "yx" as "xy" }),
      /meshgrid: indexing is .*"yx"/,
    ],
    [
      "fullLike",
      () => core.fullLike(x, "1" as unknown as number),
      /fullLike: the value must be a number, not string/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
