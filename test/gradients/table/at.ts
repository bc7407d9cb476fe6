import * as core from "@cotangent/core";
import fc from "fast-check";
import { separated } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { shapes, sizeOf, whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

type Tensor = core.Tensor;
type Shape = core.Shape;
type Op = "set" | "add" | "mul" | "min" | "max";

const position = (size: number): fc.Arbitrary<number | null> =>
  fc.option(whole(-size - 1, size + 1), { nil: null, freq: 2 });

const ranges = (size: number): fc.Arbitrary<core.Index> =>
  fc
    .tuple(position(size), position(size), fc.constantFrom(1, 1, 2, -1, -2))
    .map(([start, stop, step]) => core.range(start, stop, step));

const tensorOf = (values: readonly number[], shape: Shape): Tensor =>
  core.tensor(Int32Array.from(values), { shape });

/** Whole numbers for an axis, in one of a few shapes that broadcast. */
const elements = (size: number): fc.Arbitrary<core.Index> =>
  fc
    .constantFrom<Shape>([2], [], [1], [2, 1], [1, 2])
    .chain((shape) =>
      fc
        .array(whole(-size, size - 1), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
        .map((values) => tensorOf(values, shape)),
    );

const mask = (size: number): fc.Arbitrary<core.Index> =>
  fc
    .array(fc.boolean(), { minLength: size, maxLength: size })
    .map((flags) => core.tensor(flags, { dtype: "bool" }));

const indexOf = (size: number): fc.Arbitrary<core.Index> =>
  size === 0
    ? ranges(size)
    : fc.oneof(
        { weight: 3, arbitrary: ranges(size) },
        { weight: 2, arbitrary: whole(-size, size - 1) },
        { weight: 2, arbitrary: elements(size) },
      );

/** Indices for some of the axes, with new axes and an ellipsis among them; or a mask in the place of one of them. */
const indexLists = (shape: Shape): fc.Arbitrary<core.Index[]> =>
  fc
    .tuple(
      fc.tuple(...shape.map(indexOf)),
      whole(0, shape.length),
      fc.option(fc.nat(3), { nil: null }),
      fc.option(fc.nat(3), { nil: null }),
      fc.option(whole(0, Math.max(shape.length - 1, 0)), { nil: null, freq: 3 }),
    )
    .chain(([list, count, fresh, rest, masked]) => {
      const place = masked !== null && masked < shape.length ? masked : null;
      const flags = place === null ? fc.constant<core.Index>(null) : mask(shape[place]);
      return flags.map((one) => {
        const own = place === null ? list : list.map((_, i) => (i === place ? one : core.range()));
        const given: core.Index[] = own.slice(0, count);
        if (fresh !== null) given.splice(fresh, 0, null);
        // What is behind an ellipsis must be for axes of the same sizes: nothing is.
        if (rest !== null) given.push(core.ellipsis);
        return given;
      });
    });

const drawn = shapes({ maxRank: 3 }).chain((shape) =>
  indexLists(shape).map((indices) => ({
    shape,
    indices,
    picked: core.at(core.zeros(shape), ...indices).get().shape,
  })),
);

const describe = (indices: readonly core.Index[]): unknown =>
  indices.map((index) => (core.isTensor(index) ? index.arraySync() : index));

const reads: fc.Arbitrary<Setup> = drawn.map(({ shape, indices }) => ({
  shapes: [shape],
  domains: [separated],
  options: describe(indices),
  apply: (x: Tensor) =>
    x
      .at(...indices)
      .apply((e) => e.sin().mul(e))
      .at(...indices)
      .get(),
}));

const OPS: readonly Op[] = ["set", "add", "mul", "min", "max"];

/** Elements without ties are right for all of them. */
const writes: fc.Arbitrary<Setup> = fc
  .tuple(drawn, fc.nat(3), fc.constantFrom(...OPS))
  .filter(([{ picked }]) => sizeOf(picked) <= 16)
  .map(([{ shape, indices, picked }, dropped, op]) => ({
    shapes: [shape, picked.slice(dropped === 3 ? picked.length : 0)],
    domains: [separated, separated],
    options: { op, indices: describe(indices) },
    apply: (x: Tensor, values: Tensor) => x.at(...indices)[op](values),
  }));

/** What `at` reads and changes, by indices of all kinds. */
export const atRows: readonly Row[] = [
  custom("at", reads),
  custom("at, changed", writes, { covers: ["at"] }),
];
