import type { Tensor } from "../../ir/tensor.ts";
import { checkBody, tensorTree } from "../../transform/control/trace.ts";
import { builder } from "../../transform/vjp.ts";
import { vmap } from "../../transform/vmap.ts";
import { checkOptions } from "../../types/options.ts";
import { StateError } from "../../util/errors.ts";
import type { Carried, Carry } from "./carry.ts";
import { partAlong } from "./part.ts";
import { scan } from "./scan.ts";

export interface MapOptions {
  /** So many elements at once, by vmap, rather than one: faster, for more memory. */
  readonly batchSize?: number;
}

/**
 * f of each element along the first axis, one after the other, and the results along a new first axis: as vmap, in the memory
 * of one element (or of `batchSize` of them). Trees of tensors work as argument and result. That of `jax.lax.map`.
 * @throws ShapeError for scalars and where first axes differ; StateError for a batch size that is none
 */
export function map<X extends Carry, Y>(
  f: (x: Carried<X>) => Y,
  xs: X,
  options: MapOptions = {},
): Carried<Y> {
  const operation = "map";
  checkBody(f, operation, "the first argument", "map((x) => x.sin(), xs)");
  checkOptions(operation, options, ["batchSize"]);
  const { batchSize } = options;
  if (batchSize === undefined)
    return scan((_: null, x: Carried<X>) => [null, f(x)], null, xs)[1] as Carried<Y>;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new StateError(`batchSize is ${batchSize}`, {
      operation,
      remedy: "Give a whole number of elements, at least 1",
    });
  }
  const { flat } = tensorTree(xs, operation);
  const length = flat.leaves[0]?.shape[0] ?? 0;
  const whole = Math.floor(length / batchSize) * batchSize;
  const slices = (from: number, to: number, shape?: readonly number[]): Carry =>
    flat.unflatten(
      flat.leaves.map((x) => {
        const own = partAlong(x, 0, from, to);
        return shape === undefined ? own : builder.reshape(own, [...shape, ...x.shape.slice(1)]);
      }),
    ) as Carry;
  const lanes = vmap(f as (x: unknown) => unknown);
  const rest = (): unknown => lanes(slices(whole, length));
  if (whole === 0) return rest() as Carried<Y>;
  const folded = slices(0, whole, [whole / batchSize, batchSize]);
  const [, ys] = scan((_: null, x: unknown) => [null, lanes(x)], null, folded);
  const front = tensorTree(ys, operation).flat;
  const unfolded = front.leaves.map((y) => builder.reshape(y, [whole, ...y.shape.slice(2)]));
  if (whole === length) return front.unflatten(unfolded) as Carried<Y>;
  const back = tensorTree(rest(), operation).flat.leaves;
  const joined: Tensor[] = unfolded.map((y, i) => builder.concat([y, back[i]], 0));
  return front.unflatten(joined) as Carried<Y>;
}
