import {
  checkOptions,
  type DType,
  describeValue,
  type Fits,
  formatShape,
  type Shape,
  ShapeError,
  StateError,
  type Tensor,
} from "@cotangent/core";
import type { ActivationFunction } from "../activations.ts";
import { Module } from "../module/module.ts";
import { onPlaceholders } from "../module/shapes.ts";
import { isModule } from "../module/walk.ts";
import { Activation } from "./activation.ts";
import type { Chained } from "./chain.ts";
import type { LayerFactory } from "./factory.ts";
import { type KeyOptions, splitKey } from "./options.ts";

/** A layer: a module from a tensor to a tensor, or a function such as `relu`. */
export type Layer = Module | ActivationFunction;

export interface SequentialOptions {
  /** The sizes of one example, without the batch axis; by default what the first layer knows. */
  readonly inputShape?: Shape;
}

/** Layers one after the other on inputs [batch, ...], each on the result of the one before. */
export class Sequential<const L extends readonly Layer[] = readonly Layer[]> extends Module {
  readonly layers: readonly Module[];
  private readonly ownInputShape: Shape | undefined;

  /** @throws StateError for what is not a layer */
  constructor(layers: L & Fits<Chained<Shape, L>>, options: SequentialOptions = {}) {
    super();
    checkOptions("Sequential", options, ["inputShape"]);
    if (!Array.isArray(layers)) {
      throw new StateError(`expected an array of layers, got ${describeValue(layers)}`, {
        operation: "Sequential",
        remedy: "Pass the layers in an array: [new Dense(4, 8), relu]",
      });
    }
    this.layers = layers.map(asModule);
    this.ownInputShape = options.inputShape;
  }

  override get inputShape(): Shape | undefined {
    return this.ownInputShape ?? this.layers[0]?.inputShape;
  }

  override get inputDType(): DType {
    return this.layers[0]?.inputDType ?? super.inputDType;
  }

  /**
   * x is [batch, ...inputShape]; more leading axes are allowed.
   * @throws ShapeError when x has no batch axis or other sizes than the model was made for
   */
  forward(x: Tensor): Tensor {
    const { inputShape } = this;
    if (inputShape !== undefined) checkInput(x, inputShape);
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}

function asModule(layer: Layer, index: number): Module {
  if (isModule(layer)) return layer;
  if (typeof layer === "function") return new Activation(layer);
  const isFactory = typeof (layer as LayerFactory | null)?.build === "function";
  throw new StateError(`layer ${index} is ${isFactory ? "a layer still to be made" : describeValue(layer)}`, {
    operation: "Sequential",
    remedy: isFactory
      ? "dense(...) and flatten() go into sequential({ inputShape }, [...]); here use new Dense(inputs, units)"
      : "Layers are modules, and functions such as relu",
  });
}

function checkInput(x: Tensor, inputShape: Shape): void {
  const leading = x.rank - inputShape.length;
  const fits = (offset: number): boolean => inputShape.every((size, i) => x.shape[offset + i] === size);
  if (leading >= 1 && fits(leading)) return;
  const single = leading === 0 && fits(0);
  throw new ShapeError(
    `the model takes ${formatShape(["batch" as never, ...inputShape])}, but its input has shape ${formatShape(x.shape)}`,
    {
      operation: "Sequential",
      shapes: [x.shape],
      remedy: single
        ? "The batch axis is missing: a single example is a batch of one, x.expandDims(0)"
        : "Reshape the input, or make the model for this shape",
    },
  );
}

export interface SequentialFactoryOptions extends KeyOptions {
  /** The sizes of one example, without the batch axis: `[784]`, `[28, 28, 1]`. */
  readonly inputShape: Shape;
}

/**
 * A Sequential whose layers learn their input's shape from the layer before:
 * `sequential({ inputShape: [784], seed: 1 }, [dense(64, { activation: "relu" }), dense(10)])`.
 * With a seed or a key, the first weights are the same every time; without, they come from the default generator.
 * @throws StateError for what is not a layer, ShapeError where a layer does not fit behind the one before
 */
export function sequential<const S extends Shape, const L extends readonly (LayerFactory | Layer)[]>(
  options: SequentialFactoryOptions & { readonly inputShape: S },
  layers: L & Fits<Chained<S, L>>,
): Sequential;
export function sequential(
  options: SequentialFactoryOptions,
  layers: readonly (LayerFactory | Layer)[],
): Sequential {
  checkOptions("sequential", options, ["inputShape", "key", "seed"]);
  const { inputShape } = options;
  if (!Array.isArray(inputShape) || !inputShape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new StateError(`inputShape must be an array of sizes, not ${describeValue(inputShape)}`, {
      operation: "sequential",
      remedy: "Give the shape of one example, without the batch axis, such as [784]",
    });
  }
  if (!Array.isArray(layers)) {
    throw new StateError(`expected an array of layers, got ${describeValue(layers)}`, {
      operation: "sequential",
      remedy: "Pass the layers in an array: [new Dense(4, 8), relu]",
    });
  }
  const keys = splitKey(options, layers.length, "sequential");
  let shape: Shape = [...inputShape];
  const modules = layers.map((layer, i) => {
    const made =
      typeof (layer as LayerFactory | null)?.build === "function"
        ? (layer as LayerFactory).build({ inputShape: shape, key: keys[i], name: `layers.${i}` })
        : (layer as Layer);
    const module = asModule(made, i);
    shape = outputShape(module, shape);
    return module;
  });
  return new Sequential(modules, { inputShape: [...inputShape] });
}

/** What becomes of one example's shape in a layer, without computing anything. */
function outputShape(layer: Module, shape: Shape): Shape {
  let result: Shape = shape;
  onPlaceholders([[1, ...shape]], layer.inputDType, (x) => {
    result = layer.forward(x).shape.slice(1);
  });
  return result;
}
