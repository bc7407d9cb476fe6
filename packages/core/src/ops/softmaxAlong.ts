import type { Tensor } from "../ir/tensor.ts";
import { builder } from "../transform/vjp.ts";

/** x minus its greatest element along `axes`, which nothing but accuracy depends on. */
function shifted(x: Tensor, axes: readonly number[]): Tensor {
  if (x.size === 0) return x;
  const greatest = builder.stopGradient(builder.reduce("max", x, axes, true));
  return builder.sub(x, builder.broadcast(greatest, x.shape));
}

/** exp(x) / sum(exp(x)) along axes counted from the front, without overflow. */
export function softmaxAlong(x: Tensor, axes: readonly number[]): Tensor {
  const powers = builder.exp(shifted(x, axes));
  return builder.div(powers, builder.broadcast(builder.reduce("sum", powers, axes, true), x.shape));
}

/** x - log(sum(exp(x))) along axes counted from the front, without overflow or underflow. */
export function logSoftmaxAlong(x: Tensor, axes: readonly number[]): Tensor {
  const moved = shifted(x, axes);
  const total = builder.reduce("sum", builder.exp(moved), axes, true);
  return builder.sub(moved, builder.broadcast(builder.log(total), x.shape));
}
