import type { DType, Shape, Tensor } from "@cotangent/core";
import type { Grower } from "./grower.ts";
import { ALL, NUMERIC, type Operation, type Operations } from "./operation.ts";

/** Indices in range, whatever their elements: by mod, and now and then from the end. */
function indices(g: Grower, shape: Shape, size: number): Tensor {
  const dtype = g.choices.chance(70) ? "int32" : "uint32";
  const any = g.likeInPool({ shape, dtype });
  const whole = any.dtype === dtype ? any : g.apply("cast", [any], { dtype });
  const inRange = g.apply("mod", [whole, g.literal(size, { shape, dtype })]);
  if (dtype === "uint32" || g.choices.chance(60)) return inRange;
  return g.apply("sub", [inRange, g.literal(size, { shape, dtype })]);
}

interface Lookup {
  readonly x: Tensor;
  readonly index: Tensor;
  readonly params: object;
  /** The shape of what is picked. */
  readonly picked: Shape;
}

/** x with some of its axes as batch, one that is looked up, the rest as a row; indices for it. */
function lookup(g: Grower, dtype: DType): Lookup | null {
  const { choices } = g;
  const x = g.operand(dtype, ({ shape }) => shape.some((size) => size > 0));
  if (x === null || x.rank === 0) return null;
  const inner = choices.below(x.rank);
  const place = x.rank - 1 - inner;
  const size = x.shape[place];
  if (size === 0) return null;
  const batch = x.shape.slice(0, place);
  const own = g.shape(0, 2);
  const shape = [...batch, ...own];
  const picked = [...shape, ...x.shape.slice(place + 1)];
  if (!g.fits(shape) || !g.fits(picked)) return null;
  const shared = batch.length > 0 && choices.chance(40);
  const index = shared ? g.apply("broadcast", [indices(g, own, size)], { shape }) : indices(g, shape, size);
  const places = own.map((_, i) => i - own.length);
  return { x, index, picked, params: { inner, picked: own.length, operation: "test", axis: place, places } };
}

const gather: Operation = {
  dtypes: ALL,
  weight: 8,
  grow(g, dtype) {
    const found = lookup(g, dtype);
    return found && g.apply("gather", [found.x, found.index], found.params);
  },
};

/** Both engines take updates in their order, so that even sums are equal bit by bit. */
const scatter = (name: string, dtypes: readonly DType[], weight: number): Operation => ({
  dtypes,
  weight,
  grow(g, dtype) {
    const found = lookup(g, dtype);
    if (found === null) return null;
    const { x, index, params, picked } = found;
    const target = g.choices.chance(25) ? g.literal(0, x) : x;
    return g.apply(name, [target, index, g.likeInPool({ shape: picked, dtype })], params);
  },
});

/** What indices name, read and written. */
export const INDEXING: Operations = {
  gather,
  scatterSet: scatter("scatterSet", ALL, 4),
  scatterAdd: scatter("scatterAdd", NUMERIC, 6),
  scatterMul: scatter("scatterMul", NUMERIC, 3),
  scatterMin: scatter("scatterMin", ALL, 3),
  scatterMax: scatter("scatterMax", ALL, 3),
};
