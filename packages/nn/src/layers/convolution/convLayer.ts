import {
  checkOptions,
  conv,
  convTranspose,
  type DataFormat,
  type DType,
  formatShape,
  moveAxis,
  type Padding,
  type PerAxis,
  ShapeError,
  StateError,
  swapAxes,
  type Tensor,
  type Variable,
  variable,
} from "@cotangent/core";
import { type ActivationFunction, type ActivationName, activationFunction } from "../../activations.ts";
import type { Initializer } from "../../initializers/initializer.ts";
import { type InitializerName, initializerFunction } from "../../initializers/named.ts";
import { Module } from "../../module/module.ts";
import type { LayerFactory } from "../factory.ts";
import { checkFloating, checkSize, type KeyOptions, splitKey } from "../options.ts";

export interface ConvLayerOptions extends KeyOptions {
  /** From one place of the kernel to the next: 1 unless given. */
  readonly strides?: PerAxis;
  /** What stands around the input: nothing ("valid") unless given; with "same" it keeps its sizes, but for strides. */
  readonly padding?: Padding;
  /** From one element of the kernel to the next: 1 unless given. */
  readonly dilation?: PerAxis;
  /** The channels fall into so many groups, each with kernels of its own: 1 unless given. */
  readonly groups?: number;
  /** "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
  /** What is applied to the result: a function, or its name; nothing unless given. */
  readonly activation?: ActivationFunction | ActivationName;
  /** Whether a bias is added: true unless given. */
  readonly useBias?: boolean;
  /** The kernel's first value, for a shape [...sizes, inputs, outputs]: glorotUniform unless given. */
  readonly kernelInitializer?: Initializer | InitializerName;
  /** The bias's first value: zeros unless given. */
  readonly biasInitializer?: Initializer | InitializerName;
  /** The dtype of the weights: float32 unless given. */
  readonly dtype?: DType;
  /** For messages and the names of variables: the name of the factory unless given. */
  readonly name?: string;
}

export interface ConvTransposeLayerOptions extends ConvLayerOptions {
  /** So many more places behind each axis, less than its stride or dilation: 0 unless given. */
  readonly outputPadding?: PerAxis;
}

export const CONV_OPTIONS = [
  "strides", "padding", "dilation", "groups", "dataFormat", "activation", "useBias", "kernelInitializer",
  "biasInitializer", "dtype", "key", "seed", "name",
]; // biome-ignore format: a list

/** Which layer it is: what its name says. */
export interface ConvKind {
  /** The name of the class, for messages. */
  readonly operation: string;
  readonly spatial: number;
  readonly transposed?: boolean;
}

/** Sizes of a kernel or a window, one for each axis. @throws StateError */
export function checkSizes(sizes: PerAxis, count: number, what: string, operation: string): number[] {
  const list = typeof sizes === "number" ? new Array<number>(count).fill(sizes) : sizes;
  if (!Array.isArray(list) || list.length !== count) {
    throw new StateError(`${what} is ${JSON.stringify(sizes)}`, {
      operation,
      remedy: `Give a number for all axes, or a list with one for each (${count} here)`,
    });
  }
  return list.map((size) => checkSize(size, what, operation));
}

/**
 * What all convolutions have in common: a kernel of [...sizes, channels / groups, outputs], a bias of [outputs], and an
 * activation. (For transposed ones, outputs and channels of the kernel change places.)
 */
export abstract class ConvLayer extends Module {
  readonly kernel: Variable;
  /** null without `useBias`. */
  readonly bias: Variable | null;
  /** The channels of the input. */
  readonly channels: number;
  /** The channels of the result. */
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly name: string;
  private readonly kind: ConvKind;
  private readonly options: ConvTransposeLayerOptions;
  private readonly activation: ActivationFunction;

  constructor(
    kind: ConvKind,
    channels: number,
    filters: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions,
  ) {
    super();
    const { operation } = kind;
    checkOptions(operation, options, kind.transposed ? [...CONV_OPTIONS, "outputPadding"] : CONV_OPTIONS);
    this.kind = kind;
    this.channels = checkSize(channels, "channels", operation);
    this.filters = checkSize(filters, "filters", operation);
    this.kernelSize = checkSizes(kernelSize, kind.spatial, "kernelSize", operation);
    this.name = options.name ?? `${operation[0].toLowerCase()}${operation.slice(1)}`;
    this.options = options;
    this.activation = activationFunction(options.activation ?? "linear", operation);
    const groups = checkSize(options.groups ?? 1, "groups", operation);
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new StateError(`${channels} channels and ${filters} filters do not fall into ${groups} groups`, {
        operation,
        remedy: "Both are multiples of the number of groups",
      });
    }
    const dtype = checkFloating(options.dtype ?? "float32", operation);
    const kernelInitializer = initializerFunction(options.kernelInitializer ?? "glorotUniform", operation);
    const biasInitializer = initializerFunction(options.biasInitializer ?? "zeros", operation);
    const [kernelKey, biasKey] = splitKey(options, 2, operation);
    const drawn = kernelInitializer(this.initialShape(groups), { key: kernelKey, dtype });
    this.kernel = variable(this.laidOut(drawn), { name: `${this.name}.kernel` });
    this.bias =
      options.useBias === false
        ? null
        : variable(biasInitializer([filters], { key: biasKey, dtype }), { name: `${this.name}.bias` });
  }

  /** What initialisers know: [...sizes, inputs of an output, outputs], whatever the layout. */
  private initialShape(groups: number): number[] {
    const { channels, filters, kernelSize } = this;
    return this.kind.transposed
      ? [...kernelSize, channels, filters / groups]
      : [...kernelSize, channels / groups, filters];
  }

  /** The kernel as the operation takes it. */
  private laidOut(drawn: Tensor): Tensor {
    const inputsLast: Tensor = this.kind.transposed ? swapAxes(drawn, -1, -2) : drawn;
    if (this.options.dataFormat !== "channelsFirst") return inputsLast;
    return moveAxis(inputsLast, [-1, -2], [0, 1]);
  }

  /** @throws ShapeError when x has other channels or no such axes, or the kernel does not fit */
  forward(x: Tensor): Tensor {
    const { strides, padding, dilation, groups, dataFormat, outputPadding } = this.options;
    const { spatial, transposed } = this.kind;
    const first = dataFormat === "channelsFirst";
    const axis = first ? x.rank - spatial - 1 : x.rank - 1;
    if (x.rank <= spatial || x.shape[axis] !== this.channels) throw this.wrongInput(x, first);
    const moves = { strides, padding, dilation, groups, dataFormat };
    const result = transposed
      ? convTranspose(x, this.kernel, { ...moves, outputPadding })
      : conv(x, this.kernel, moves);
    return this.activation(this.bias === null ? result : result.add(this.alongChannels(this.bias, first)));
  }

  private alongChannels(bias: Tensor, first: boolean): Tensor {
    return first ? bias.reshape([this.filters, ...this.kernelSize.map(() => 1)]) : bias;
  }

  private wrongInput({ shape }: Tensor, first: boolean): ShapeError {
    const spatial = ["steps", "height, width", "depth, height, width"][this.kind.spatial - 1];
    const wanted = first ? `[..., ${this.channels}, ${spatial}]` : `[..., ${spatial}, ${this.channels}]`;
    const other = shape[first ? shape.length - 1 : shape.length - this.kind.spatial - 1] === this.channels;
    return new ShapeError(
      `layer ${this.name} of kernel ${formatShape(this.kernel.shape)} takes ${wanted}, but its input has shape ${formatShape(shape)}`,
      {
        operation: this.kind.operation,
        shapes: [shape, this.kernel.shape],
        remedy: other
          ? `Did you mean dataFormat: "${first ? "channelsLast" : "channelsFirst"}"?`
          : "Reshape the input, or make the layer for its channels",
      },
    );
  }
}

/** The channels of one example, for a layer that `sequential` makes. @throws ShapeError */
export function channelsOf(
  inputShape: readonly number[],
  spatial: number,
  dataFormat: DataFormat | undefined,
  operation: string,
): number {
  if (inputShape.length === spatial + 1) return inputShape[dataFormat === "channelsFirst" ? 0 : spatial];
  throw new ShapeError(
    `one example has shape ${formatShape(inputShape)}, not ${spatial} spatial axes and channels`,
    {
      operation,
      shapes: [inputShape],
      remedy: "Use an inputShape such as [28, 28, 1] for images, or another layer",
    },
  );
}

/** A layer for `sequential`, which tells it the channels of its input. */
export function convFactory<M extends ConvLayer, O extends ConvLayerOptions>(
  operation: string,
  spatial: number,
  options: O,
  make: (channels: number, options: O) => M,
): LayerFactory<M> {
  const { dataFormat, key: ownKey, seed } = options;
  return {
    build({ inputShape, key, name }) {
      const own = ownKey !== undefined || seed !== undefined ? {} : { key };
      return make(channelsOf(inputShape, spatial, dataFormat, operation), { name, ...own, ...options });
    },
  };
}
