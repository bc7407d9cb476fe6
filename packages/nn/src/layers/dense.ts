import {
  checkOptions,
  type Differ,
  type DType,
  type Fits,
  formatShape,
  matmul,
  type Settled,
  type Shape,
  ShapeError,
  type ShapeMismatch,
  type ShapeOf,
  type Tensor,
  type Variable,
  variable,
} from "@cotangent/core";
import { type ActivationFunction, type ActivationName, activationFunction } from "../activations.ts";
import type { Initializer } from "../initializers/initializer.ts";
import { type InitializerName, initializerFunction } from "../initializers/named.ts";
import { Module } from "../module/module.ts";
import type { LayerFactory } from "./factory.ts";
import { checkFloating, checkSize, type KeyOptions, splitKey } from "./options.ts";

export interface DenseOptions extends KeyOptions {
  /** What is applied to the result: a function, or its name; nothing unless given. */
  readonly activation?: ActivationFunction | ActivationName;
  /** Whether a bias is added: true unless given. */
  readonly useBias?: boolean;
  /** The kernel's first value: glorotUniform unless given. */
  readonly kernelInitializer?: Initializer | InitializerName;
  /** The bias's first value: zeros unless given. */
  readonly biasInitializer?: Initializer | InitializerName;
  /** The dtype of the weights: float32 unless given. */
  readonly dtype?: DType;
  /** For messages and the names of variables: "dense" unless given. */
  readonly name?: string;
}

/** What a layer of these sizes makes of a shape: `DenseShape<readonly [32, 784], 784, 64>` is `readonly [32, 64]`. */
export type DenseShape<S extends Shape, In extends number, Out extends number> = number extends S["length"]
  ? Shape
  : S extends readonly [...infer Leading extends Shape, infer N extends number]
    ? Differ<N, In> extends true
      ? ShapeMismatch<`Dense: the layer takes ${In} inputs, the last axis has size ${N}`>
      : readonly [...Leading, Out]
    : ShapeMismatch<"Dense: a scalar has no axis of inputs">;

const OPTIONS = [
  "activation",
  "useBias",
  "kernelInitializer",
  "biasInitializer",
  "dtype",
  "key",
  "seed",
  "name",
];

/**
 * A fully connected layer: activation(x kernel + bias).
 *
 * x is [..., inputs] with any leading axes, the result [..., units]; the kernel is [inputs, units], the bias [units].
 */
export class Dense<out In extends number = number, out Out extends number = number> extends Module {
  readonly kernel: Variable<readonly [In, Out]>;
  /** null without `useBias`. */
  readonly bias: Variable<readonly [Out]> | null;
  readonly inputs: In;
  readonly units: Out;
  readonly name: string;
  private readonly activation: ActivationFunction;

  /** @throws StateError for sizes below 1, unknown options and names; DTypeError for a dtype that is not floating */
  constructor(inputs: In, units: Out, options: DenseOptions = {}) {
    super();
    checkOptions("Dense", options, OPTIONS);
    checkSize(inputs, "inputs", "Dense");
    checkSize(units, "units", "Dense");
    this.inputs = inputs;
    this.units = units;
    this.name = options.name ?? "dense";
    this.activation = activationFunction(options.activation ?? "linear", "Dense");
    const dtype = checkFloating(options.dtype ?? "float32", "Dense");
    const kernelInitializer = initializerFunction(options.kernelInitializer ?? "glorotUniform", "Dense");
    const biasInitializer = initializerFunction(options.biasInitializer ?? "zeros", "Dense");
    const [kernelKey, biasKey] = splitKey(options, 2, "Dense");
    this.kernel = variable(kernelInitializer([inputs, units], { key: kernelKey, dtype }), {
      name: `${this.name}.kernel`,
    }) as Variable<readonly [In, Out]>;
    this.bias =
      options.useBias === false
        ? null
        : (variable(biasInitializer([units], { key: biasKey, dtype }), {
            name: `${this.name}.bias`,
          }) as Variable<readonly [Out]>);
  }

  override get inputShape(): readonly number[] {
    return [this.inputs];
  }

  /** @throws ShapeError when x's last axis has another size than `inputs` */
  forward<I extends number, O extends number, X extends Tensor>(
    this: Dense<I, O>,
    x: X & Fits<DenseShape<ShapeOf<X>, I, O>>,
  ): Tensor<Settled<DenseShape<ShapeOf<X>, I, O>>>;
  forward(x: Tensor): Tensor {
    if (x.rank === 0 || x.shape[x.rank - 1] !== this.inputs) throw this.wrongInput(x);
    const product: Tensor = matmul(x, this.kernel);
    return this.activation(this.bias === null ? product : product.add(this.bias));
  }

  private wrongInput({ shape, size }: Tensor): ShapeError {
    return new ShapeError(
      `layer ${this.name} of shape ${formatShape(this.kernel.shape)} takes [..., ${this.inputs}], but its input has shape ${formatShape(shape)}`,
      {
        operation: "Dense",
        shapes: [shape, this.kernel.shape],
        remedy:
          shape.length > 1 && size % this.inputs === 0
            ? `Its last axis must have size ${this.inputs}; put Flatten before the layer if the others belong to one example`
            : `Its last axis must have size ${this.inputs}`,
      },
    );
  }
}

/** A Dense layer for `sequential`, which tells it the number of inputs. Takes and gives [..., size]. */
export function dense<const Out extends number>(
  units: Out,
  options: DenseOptions = {},
): LayerFactory<Dense<number, Out>> {
  checkSize(units, "units", "dense");
  checkOptions("dense", options, OPTIONS);
  return {
    build({ inputShape, key, name }) {
      if (inputShape.length === 0) {
        throw new ShapeError("one example has no axes, but a dense layer needs one", {
          operation: "dense",
          shapes: [inputShape],
          remedy: "Use an inputShape such as [1]",
        });
      }
      const own = options.key !== undefined || options.seed !== undefined ? {} : { key };
      return new Dense(inputShape[inputShape.length - 1], units, { name, ...own, ...options });
    },
  };
}
