import type { IndexingParams, ScatterOp } from "../../ir/builder.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { fromValues } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { broadcastShapes, type Shape, sizeOf } from "../../types/shape.ts";
import { TraceError } from "../../util/errors.ts";
import { checkedIndex, fitted, lookUp } from "../lookup.ts";
import type { Change } from "./basic.ts";
import { type Advanced, type Item, isAdvanced } from "./parse.ts";

/** Where tensors look up: in some axes of y, which become one, at places that are a tensor of numbers. */
interface Lookup {
  /** y with the axes that are looked up behind one another, as one. */
  readonly merged: Tensor;
  readonly indices: Tensor;
  readonly params: IndexingParams;
  /** The shape of what is picked, before it is brought into the result's order. */
  readonly shape: Shape;
  /** The order of y's axes before they are merged, and the order that leads from what is picked to the result. */
  readonly order: readonly number[];
  readonly outOrder: readonly number[];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The order that undoes another one. */
const inverse = (order: readonly number[]): number[] =>
  range(order.length).map((axis) => order.indexOf(axis));

/** The axes of what is left after the integers, for each of the items. */
function axesAfterIntegers(items: readonly Item[]): Map<Item, readonly number[]> {
  let next = 0;
  const places = new Map<Item, readonly number[]>();
  for (const item of items) {
    const count =
      item.kind === "integer" || item.kind === "ellipsis" ? 0 : item.kind === "mask" ? item.indices.rank : 1;
    places.set(
      item,
      range(count).map((i) => next + i),
    );
    next += count;
  }
  return places;
}

/**
 * NumPy's rule: the axes that tensors make stand where the first of them stood when all of them, and the integers, stand
 * behind one another; else in front.
 */
function isTogether(items: readonly Item[]): boolean {
  const places = [...items.keys()].filter((i) => items[i].kind === "integer" || isAdvanced(items[i]));
  return places[places.length - 1] - places[0] === places.length - 1;
}

/** What tensors look up in y, the axes of which are those that the basic view leaves. */
function lookupIn(y: Tensor, items: readonly Item[]): Lookup {
  const axes = axesAfterIntegers(items);
  const advanced = items.filter(isAdvanced);
  const chosen = advanced.flatMap((item) => axes.get(item) as number[]);
  const [first] = chosen;
  const isBlock = chosen[chosen.length - 1] - first === chosen.length - 1;
  const others = range(y.rank).filter((axis) => !chosen.includes(axis));
  const order = isBlock ? range(y.rank) : [...chosen, ...others];
  const place = isBlock ? first : 0;
  const sizes = chosen.map((axis) => y.shape[axis]);
  const ordered = builder.permute(y, order);
  const merged = builder.reshape(ordered, [
    ...ordered.shape.slice(0, place),
    sizeOf(sizes),
    ...ordered.shape.slice(place + sizes.length),
  ]);
  const [only] = advanced;
  const isSingle = advanced.length === 1;
  const linear = isSingle ? placesOf(only) : linearPlaces(advanced, y, axes);
  const { indices, params, shape } = lookUp("at", merged, linear, place, 0);
  const count = linear.rank;
  // What is picked stands where it was looked up; the result may have it in front.
  const picked = range(shape.length);
  const outOrder = isTogether(items) ? picked : [...picked.splice(place, count), ...picked];
  return {
    merged,
    indices,
    shape,
    params: isSingle && only.kind === "indices" ? { ...params, axis: only.axis } : params,
    order,
    outOrder,
  };
}

/** The places of several tensors together, in row-major order of their axes; each is checked on its own. */
function linearPlaces(
  advanced: readonly Advanced[],
  y: Tensor,
  axes: ReadonlyMap<Item, readonly number[]>,
): Tensor {
  const sizes = advanced.map((item) => sizeOf((axes.get(item) as number[]).map((axis) => y.shape[axis])));
  const own = advanced.map((item, i) =>
    item.kind === "mask" ? placesOf(item) : checkedIndex("at", item.indices, sizes[i], item.axis),
  );
  const shape = broadcastShapes("at", ...own.map((places) => places.shape));
  return own
    .map((places) => builder.broadcast(places, shape))
    .reduce((linear, places, i) => builder.add(builder.mul(linear, sizes[i]), places));
}

/** The places that an index names in its axes as one: of a mask, those where it is true, which are read. */
function placesOf({ kind, indices }: Advanced): Tensor {
  if (kind === "indices") return indices;
  if (indices.node.symbolic) {
    throw new TraceError("how many elements a mask chooses is not known while a function is traced", {
      operation: "at",
      remedy:
        "Give the places with a size, x.at(...nonzero(mask, { size })), or choose with where(mask, x, 0)",
    });
  }
  const flags = indices.dataSync();
  const places: number[] = [];
  for (let i = 0; i < flags.length; i++) if (flags[i] !== 0) places.push(i);
  return fromValues(Int32Array.from(places), { copy: false }, "at");
}

/** What tensors pick out of y. */
export function picked(y: Tensor, items: readonly Item[]): Tensor {
  const { merged, indices, params, outOrder } = lookupIn(y, items);
  return builder.permute(builder.gather(merged, indices, params), outOrder);
}

/** y with `fit` of the shape that is picked put into the places, in their order. */
export function written(
  y: Tensor,
  items: readonly Item[],
  op: ScatterOp,
  fit: (shape: Shape) => Tensor,
): Tensor {
  const { merged, indices, params, shape, order, outOrder } = lookupIn(y, items);
  const values = builder.permute(fit(outOrder.map((axis) => shape[axis])), inverse(outOrder));
  const result = builder.scatter(op, merged, indices, values, params);
  const ordered = order.map((axis) => y.shape[axis]);
  return builder.permute(builder.reshape(result, ordered), inverse(order));
}

/**
 * y with values put where a mask is true, when that is the only tensor among the indices and the values do not depend on how
 * many elements it chooses: no number needs to be known. Null where that is not so.
 */
export function masked(y: Tensor, items: readonly Item[], values: Tensor, change: Change): Tensor | null {
  const advanced = items.filter(isAdvanced);
  const [{ kind, indices: mask }] = advanced;
  if (advanced.length > 1 || kind !== "mask") return null;
  const [place] = axesAfterIntegers(items).get(advanced[0]) as readonly number[];
  const rank = y.rank - mask.rank + 1;
  // Where the result of a read has the axis of what is chosen.
  const chosen = isTogether(items) ? place : 0;
  const missing = rank - values.rank;
  if (missing < 0 || (chosen >= missing && values.shape[chosen - missing] !== 1)) return null;
  const full = [...new Array<number>(missing).fill(1), ...values.shape];
  full.splice(chosen, 1);
  full.splice(place, 0, ...mask.shape.map(() => 1));
  const spread = fitted("at", builder.reshape(values, full), y.shape);
  const after = y.rank - place - mask.rank;
  const flags = builder.reshape(mask, [...mask.shape, ...new Array<number>(after).fill(1)]);
  return builder.where(builder.broadcast(flags, y.shape), change(y, spread), y);
}
