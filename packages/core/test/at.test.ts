import { describe, expect, test } from "vitest";
import {
  arange,
  at,
  compile,
  DTypeError,
  ellipsis,
  grad,
  IndexError,
  nonzero,
  printGraph,
  range,
  ShapeError,
  type Tensor,
  TraceError,
  tensor,
  variable,
  vmap,
  where,
  zeros,
} from "../src/index.ts";

const x = arange(12).reshape([3, 4]).cast("float32");
const ints = (values: number[], shape = [values.length]): Tensor =>
  tensor(Int32Array.from(values), { shape });

describe("reading", () => {
  test("integers, ranges, new axes and an ellipsis are slices and reshapes", () => {
    expect(x.at(1, -1).get().item()).toBe(7);
    expect(x.at(-1).get().arraySync()).toEqual([8, 9, 10, 11]);
    expect(x.at("...", range(1, 3)).get().shape).toEqual([3, 2]);
    expect(at(x, ellipsis, null, range(null, null, -2)).get().shape).toEqual([3, 1, 2]);
    expect(
      x
        .at(range(null, null, -1), 0)
        .get()
        .arraySync(),
    ).toEqual([8, 4, 0]);
    expect(x.at().get()).toBe(x);
    const text = printGraph(x.at(range(2, 0, -1), null, 0).get());
    expect(text).toContain("slice");
    expect(text).not.toContain("gather");
  });

  test("tensors and arrays of integers broadcast together", () => {
    expect(x.at([0, 2], [1, -1]).get().arraySync()).toEqual([1, 11]);
    expect(
      x
        .at([[0], [2]], ints([1, 3]))
        .get()
        .arraySync(),
    ).toEqual([
      [1, 3],
      [9, 11],
    ]);
    expect(
      x
        .at(ints([1]), range(0, 2))
        .get()
        .arraySync(),
    ).toEqual([[4, 5]]);
    expect(
      x
        .at(ints([1], []), 0)
        .get()
        .arraySync(),
    ).toEqual(4);
    expect(x.at([]).get().shape).toEqual([0, 4]);
  });

  test("their axes stand in place side by side, and in front apart", () => {
    const cube = zeros([2, 3, 4, 5]);
    expect(cube.at(range(), [0, 1, 2], [0, 1, 2]).get().shape).toEqual([2, 3, 5]);
    expect(cube.at(range(), 0, [0, 1, 2]).get().shape).toEqual([2, 3, 5]);
    expect(cube.at(0, range(), [0, 1]).get().shape).toEqual([2, 3, 5]);
    expect(cube.at([0, 1], null, [0, 1]).get().shape).toEqual([2, 1, 4, 5]);
    expect(cube.at(range(), [0], ellipsis, [0]).get().shape).toEqual([1, 2, 4]);
  });

  test("masks take the places where they are true", () => {
    expect(x.at(x.greater(8)).get().arraySync()).toEqual([9, 10, 11]);
    expect(x.at([true, false, true], 1).get().arraySync()).toEqual([1, 9]);
    expect(x.at(range(), [false, false, false, false]).get().shape).toEqual([3, 0]);
  });
});

describe("changing", () => {
  test("gives a new tensor", () => {
    const y = x.at(1).set(0);
    expect(y.at(1).get().arraySync()).toEqual([0, 0, 0, 0]);
    expect(x.at(1, 0).get().item()).toBe(4);
    expect(
      x
        .at(range(), range(null, null, 3))
        .mul([10, 100])
        .at(1)
        .get()
        .arraySync(),
    ).toEqual([40, 5, 6, 700]);
    expect(x.at([0, 0, 2], 0).add(1).at(range(), 0).get().arraySync()).toEqual([2, 4, 9]);
    expect(x.at(2).max(9.5).at(2).get().arraySync()).toEqual([9.5, 9.5, 10, 11]);
    expect(
      x
        .at(2, range(1))
        .min(
          tensor([[9], [0]])
            .at(1)
            .get(),
        )
        .at(2)
        .get()
        .arraySync(),
    ).toEqual([8, 0, 0, 0]);
    expect(
      x
        .at(0)
        .apply((row) => row.square())
        .at(0)
        .get()
        .arraySync(),
    ).toEqual([0, 1, 4, 9]);
  });

  test("of signs of zeros outside of a slice nothing", () => {
    expect(Object.is(tensor([-0, 1]).at(1).add(1).dataSync()[0], -0)).toBe(true);
  });

  test("by values that agree along the mask needs no count", () => {
    const mask = x.greater(8);
    expect(x.at(mask).set(0).sum().item()).toBe(36);
    expect(x.at([true, false, true]).add([1, 2, 3, 4]).at(2).get().arraySync()).toEqual([9, 11, 13, 15]);
    expect(x.at(mask).set([-1, -2, -3]).at(2).get().arraySync()).toEqual([8, -1, -2, -3]);
    const clear = (z: Tensor) => z.at(z.less(2)).set(0).sum();
    expect(compile(clear)(x).item()).toBe(65);
    expect(vmap(clear)(x).arraySync()).toEqual([5, 22, 38]);
  });

  test("keeps the dtype", () => {
    expect(ints([1, 2]).at(0).set(7).dtype).toBe("int32");
    expect(() => ints([1, 2]).at(0).set(0.5)).toThrow(DTypeError);
    expect(tensor([true, false]).at(1).max(true).arraySync()).toEqual([true, true]);
    expect(() => tensor([true]).at(0).add(true)).toThrow("at: dtype bool is not accepted");
  });
});

describe("with transforms", () => {
  test("indices may be traced: numbers and tensors", () => {
    const pick = compile((z: Tensor, i: number) => z.at(i).get());
    expect(pick(x, 1).arraySync()).toEqual([4, 5, 6, 7]);
    expect(pick(x, -1).arraySync()).toEqual([8, 9, 10, 11]);
    expect(() => pick(x, 3).arraySync()).toThrow("at: index 3 is out of range for axis 0 of size 3");
    const each = vmap((row: Tensor, i: Tensor) => row.at(i).set(-1));
    expect(
      each(x, ints([0, 1, 2]))
        .at(2)
        .get()
        .arraySync(),
    ).toEqual([8, 9, -1, 11]);
  });

  test("a variable counts as its value", () => {
    const w = variable(zeros([2, 2]));
    w.assign(w.at(0).add(1));
    expect(w.arraySync()).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test("reading by a mask asks for a size while tracing, which nonzero has", () => {
    const positive = (z: Tensor) => z.at(z.greater(0)).get();
    expect(() => compile(positive)(x)).toThrow(TraceError);
    const some = (z: Tensor) => z.at(...nonzero(z.greater(8), { size: 4, fillValue: -1 })).get();
    expect(compile(some)(x).arraySync()).toEqual([9, 10, 11, 11]);
    expect(grad((z: Tensor) => positive(z).sum())(tensor([-1, 1])).arraySync()).toEqual([0, 1]);
  });
});

describe("errors", () => {
  test.each([
    ["an integer out of range", () => x.at(0, 4), IndexError, /index 4 is out of range for axis 1 of size 4/],
    ["an integer that is not whole", () => x.at(0.5), IndexError, /index 0\.5 is not whole/],
    ["too many", () => x.at(0, null, range(), 1), IndexError, /indices for 3 axes of shape \[3, 4\]/],
    ["two ellipses", () => x.at(ellipsis, "..."), IndexError, /2 of the indices are an ellipsis/],
    ["a string", () => x.at("1:2" as "..."), IndexError, /an index is .*1:2/],
    [
      "a mask of another shape",
      () => x.at([true, false]),
      IndexError,
      /mask of shape \[2\] does not fit \[3\]/,
    ],
    ["a single boolean", () => x.at(tensor(true)), IndexError, /a mask is a single boolean/],
    ["fractions", () => x.at(tensor([0.5])), DTypeError, /indices have dtype float32/],
    ["tensors that do not broadcast", () => x.at([0, 1], [0, 1, 2]).get(), ShapeError, /do not broadcast/],
    [
      "values that do not fit",
      () => x.at(0).set([1, 2]),
      ShapeError,
      /updates of shape \[2\] do not fit the places \[4\]/,
    ],
    ["a range that stands still", () => range(0, 1, 0), IndexError, /step 0 does not move on/],
    ["a range of fractions", () => range(0.5), IndexError, /0\.5 is not a position/],
  ])("%s", (_, wrong, type, message) => {
    expect(wrong).toThrow(type);
    expect(wrong).toThrow(message);
  });

  test("an element out of range is an error of the read, with the axis that the caller knows", () => {
    expect(() => x.at(0, [1, 4]).get().arraySync()).toThrow(
      "at: index 4 at [1] is out of range for axis 1 of size 4",
    );
    expect(() => x.at([0, -4], [0, 0]).get().arraySync()).toThrow(
      "at: index -4 at [1] is out of range for axis 0",
    );
  });

  test("what is hidden has no influence", () => {
    const safe = (z: Tensor) => where([true, false], z.log().at([1, 0]).get(), 0).sum();
    expect(grad(safe)(tensor([0, 2])).arraySync()).toEqual([0, 0.5]);
  });
});
