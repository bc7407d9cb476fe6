import { checkOptions, type Shape, StateError, type Tensor, tensor } from "@cotangent/core";
import fc from "fast-check";
import { wholeOption } from "./limits.ts";
import { shapes } from "./shapes.ts";

/** The arguments of `slice` behind the tensor: `slice(x, ...arguments)`. */
export type SliceArguments = [
  start: (number | null)[],
  end: (number | null)[],
  options: { readonly step: number[] },
];

/**
 * What `slice` takes for tensors of a shape: for each axis where to start and end (beyond its ends, and counted from the
 * end, here and there; null for all the way), and a step, which may go backwards. They shrink towards the whole tensor.
 */
export function slices(shape: Shape): fc.Arbitrary<SliceArguments> {
  const sections = shape.map((size) => {
    const place = fc.option(fc.integer({ min: -size - 1, max: size + 1 }), { nil: null, freq: 2 });
    return fc.record({ start: place, end: place, step: fc.constantFrom(1, 2, 3, -1, -2) });
  });
  return fc
    .tuple(...sections)
    .map(
      (list): SliceArguments => [
        list.map(({ start }) => start),
        list.map(({ end }) => end),
        { step: list.map(({ step }) => step) },
      ],
    );
}

/** Which indices there are. */
export interface IndexOptions {
  /** The shape of the indices; up to two axes of up to three unless given. */
  readonly shape?: Shape;
  /** Whether some count from the end; true unless given. */
  readonly negative?: boolean;
}

/**
 * Indices into an axis of that size, as `take` and its relatives take them: int32, all in range. They shrink towards 0.
 * @throws StateError for options that make no sense, and for an axis of size 0: nothing can be looked up in it
 */
export function indices(size: number, options: IndexOptions = {}): fc.Arbitrary<Tensor> {
  checkOptions("indices", options, ["shape", "negative"]);
  const count = wholeOption("indices", "size", size, 1);
  const { shape, negative = true } = options;
  const drawn = shape === undefined ? shapes({ maxRank: 2, maxElements: 6 }) : fc.constant(shape);
  const index = fc.integer({ min: negative ? -count : 0, max: count - 1 });
  return drawn.chain((dims) => indicesOf(index, dims));
}

function indicesOf(index: fc.Arbitrary<number>, shape: Shape): fc.Arbitrary<Tensor> {
  const length = shape.reduce((product, n) => product * n, 1);
  return fc
    .array(index, { minLength: length, maxLength: length, size: "max" })
    .map((list) => tensor(list, { shape, dtype: "int32" }));
}

/** The arguments of `gather` behind the tensor: `gather(x, indices, options)`. */
export interface GatherArguments {
  readonly indices: Tensor;
  readonly options: { readonly axis: number; readonly batchDims: number };
}

/**
 * What `gather` takes for tensors of a shape: an axis that is looked up, how many axes before it go in step, and indices
 * for it, all in range. The scattering operations take the same, with updates of the shape that `gather` gives.
 * @throws StateError for shapes of rank 0 or with an axis of size 0
 */
export function gathers(shape: Shape): fc.Arbitrary<GatherArguments> {
  if (shape.length === 0 || shape.includes(0)) {
    throw new StateError(`nothing can be looked up in the shape [${shape.join(", ")}]`, {
      operation: "gathers",
      remedy: "Give one with at least one axis, and no axis of size 0",
    });
  }
  return fc
    .tuple(
      fc.nat({ max: shape.length - 1 }),
      fc.nat({ max: shape.length - 1 }),
      shapes({ maxRank: 2, maxElements: 4 }),
    )
    .chain(([axis, batch, own]) => {
      const batchDims = Math.min(axis, batch);
      return indices(shape[axis], { shape: [...shape.slice(0, batchDims), ...own] }).map((drawn) => ({
        indices: drawn,
        options: { axis, batchDims },
      }));
    });
}
