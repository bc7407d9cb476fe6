import type { Tensor } from "@cotangent/core";
import { type ActivationFunction, type ActivationName, activationFunction } from "../activations.ts";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";

/** A function as a layer, on inputs of any shape that it takes. */
export class Activation extends Module {
  private readonly activation: ActivationFunction;

  /** @throws StateError for an unknown name */
  constructor(activation: ActivationFunction | ActivationName) {
    super();
    this.activation = activationFunction(activation, "Activation");
  }

  forward(x: Tensor): Tensor {
    return this.activation(x);
  }
}

/** An Activation layer for `sequential`. Shapes stay as they are. */
export const activation = (f: ActivationFunction | ActivationName): LayerFactory => ({
  build: () => new Activation(f),
});
