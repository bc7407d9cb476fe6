import { describe, expect, test } from "vitest";
import {
  arange,
  CotangentError,
  DTypeError,
  type ErrorDetails,
  eye,
  full,
  IndexError,
  isTensor,
  matmul,
  oneHot,
  ones,
  promote,
  ShapeError,
  StateError,
  stack,
  Tensor,
  tensor,
  variable,
  where,
  zeros,
  zerosLike,
} from "../src/index.ts";

/** Zeros whose shape the type checker does not know: what is wrong here must be found when it runs. */
const unknown = (shape: number[]): Tensor => zeros(shape);

describe("tensor", () => {
  test("takes its dtype from the data", () => {
    expect(tensor([1, 2]).dtype).toBe("float32");
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor(new Float64Array(2)).dtype).toBe("float64");
    expect(tensor(new Uint32Array(2)).dtype).toBe("uint32");
    for (const array of [
      new Int8Array(2),
      new Uint8Array(2),
      new Int16Array(2),
      new Uint16Array(2),
      new Int32Array(2),
    ]) {
      expect(tensor(array).dtype).toBe("int32");
    }
    expect(tensor([1, 0, 2], { dtype: "bool" }).arraySync()).toEqual([true, false, true]);
    expect(tensor([true, false], { dtype: "float64" }).arraySync()).toEqual([1, 0]);
    expect(tensor([1.7, -1.7], { dtype: "int32" }).arraySync()).toEqual([1, -1]);
  });

  test("takes its shape from nested arrays, or from the option", () => {
    expect(tensor(3).shape).toEqual([]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([[[1], [2]]]).shape).toEqual([1, 2, 1]);
    expect(tensor(new Float32Array(6), { shape: [2, 3] }).shape).toEqual([2, 3]);
    expect(tensor([1, 2, 3, 4], { shape: [2, 2] }).arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ]).rank,
    ).toBe(2);
    expect(
      tensor([
        [1, 2],
        [3, 4],
      ]).size,
    ).toBe(4);
    expect(tensor(new Float64Array(3)).byteLength).toBe(24);
  });

  test("copies the data, unless told otherwise", () => {
    const source = new Float32Array([1, 2]);
    const [copied, used] = [tensor(source), tensor(source, { copy: false })];
    source[0] = 9;
    expect(copied.arraySync()).toEqual([1, 2]);
    expect(used.arraySync()).toEqual([9, 2]);
    const flags = new Uint8Array([0, 1]);
    expect(tensor(flags, { dtype: "bool", copy: false }).arraySync()).toEqual([false, true]);
    expect(() => tensor(new Uint8Array([2]), { dtype: "bool", copy: false })).toThrow(StateError);
    expect(() => tensor(new Uint8Array(1), { copy: false })).toThrow(/without a copy/);
  });

  test("gives data in an array of the caller's own", async () => {
    const x = tensor([1, 2]);
    for (const read of [() => x.dataSync(), await x.data().then((data) => () => data)]) {
      read()[0] = 7;
      expect(x.arraySync()).toEqual([1, 2]);
    }
    expect(await x.add(1).array()).toEqual([2, 3]);
    expect(await tensor([[true]]).array()).toEqual([[true]]);
    expect(tensor(new Float32Array(0), { shape: [0, 2] }).arraySync()).toEqual([]);
  });

  test("is known by its brand, whoever made it", () => {
    expect(isTensor(tensor(1))).toBe(true);
    expect(isTensor(variable(1))).toBe(true);
    expect(isTensor({ shape: [] })).toBe(false);
    expect(isTensor(null)).toBe(false);
    expect(variable(1)).toBeInstanceOf(Tensor);
  });
});

describe("dtypes", () => {
  test("promote: bool < uint32 < int32 < float32 < float64", () => {
    const order = ["bool", "uint32", "int32", "float32", "float64"] as const;
    order.forEach((a, i) => {
      order.forEach((b, j) => {
        expect(promote(a, b)).toBe(order[Math.max(i, j)]);
      });
    });
    expect(tensor([1], { dtype: "int32" }).add(tensor([1], { dtype: "uint32" })).dtype).toBe("int32");
  });

  test("JavaScript numbers are weak", () => {
    const cases = [
      ["float64", 0.5, "float64"],
      ["float32", 1e300, "float32"],
      ["int32", 2, "int32"],
      ["int32", 0.5, "float32"],
      ["uint32", 2, "uint32"],
      ["bool", 2, "int32"],
      ["bool", 0.5, "float32"],
    ] as const;
    for (const [dtype, value, expected] of cases) {
      expect(tensor([1], { dtype }).add(value).dtype, `${dtype} + ${value}`).toBe(expected);
    }
    expect(tensor([0.1], { dtype: "float64" }).mul(0.1).item()).toBe(0.1 * 0.1);
  });
});

/** Mistakes, and what the error says. */
const MISUSES: [
  string,
  () => unknown,
  new (message: string, details?: ErrorDetails) => CotangentError,
  RegExp,
][] = [
  ["ragged rows", () => tensor([[1, 2], [3]]), ShapeError, /tensor: rows differ/],
  ["a string", () => tensor("a" as never), StateError, /is not a number/],
  ["an object", () => tensor({} as never), StateError, /is not a number/],
  [
    "a shape that does not fit",
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    ShapeError,
    /3 values do not fill/,
  ],
  ["a negative size", () => zeros([-1]), ShapeError, /is not a shape/],
  ["a fractional size", () => zeros([1.5]), ShapeError, /whole numbers/],
  ["an unknown dtype", () => zeros([1], { dtype: "float16" as never }), DTypeError, /unknown dtype float16/],
  [
    "shapes that do not broadcast",
    () => unknown([2, 3]).add(zeros([4])),
    ShapeError,
    /add: shapes \[2, 3\] and \[4\]/,
  ],
  [
    "inner dimensions",
    () => matmul(unknown([32, 784]), zeros([64, 784])),
    ShapeError,
    /784 vs 64.*w\.transpose\(\)/,
  ],
  ["a scalar matrix", () => matmul(tensor(1), unknown([2])), ShapeError, /Use mul to scale/],
  ["batch dimensions", () => matmul(unknown([2, 3, 4]), zeros([3, 4, 5])), ShapeError, /matmul: .*broadcast/],
  ["an axis out of range", () => unknown([2]).sum(1), IndexError, /axis 1 is out of range for rank 1/],
  ["an axis named twice", () => zeros([2, 2]).sum([0, -2]), IndexError, /twice/],
  ["a fractional axis", () => unknown([2]).sum(0.5), IndexError, /axis 0.5/],
  ["max of nothing", () => zeros([0]).max(), ShapeError, /no max of nothing/],
  ["argmin of nothing", () => zeros([0]).argmin(), ShapeError, /argmin: there is no min of nothing/],
  ["a reshape that loses elements", () => unknown([2, 3]).reshape([4]), ShapeError, /6 elements/],
  ["two unknown sizes", () => zeros([2, 3]).reshape([-1, -1]), ShapeError, /At most one/],
  ["an order that is none", () => zeros([2, 3]).transpose([0, 0]), IndexError, /Name each axis once/],
  ["squeezing a size of 2", () => unknown([2]).squeeze(0), ShapeError, /size 2, not 1/],
  ["broadcasting to less", () => unknown([2, 3]).broadcastTo([3]), ShapeError, /does not broadcast to/],
  ["a slice of too many axes", () => zeros([2]).slice([0, 0]), IndexError, /at most one start/],
  ["a slice position that is none", () => zeros([2]).slice(0.5), IndexError, /not a position/],
  ["a step of 0", () => zeros([2]).slice(0, 2, { step: 0 }), IndexError, /go backwards/],
  [
    "padding of other axes",
    () =>
      zeros([2]).pad([
        [1, 1],
        [1, 1],
      ]),
    ShapeError,
    /pair of whole numbers/,
  ],
  ["stacking different shapes", () => stack([unknown([2]), zeros([3])]), ShapeError, /stack: shapes/],
  ["stacking nothing", () => stack([]), StateError, /empty/],
  [
    "a condition that is no bool",
    () => where(zeros([2]), 1, 0),
    DTypeError,
    /where: dtype float32 is not bool/,
  ],
  ["the logic of numbers", () => zeros([2]).logicalNot(), DTypeError, /Compare first/],
  ["item of several elements", () => zeros([2]).item(), StateError, /2 elements/],
  ["one-hot of fractions", () => oneHot(zeros([2]), 3), DTypeError, /Cast them to int32/],
  ["an endless range", () => arange(0, 10, 0), IndexError, /no range/],
  ["a value that is no number", () => full([1], "1" as never), StateError, /must be a number/],
  ["arithmetic of booleans", () => tensor([true]).neg(), DTypeError, /neg: dtype bool/],
  ["assigning another shape", () => variable([1]).assign([1, 2]), ShapeError, /keeps its shape/],
  [
    "assigning another dtype",
    () => variable([1]).assign(tensor([1], { dtype: "float64" })),
    DTypeError,
    /Cast the value/,
  ],
  ["assigning nothing", () => variable([1]).assign(undefined as never), StateError, /no value/],
];

describe("errors", () => {
  test.each(MISUSES)("%s", (_, mistake, type, message) => {
    let thrown: unknown;
    try {
      mistake();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(type);
    expect(thrown).toBeInstanceOf(CotangentError);
    expect((thrown as CotangentError).message).toMatch(message);
    expect((thrown as CotangentError).name).toBe(type.name);
    expect((thrown as CotangentError).operation).toBeTypeOf("string");
  });
});

describe("creation", () => {
  test("fills, counts and marks", () => {
    expect(ones([2]).arraySync()).toEqual([1, 1]);
    expect(full([], -0.5, { dtype: "float64" }).item()).toBe(-0.5);
    expect(zerosLike(tensor([1], { dtype: "int32" })).dtype).toBe("int32");
    expect(arange(4).arraySync()).toEqual([0, 1, 2, 3]);
    expect(arange(4).dtype).toBe("int32");
    expect(arange(1, 2, 0.25).arraySync()).toEqual([1, 1.25, 1.5, 1.75]);
    expect(arange(3, 0, -1).arraySync()).toEqual([3, 2, 1]);
    expect(arange(3, 0).arraySync()).toEqual([]);
    expect(eye(2, 3).arraySync()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const float64 = eye(2, { dtype: "float64" });
    expect([float64.shape, float64.dtype]).toEqual([[2, 2], "float64"]);
    expect(eye(1, undefined, { dtype: "int32" }).dtype).toBe("int32");
    expect(oneHot([1, 3, -1], 3).arraySync()).toEqual([
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(oneHot(2, 3).shape).toEqual([3]);
  });
});
