import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Packing } from "../src/library/gemm/descriptor.ts";
import { bareOperations, type GemmDtype, type GemmProblem, planGemm } from "../src/library/gemm/index.ts";
import { detectFeatures } from "../src/machine/features.ts";
import { GemmLibrary, guardOf, type RunOptions, type Split } from "./support/gemm.ts";

const DTYPES = ["float32", "float64", "int32", "uint32"] as const;
const SIZES = [0, 1, 2, 3, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65];
const LENGTHS = [...SIZES, 255, 256, 257, 300, 513];
const GUARD_VALUE = -77;

type Values = Float32Array | Float64Array | Int32Array | Uint32Array;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const;

/** How a matrix lies in memory. */
const LAYOUTS = ["rows", "columns", "padded", "backwards", "everySecond", "oneRow", "oneColumn"] as const;
type Layout = (typeof LAYOUTS)[number];

interface Matrix {
  readonly data: Values;
  readonly start: number;
  readonly row: number;
  readonly column: number;
  readonly batch: number;
}

interface Case {
  readonly dtype: GemmDtype;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  readonly a: Layout;
  readonly b: Layout;
  readonly seed: number;
}

/** Small numbers that repeat seldom; whole ones for integers, large enough to overflow in sums. */
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}

function matrix(
  dtype: GemmDtype,
  layout: Layout,
  rows: number,
  columns: number,
  batch: number,
  seed: number,
): Matrix {
  const [row, column] = {
    rows: [columns, 1],
    columns: [1, rows],
    padded: [columns + 3, 1],
    backwards: [-columns, -1],
    everySecond: [2 * columns, 2],
    oneRow: [0, 1],
    oneColumn: [1, 0],
  }[layout];
  const reach = Math.abs(row) * Math.max(0, rows - 1) + Math.abs(column) * Math.max(0, columns - 1) + 1;
  const start = (row < 0 ? -row * (rows - 1) : 0) + (column < 0 ? -column * (columns - 1) : 0);
  const next = random(seed);
  const scale = dtype === "float32" || dtype === "float64" ? 1 : 2 ** 31;
  const data = new ARRAYS[dtype](reach * Math.max(1, batch)).map(() => next() * scale);
  return { data, start: rows === 0 || columns === 0 ? 0 : start, row, column, batch: reach };
}

const prepare = ({ dtype, m, n, k, batch, a, b, seed }: Case) => ({
  left: matrix(dtype, a, m, k, batch, seed),
  right: matrix(dtype, b, k, n, batch, 3 * seed + 1),
});

const problemOf = ({ dtype, m, n, k, batch }: Case, left: Matrix, right: Matrix): GemmProblem => ({
  dtype,
  m,
  n,
  k,
  batch,
  a: left,
  b: right,
  cRow: n,
  aBatch: left.batch,
  bBatch: right.batch,
  cBatch: m * n,
  epilogue: false,
});

/** Element by element: the sum in float64, or modulo 2^32, and the sum of absolute values. */
function* expected({ dtype, m, n, k, batch }: Case, left: Matrix, right: Matrix) {
  for (let q = 0; q < batch; q++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        let size = 0;
        for (let p = 0; p < k; p++) {
          const x = left.data[q * left.batch + left.start + i * left.row + p * left.column];
          const y = right.data[q * right.batch + right.start + p * right.row + j * right.column];
          if (dtype === "float32" || dtype === "float64") sum += x * y;
          else sum = (sum + Math.imul(x, y)) | 0;
          size += Math.abs(x * y);
        }
        yield { at: (q * m + i) * n + j, sum: dtype === "uint32" ? sum >>> 0 : sum, size };
      }
    }
  }
}

/** Checks every element of C, and that nothing was written around it. */
function check(one: Case, left: Matrix, right: Matrix, result: Values): void {
  const guard = guardOf(one.dtype);
  const unit = one.dtype === "float32" ? 2 ** -24 : one.dtype === "float64" ? 2 ** -52 : 0;
  for (const { at, sum, size } of expected(one, left, right)) {
    const got = result[guard + at];
    const bound = one.k * unit * size;
    if (!(Math.abs(got - sum) <= bound)) {
      expect.fail(`element ${at}: ${got} instead of ${sum}, allowed ${bound}, ${JSON.stringify(one)}`);
    }
  }
  const outside = new ARRAYS[one.dtype]([GUARD_VALUE])[0];
  const around = [...result.subarray(0, guard), ...result.subarray(result.length - guard)];
  expect(around.every((value) => value === outside)).toBe(true);
}

const caseOf = (layouts: readonly Layout[] = LAYOUTS) =>
  fc
    .record({
      dtype: fc.constantFrom(...DTYPES),
      m: fc.constantFrom(...SIZES),
      n: fc.constantFrom(...SIZES),
      k: fc.constantFrom(...LENGTHS),
      batch: fc.constantFrom(0, 1, 1, 1, 2, 3),
      a: fc.constantFrom(...layouts),
      b: fc.constantFrom(...layouts),
      seed: fc.integer({ min: 1, max: 1 << 28 }),
    })
    .map((one): Case => one);

const UNFUSED = new GemmLibrary(false);
const LIBRARIES: [string, GemmLibrary][] = [["multiply and add", UNFUSED]];
// Hosts without relaxed SIMD have no other library.
if (detectFeatures().relaxedSimd) LIBRARIES.push(["fused multiply-add", new GemmLibrary(true)]);

describe.each(LIBRARIES)("matrix products with %s", (_, library) => {
  const run = (one: Case, options: RunOptions & { epilogue?: boolean } = {}) => {
    const { left, right } = prepare(one);
    const problem = { ...problemOf(one, left, right), epilogue: options.epilogue ?? false };
    return library.run(problem, left, right, options);
  };

  it("are right for any sizes, strides and batches", () => {
    fc.assert(
      fc.property(caseOf(), fc.constantFrom<"a" | "b">("a", "b"), (one, last) => {
        const { left, right } = prepare(one);
        check(one, left, right, library.run(problemOf(one, left, right), left, right, { last }));
      }),
      { numRuns: 300 },
    );
  });

  it("have the same bits for every split of the units, with and without an epilogue", () => {
    fc.assert(
      fc.property(
        caseOf(),
        fc.constantFrom<Split[]>("single", "halves", "backwards"),
        fc.boolean(),
        fc.constantFrom(
          {},
          { rowsPerBlock: 5 },
          { columnsPerBlock: 16 },
          { rowsPerBlock: 13, columnsPerBlock: 8 },
        ),
        (one, split, epilogue, blocking) => {
          expect(run(one, { split, epilogue, blocking })).toEqual(run(one));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("have the same bits however the operands lie and are read", () => {
    const inPlace = [Packing.none, Packing.rows, Packing.scattered, Packing.slices];
    fc.assert(
      fc.property(
        caseOf(["rows"]),
        fc.constantFrom(...inPlace),
        fc.constantFrom(0, 4, 16),
        (one, packing, groupRows) => {
          const { left, right } = prepare(one);
          const usual = library.run(problemOf(one, left, right), left, right);
          const forced = library.run(problemOf(one, left, right), left, right, {
            blocking: one.n === 1 ? { groupRows } : { packing, groupRows },
          });
          expect(forced).toEqual(usual);
          for (const [a, b] of [
            ["columns", "columns"],
            ["everySecond", "rows"],
            ["backwards", "everySecond"],
          ] as const) {
            const other = [moved(one.dtype, left, a, one.m, one.k), moved(one.dtype, right, b, one.k, one.n)];
            if (one.batch > 1) return;
            const result = library.run(problemOf(one, other[0], other[1]), other[0], other[1]);
            expect(result).toEqual(usual);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ["a small result", 5, 9],
    ["a row", 1, 70],
    ["a column", 70, 1],
    ["a square", 64, 64],
  ])("split long sums of %s into chunks", (_name, m, n) => {
    const k = Math.ceil(2 ** 21 / (m * n + 4 * (m + n)) / 256) * 256 + 2049;
    const one: Case = { dtype: "float32", m, n, k, batch: 1, a: "rows", b: "rows", seed: 5 };
    const { left, right } = prepare(one);
    const problem = problemOf(one, left, right);
    expect(planGemm(problem).instructions.length).toBe(2);
    const whole = library.run(problem, left, right);
    check(one, left, right, whole);
    for (const split of ["single", "halves", "backwards"] as const) {
      expect(library.run(problem, left, right, { split })).toEqual(whole);
      expect(library.run({ ...problem, epilogue: true }, left, right, { split })).toEqual(whole);
    }
  });

  it.each([4095, 4096, 4097, 70000, 600001])("sum up a row times a column of %i elements", (k) => {
    for (const dtype of ["float32", "float64", "int32"] as const) {
      for (const a of ["rows", "backwards", "everySecond"] as const) {
        const one: Case = { dtype, m: 1, n: 1, k, batch: 1, a, b: "columns", seed: 3 };
        const { left, right } = prepare(one);
        const problem = problemOf(one, left, right);
        const result = library.run(problem, left, right, { split: "single" });
        check(one, left, right, result);
        const other = moved(dtype, left, "rows", 1, k);
        expect(library.run(problemOf(one, other, right), other, right)).toEqual(result);
      }
    }
  });

  it("take matrices of a batch from tables of offsets", () => {
    const one: Case = { dtype: "float64", m: 7, n: 9, k: 11, batch: 5, a: "rows", b: "columns", seed: 9 };
    const { left, right } = prepare(one);
    const problem = problemOf(one, left, right);
    const { aBatch, bBatch, ...rest } = problem;
    const order = [3, 0, 4, 4, 1];
    const tables = {
      ...rest,
      aOffsets: order.map((q) => q * left.batch),
      bOffsets: order.map((q) => q * right.batch),
    };
    const [plain, indirect] = [library.run(problem, left, right), library.run(tables, left, right)];
    const guard = guardOf("float64");
    order.forEach((q, i) => {
      const at = (matrix: number) => guard + matrix * 63;
      expect(indirect.slice(at(i), at(i + 1))).toEqual(plain.slice(at(q), at(q + 1)));
    });
  });

  it("write rows of C that are apart, and nothing between them", () => {
    const one: Case = { dtype: "float32", m: 13, n: 10, k: 300, batch: 2, a: "rows", b: "rows", seed: 2 };
    const { left, right } = prepare(one);
    const problem = { ...problemOf(one, left, right), cRow: 14, cBatch: 200 };
    const dense = library.run(problemOf(one, left, right), left, right);
    const sparse = library.run(problem, left, right);
    const guard = guardOf("float32");
    const places = new Map<number, number>();
    for (let q = 0; q < 2; q++) {
      for (let i = 0; i < 13; i++) {
        for (let j = 0; j < 10; j++) places.set(guard + q * 200 + i * 14 + j, guard + q * 130 + i * 10 + j);
      }
    }
    sparse.forEach((value, at) => {
      const source = places.get(at);
      expect(value).toBe(source === undefined ? GUARD_VALUE : dense[source]);
    });
  });

  it("pass on NaN and infinity, also where the other factor is zero", () => {
    for (const [m, n] of [
      [1, 20],
      [20, 1],
      [9, 9],
    ]) {
      const one: Case = { dtype: "float32", m, n, k: 20, batch: 1, a: "rows", b: "rows", seed: 1 };
      const { left, right } = prepare(one);
      left.data.fill(0);
      left.data[3] = Number.POSITIVE_INFINITY;
      right.data.fill(1);
      right.data[5 * n] = Number.NaN;
      const result = library.run(problemOf(one, left, right), left, right);
      const guard = guardOf("float32");
      const at = (i: number, j: number) => result[guard + i * n + j];
      expect(at(0, 0)).toBeNaN();
      if (n > 1) expect(at(0, 1)).toBe(Number.POSITIVE_INFINITY);
      if (m > 1) expect(at(1, 0)).toBeNaN();
      if (m > 1 && n > 1) expect(at(1, 1)).toBe(0);
    }
  });
});

describe("bare kernels", () => {
  it.each(LIBRARIES)("do as many operations as they say with %s", (name, library) => {
    for (const element of ["Float32", "Float64", "Int32"] as const) {
      const values = library.runBare(element);
      // Every element of C is a sum of 256 ones.
      const sums = values.filter((value) => value === 256).length;
      expect(256 * sums).toBe(bareOperations(element, name === "fused multiply-add"));
    }
  });
});

describe("plans of matrix products", () => {
  const sizes = {
    dtype: "float32",
    a: { row: 1, column: 1 },
    b: { row: 1, column: 1 },
    epilogue: false,
  } as const;
  const plan = (m: number, n: number, k: number, batch = 1) =>
    planGemm({ ...sizes, m, n, k, batch, cRow: n });

  it("have no instructions without elements, and zeros without k", () => {
    expect(plan(0, 3, 3).instructions).toEqual([]);
    expect(plan(3, 0, 3).instructions).toEqual([]);
    expect(plan(3, 3, 3, 0).instructions).toEqual([]);
    expect(plan(3, 3, 0).instructions.length).toBe(1);
  });

  it("cut large products into equal units", () => {
    for (const [m, n, k] of [
      [1024, 1024, 1024],
      [128, 512, 784],
      [32, 128, 784],
      [32, 64, 150528],
      [150528, 64, 32],
      [784, 128, 32],
    ]) {
      expect(plan(m, n, k).instructions[0].units).toBeGreaterThanOrEqual(8);
    }
    expect(plan(16, 16, 4).instructions[0].units).toBe(1);
  });
});

/** The same values with other strides. */
function moved(dtype: GemmDtype, from: Matrix, layout: Layout, rows: number, columns: number): Matrix {
  const to = matrix(dtype, layout, rows, columns, 1, 1);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = from.data[from.start + i * from.row + j * from.column];
      to.data[to.start + i * to.row + j * to.column] = value;
    }
  }
  return to;
}
