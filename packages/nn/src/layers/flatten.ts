import { formatShape, ShapeError, type Tensor } from "@cotangent/core";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";

/** All axes after the first, the batch, as one: [batch, a, b, ...] becomes [batch, a * b * ...]. */
export class Flatten extends Module {
  /** @throws ShapeError for a scalar, which has no batch axis */
  forward(x: Tensor): Tensor {
    if (x.rank === 0) {
      throw new ShapeError(`the input has shape ${formatShape(x.shape)}, without a batch axis`, {
        operation: "Flatten",
        shapes: [x.shape],
        remedy: "Its input is [batch, ...]",
      });
    }
    const [batch, ...sizes] = x.shape;
    return x.reshape([batch, sizes.reduce((product, size) => product * size, 1)]);
  }
}

/** A Flatten layer for `sequential`. [batch, ...] becomes [batch, size]. */
export const flatten = (): LayerFactory<Flatten> => ({ build: () => new Flatten() });
