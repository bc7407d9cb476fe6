import * as core from "@cotangent/core";
import {
  axes,
  axis,
  axisOrders,
  broadcastableShapes,
  dtypes,
  einsumEquations,
  gathers,
  indices,
  keys,
  shapes,
  slices,
  tensors,
  trees,
} from "@cotangent/gradcheck/arbitraries";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Shape = core.Shape;

const RUNS = 1000;
const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);

/** The share of what is drawn for which something holds. */
function share<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): number {
  const drawn = fc.sample(arbitrary, RUNS);
  return drawn.filter(holds).length / drawn.length;
}

/** The simplest value for which something holds, as fast-check finds it. */
function simplest<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean = () => true): T {
  const found = fc.check(
    fc.property(arbitrary, (value) => !holds(value)),
    { numRuns: RUNS },
  );
  if (found.counterexample === null) throw new Error("nothing such is drawn");
  return found.counterexample[0];
}

/** Runs a check on everything that is drawn. */
const always = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void =>
  fc.assert(
    fc.property(arbitrary, (value) => {
      check(value);
    }),
    { numRuns: RUNS },
  );

const seeded = <T>(arbitrary: fc.Arbitrary<T>): [unknown, unknown] => {
  const text = (): string => fc.stringify(fc.sample(arbitrary, { seed: 7, numRuns: 30 }));
  return [text(), text()];
};

test("what is drawn follows from the seed", () => {
  const all: fc.Arbitrary<unknown>[] = [
    shapes(), broadcastableShapes(3), dtypes(), tensors({ dtype: dtypes() }), trees(), axis(3), axes(3), axisOrders(3),
    slices([2, 3]), indices(3), gathers([2, 3]), einsumEquations(), keys(),
  ]; // biome-ignore format: a list
  for (const arbitrary of all) {
    const [one, other] = seeded(arbitrary);
    expect(one).toBe(other);
  }
});

describe("shapes", () => {
  test("keep to their limits", () => {
    always(shapes({ minRank: 1, maxRank: 3, maxSize: 5, maxElements: 20 }), (shape) => {
      expect(shape.length).toBeGreaterThanOrEqual(1);
      expect(shape.length).toBeLessThanOrEqual(3);
      expect(sizeOf(shape)).toBeLessThanOrEqual(20);
      expect(Math.max(...shape)).toBeLessThanOrEqual(5);
    });
    always(shapes({ empty: false }), (shape) => expect(sizeOf(shape)).toBeGreaterThan(0));
    always(shapes({ minRank: 5 }), (shape) => expect(shape).toHaveLength(5));
  });

  test("have every rank, and the sizes 0 and 1", () => {
    for (const rank of [0, 1, 2, 3, 4]) {
      expect(share(shapes(), (shape) => shape.length === rank)).toBeGreaterThan(0.1);
    }
    expect(share(shapes(), (shape) => shape.includes(1))).toBeGreaterThan(0.3);
    expect(share(shapes(), (shape) => shape.includes(0))).toBeGreaterThan(0.04);
    expect(share(shapes(), (shape) => shape.includes(0))).toBeLessThan(0.25);
    expect(share(shapes(), (shape) => shape.includes(3))).toBeGreaterThan(0.2);
  });

  test("shrink towards rank 0 and size 1", () => {
    expect(simplest(shapes())).toEqual([]);
    expect(simplest(shapes(), (shape) => shape.length >= 2)).toEqual([1, 1]);
    expect(simplest(shapes(), (shape) => shape.includes(2))).toEqual([2]);
    expect(simplest(shapes({ minRank: 1 }), (shape) => sizeOf(shape) === 0)).toEqual([0]);
  });

  test("that broadcast do", () => {
    always(broadcastableShapes(3, { minRank: 1 }), (list) => {
      expect(list).toHaveLength(3);
      expect(sizeOf(core.broadcastShapes("test", ...list))).toBeLessThanOrEqual(24);
      expect(Math.min(...list.map((shape) => shape.length))).toBeGreaterThanOrEqual(1);
    });
    const differ = (list: Shape[]): boolean => new Set(list.map(String)).size > 1;
    expect(share(broadcastableShapes(2), differ)).toBeGreaterThan(0.3);
    expect(share(broadcastableShapes(2), (list) => !differ(list))).toBeGreaterThan(0.2);
    expect(simplest(broadcastableShapes(3))).toEqual([[], [], []]);
    expect(simplest(broadcastableShapes(2), differ)).toEqual([[1], []]);
  });
});

describe("dtypes and tensors", () => {
  test("have the dtypes that are asked for", () => {
    for (const dtype of core.DTYPES) expect(share(dtypes(), (one) => one === dtype)).toBeGreaterThan(0.1);
    always(dtypes({ floating: true }), (dtype) => expect(core.isFloating(dtype)).toBe(true));
    always(dtypes({ floating: false }), (dtype) => expect(core.isFloating(dtype)).toBe(false));
    expect(simplest(dtypes())).toBe("float64");
    expect(simplest(dtypes({ floating: false }))).toBe("int32");
  });

  test("have the shapes and dtypes that are given or drawn", () => {
    always(tensors({ shape: [2, 0], dtype: "int32" }), (x) => {
      expect(x.shape).toEqual([2, 0]);
      expect(x.dtype).toBe("int32");
    });
    const drawn = tensors({ shape: shapes({ minRank: 2, maxRank: 2 }), dtype: dtypes({ floating: true }) });
    always(drawn, (x) => {
      expect(x.rank).toBe(2);
      expect(core.isFloating(x.dtype)).toBe(true);
    });
  });

  test("are well-scaled, extreme or special", () => {
    always(tensors(), (x) => {
      for (const element of x.dataSync()) expect(Math.abs(element)).toBeLessThanOrEqual(2);
    });
    for (const dtype of ["float32", "float64"] as const) {
      const one = (values: "extreme" | "special") =>
        tensors({ shape: [], dtype, values }).map((x) => x.item());
      const tiny = dtype === "float32" ? 2 ** -126 : 2 ** -1022;
      expect(share(one("extreme"), (x) => Math.abs(x) < tiny)).toBeGreaterThan(0.01);
      expect(share(one("extreme"), (x) => Math.abs(x) > 1 / tiny / 2 ** 20)).toBeGreaterThan(0.01);
      expect(share(one("extreme"), Number.isFinite)).toBe(1);
      for (const special of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0]) {
        expect(
          share(one("special"), (x) => Object.is(x, special)),
          `${special}`,
        ).toBeGreaterThan(0.01);
      }
    }
    const whole = tensors({ shape: [], dtype: "int32", values: "special" }).map((x) => x.item());
    expect(share(whole, (x) => x === -(2 ** 31))).toBeGreaterThan(0.01);
  });

  test("shrink towards a scalar that is 1", () => {
    const x = simplest(tensors());
    expect([x.shape, x.item()]).toEqual([[], 1]);
    const wide = simplest(tensors({ values: "special" }), (one) => one.dataSync().some(Number.isNaN));
    expect(wide.shape).toEqual([]);
  });
});

describe("trees", () => {
  test("are lists and objects of at least one tensor, and tensors", () => {
    const leaves = (tree: unknown): number => core.flattenTree(tree, core.isTensor, "test").leaves.length;
    always(trees(), (tree) => expect(leaves(tree)).toBeGreaterThan(0));
    expect(share(trees(), core.isTensor)).toBeGreaterThan(0.1);
    expect(share(trees(), Array.isArray)).toBeGreaterThan(0.1);
    expect(share(trees(), (tree) => leaves(tree) > 3)).toBeGreaterThan(0.1);
    always(trees({ maxDepth: 0 }), (tree) => expect(core.isTensor(tree)).toBe(true));
  });

  test("shrink towards one tensor", () => {
    expect(core.isTensor(simplest(trees()))).toBe(true);
    expect(simplest(trees({ maxDepth: 1 }), Array.isArray)).toHaveLength(1);
  });
});

describe("axes", () => {
  test("are those of the rank, one, several, from the end, or all", () => {
    const x = core.ones([2, 1, 3]);
    always(axis(3), (one) => expect(core.sum(x, one).rank).toBe(2));
    always(axes(3), (some) => {
      const count = some === undefined ? 3 : typeof some === "number" ? 1 : some.length;
      expect(core.sum(x, some).rank).toBe(3 - count);
    });
    always(axisOrders(3), (order) => expect(core.transpose(x, order).shape).toHaveLength(3));
    for (const kind of ["undefined", "number", "object"]) {
      expect(share(axes(3), (some) => typeof some === kind)).toBeGreaterThan(0.15);
    }
    expect(share(axis(3), (one) => one < 0)).toBeGreaterThan(0.2);
    expect(share(axes(3), (some) => Array.isArray(some) && some.some((one) => one < 0))).toBeGreaterThan(0.1);
    always(axes(0), (some) => expect(core.sum(core.ones([]), some).rank).toBe(0));
  });

  test("shrink towards the first, and all", () => {
    expect(simplest(axis(3))).toBe(0);
    expect(simplest(axes(3))).toBeUndefined();
    expect(simplest(axisOrders(3))).toEqual([0, 1, 2]);
  });
});

describe("index expressions", () => {
  const x = core.arange(24).reshape([2, 3, 4]);

  test("of slices are taken", () => {
    always(slices(x.shape), (args) => expect(core.slice(x, ...args).rank).toBe(3));
    expect(share(slices([4]), ([start]) => (start[0] ?? 0) < 0)).toBeGreaterThan(0.1);
    expect(share(slices([4]), ([, , { step }]) => step[0] < 0)).toBeGreaterThan(0.2);
    expect(simplest(slices([4, 3]))).toEqual([[null, null], [null, null], { step: [1, 1] }]);
  });

  test("of lookups are in range", () => {
    always(indices(4), (list) =>
      expect(core.take(x, list, { axis: 2 }).dataSync()).toHaveLength(6 * list.size),
    );
    always(gathers(x.shape), ({ indices: list, options }) => {
      const picked = core.gather(x, list, options);
      expect(picked.dataSync()).toHaveLength(picked.size);
      const added = core.scatterAdd(x, list, core.ones(picked.shape, { dtype: "int32" }), options);
      expect(added.shape).toEqual(x.shape);
    });
    expect(share(indices(4), (list) => list.dataSync().some((i) => i < 0))).toBeGreaterThan(0.2);
    expect(share(gathers(x.shape), ({ options }) => options.batchDims > 0)).toBeGreaterThan(0.15);
    always(indices(4, { negative: false }), (list) =>
      expect(list.dataSync().every((i) => i >= 0)).toBe(true),
    );
    expect(simplest(indices(4)).shape).toEqual([]);
  });
});

describe("einsum equations", () => {
  test("fit their shapes", () => {
    always(einsumEquations(), ({ subscripts, shapes: list }) => {
      core.einsum(subscripts, ...list.map((shape) => core.ones(shape))).dataSync();
    });
    const written = (holds: (text: string) => boolean) =>
      share(einsumEquations(), ({ subscripts }) => holds(subscripts));
    expect(written((text) => text.includes("..."))).toBeGreaterThan(0.2);
    expect(written((text) => !text.includes("->"))).toBeGreaterThan(0.15);
    expect(written((text) => /(\w)\w*\1/.test(text.split("->")[0]))).toBeGreaterThan(0.2);
    expect(share(einsumEquations(), ({ shapes: list }) => list.length === 3)).toBeGreaterThan(0.2);
    expect(simplest(einsumEquations())).toEqual({ subscripts: "->", shapes: [[]] });
  });
});

test("keys are keys", () => {
  always(keys(), (key) => expect(core.random.bits([2], { key }).shape).toEqual([2]));
  expect(Array.from(simplest(keys()).dataSync())).toEqual(Array.from(core.random.key(0).dataSync()));
});

test("options that make no sense are refused", () => {
  const wrong: (() => unknown)[] = [
    () => shapes({ minRank: 3, maxRank: 2 }),
    () => shapes({ minRank: -1 }),
    () => shapes({ maxElements: 0 }),
    () => shapes({ rank: 3 } as object),
    () => broadcastableShapes(0),
    () => dtypes({ kind: "float" } as object),
    () => tensors({ values: "wild" as "special" }),
    () => tensors({ dtype: "float16" as "float32" }),
    () => tensors({ shape: [-1] }),
    () => trees({ maxDepth: 0.5 }),
    () => axis(0),
    () => axes(-1),
    () => axisOrders(1.5),
    () => indices(0),
    () => gathers([]),
    () => gathers([2, 0]),
    () => einsumEquations({ maxOperands: 0 }),
  ];
  for (const call of wrong) {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error, String(call)).toBeInstanceOf(core.StateError);
    expect((error as core.StateError).remedy, String(call)).toBeTruthy();
    expect((error as core.StateError).operation, String(call)).toBeTruthy();
  }
});
