import { isTensor, type Tensor } from "../../ir/tensor.ts";
import { iotaLeaf } from "../../prims/leaves.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { normalizeAxis, toShape } from "../../types/shape.ts";
import type { ShapeOf } from "../../types/static/index.ts";
import { describeValue } from "../../types/trees.ts";
import { StateError } from "../../util/errors.ts";
import { take } from "../gather.ts";
import type { DrawOptions } from "./discrete.ts";
import { keyFrom, split } from "./keys.ts";

/** Beyond this many elements bits and places do not fit into one float64. */
const MOST = 2 ** 21;

export interface PermutationOptions extends DrawOptions {
  /** Of a tensor: the axis whose slices are put into another order; 0 unless given. */
  readonly axis?: number;
}

/**
 * The numbers 0 to n - 1 in random order, int32: sorted by random bits, in as many rounds as make it unlikely (n^-1)
 * that two of them are not told apart. Of a tensor: its slices along an axis in that order, in its
 * shape; gradients go back to where they come from. The permutation of `jax.random.permutation` for the same key. A vector [n].
 * @throws StateError unless n is a whole number from 0 to 2^21
 */
export function permutation(n: number, options?: DrawOptions): Tensor<readonly [number]>;
export function permutation<X extends Tensor>(x: X, options?: PermutationOptions): Tensor<ShapeOf<X>>;
export function permutation(x: number | Tensor, options: PermutationOptions = {}): Tensor {
  const operation = "random.permutation";
  checkOptions(operation, options, isTensor(x) ? ["key", "seed", "axis"] : ["key", "seed"]);
  if (!isTensor(x)) return orderOf(x, options, operation);
  const axis = normalizeAxis(operation, options.axis ?? 0, x.rank);
  return take(x, orderOf(x.shape[axis], options, operation), { axis });
}

function orderOf(n: number, options: DrawOptions, operation: string): Tensor {
  if (Number.isInteger(n) && n >= 0 && n <= MOST) return orderFrom(keyFrom(options, operation), n);
  throw new StateError(`${typeof n === "number" ? n : describeValue(n)} is not a number of elements`, {
    operation,
    remedy: `Give a whole number from 0 to ${MOST}, or a tensor whose axis has such a size`,
  });
}

/** Rounds of sorting by 32 bits after which the order of n elements is all but surely decided by the bits. */
const roundsFor = (n: number): number => Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1));

/** A random order of n elements, drawn with a key that is one. */
export function orderFrom(from: Tensor, n: number): Tensor {
  const shape = toShape([n]);
  const rounds = roundsFor(n);
  if (rounds === 0) return iotaLeaf(shape, 0, "int32");
  const [next, first] = split(from);
  const order = builder.argSort(builder.randomBits(first, shape), 0);
  if (rounds === 1) return order;
  // The second round's bits belong to places after the first: element i is at place[i] then, which breaks ties too.
  const place = builder.argSort(order, 0);
  const second = builder.broadcast(split(next)[1], [n, 2]);
  const bits = builder.randomBits(second, [], false, builder.cast(place, "uint32"));
  const key = builder.mul(builder.cast(bits, "float64"), MOST);
  return builder.argSort(builder.add(key, builder.cast(place, "float64")), 0);
}
