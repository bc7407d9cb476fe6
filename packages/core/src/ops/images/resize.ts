import type { Tensor } from "../../ir/tensor.ts";
import { asTensor, fromValues, type TensorLike } from "../../prims/convert.ts";
import { iotaLeaf } from "../../prims/leaves.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, toShape } from "../../types/shape.ts";
import type { ResizedShape, Settled, ShapeOf } from "../../types/static/index.ts";
import { describeValue } from "../../types/trees.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { perAxis } from "../convolution/geometry.ts";
import { type DataFormat, isChannelsLast, layoutOf } from "../convolution/layout.ts";
import { take } from "../gather.ts";
import { floatingOperand } from "../operands.ts";
import { spatialAxes } from "../pooling/pool.ts";

/** How elements around a place are weighted; "nearest" takes one of them. */
export type ResizeMethod = "nearest" | "bilinear" | "bicubic" | "lanczos3";

export interface ResizeOptions {
  /** "bilinear" unless given. */
  readonly method?: ResizeMethod;
  /** Whether what becomes smaller is smoothed so far that no detail turns into another one: true unless given. */
  readonly antialias?: boolean;
  /** Whether the centres of the corner elements stay where they are, instead of the corners themselves: false unless given. */
  readonly alignCorners?: boolean;
  /** Where the channels are: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

/** What an element contributes, by its distance (0 or more) from the place, and where that ends. */
interface Kernel {
  readonly radius: number;
  weight(distance: Tensor): Tensor;
}

/** sin(pi x) / (pi x), for x that is not 0. */
const sinc = (x: Tensor): Tensor => {
  const angle = builder.mul(x, Math.PI);
  return builder.div(builder.sin(angle), angle);
};

const KERNELS: Readonly<Record<Exclude<ResizeMethod, "nearest">, Kernel>> = {
  bilinear: { radius: 1, weight: (d) => builder.sub(1, d) },
  // R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -1/2: exact for quadratics.
  bicubic: {
    radius: 2,
    weight: (d) => {
      const near = builder.add(builder.mul(builder.mul(builder.sub(builder.mul(d, 1.5), 2.5), d), d), 1);
      const far = builder.add(
        builder.mul(builder.sub(builder.mul(builder.sub(2.5, builder.mul(d, 0.5)), d), 4), d),
        2,
      );
      return builder.where(builder.compare("less", d, 1), near, far);
    },
  },
  // C. E. Duchon, "Lanczos filtering in one and two dimensions", 1979.
  lanczos3: {
    radius: 3,
    weight: (d) => {
      const zero = builder.compare("equal", d, 0);
      const some = builder.where(zero, 1, d);
      return builder.where(zero, 1, builder.mul(sinc(some), sinc(builder.div(some, 3))));
    },
  },
};

const METHODS = ["nearest", ...Object.keys(KERNELS)];

/** Elements of the input for one of the output: how far apart their centres are. */
const stepOf = (from: number, to: number, align: boolean): number =>
  align ? (to > 1 ? (from - 1) / (to - 1) : 0) : from / to;

/**
 * How much each element of an axis of size `from` counts for each of `to` elements, as [from, to] in float64: those within
 * the kernel's radius, which sum up to 1.
 */
function weightsOf(from: number, to: number, kernel: Kernel, antialias: boolean, align: boolean): Tensor {
  const step = stepOf(from, to, align);
  const shape = toShape([from, to], "resize");
  const places = builder.mul(iotaLeaf(shape, 1, "float64"), step);
  const centres = align ? places : builder.add(places, step / 2 - 0.5);
  const distance = builder.abs(builder.sub(centres, iotaLeaf(shape, 0, "float64")));
  const scaled = antialias && step > 1 ? builder.div(distance, step) : distance;
  const weights = builder.where(builder.compare("less", scaled, kernel.radius), kernel.weight(scaled), 0);
  return builder.div(weights, builder.broadcast(builder.reduce("sum", weights, [0], true), shape));
}

/** An axis contracted with weights, back in its place. */
function weighted(x: Tensor, axis: number, weights: Tensor): Tensor {
  const mixed = builder.dot(x, builder.cast(weights, x.dtype), { contract: [[axis], [0]], batch: [[], []] });
  const order = [...Array(x.rank - 1).keys()];
  order.splice(axis, 0, x.rank - 1);
  return builder.permute(mixed, order);
}

/** The nearest elements along an axis; of two that are as near, the later one. */
function nearest(x: Tensor, axis: number, to: number, align: boolean): Tensor {
  const from = x.shape[axis];
  const [before, behind] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  if (!align && to % from === 0) {
    // Each element several times: movement alone, which costs nothing.
    const apart = builder.reshape(x, [...before, from, 1, ...behind]);
    const repeated = builder.broadcast(apart, [...before, from, to / from, ...behind]);
    return builder.reshape(repeated, [...before, to, ...behind]);
  }
  const step = stepOf(from, to, align);
  const places = Int32Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.floor(align ? i * step + 0.5 : (i + 0.5) * step)),
  );
  return take(x, fromValues(places), { axis });
}

/**
 * x with its spatial axes brought to the given sizes, as images are: `size` has one for each spatial axis, x is [...,
 * ...spatial, channels] with any leading axes, or with dataFormat "channelsFirst" [..., channels, ...spatial].
 *
 * Element i of an axis covers i to i + 1, so that corners lie on corners (in PyTorch `align_corners=False`, "half-pixel
 * centres"); with `alignCorners` the centres of the outermost elements lie on one another. Each element of the result
 * is a mean of those around its centre, weighted by their distances: "bilinear" (a tent), "bicubic" (Keys, a = -1/2),
 * "lanczos3"; at the border those that are there. Where an axis becomes smaller, `antialias` widens the weights by the
 * ratio. All of that as JAX's `image.resize`; PyTorch's "bicubic" without antialias has a = -3/4. "nearest" takes the
 * element in which the centre lies (PyTorch's "nearest-exact"), without smoothing, of any dtype; of the others
 * integers give float32.
 * Axes are mixed by products with matrices of weights, so that an element that is not finite reaches its whole row and column.
 * @throws StateError for sizes, methods or options that are none, ShapeError where x has no such axes or no elements on them
 */
export function resize<
  X extends TensorLike,
  const S extends readonly number[],
  const O extends ResizeOptions = Record<never, never>,
>(x: X, size: S, options?: O): Tensor<Settled<ResizedShape<ShapeOf<X>, S, O>>>;
export function resize(x: TensorLike, size: readonly number[], options: ResizeOptions = {}): Tensor {
  const operation = "resize";
  checkOptions(operation, options, ["method", "antialias", "alignCorners", "dataFormat"]);
  const { method = "bilinear", antialias = true, alignCorners = false, dataFormat } = options;
  if (!METHODS.includes(method)) {
    throw new StateError(`method is ${JSON.stringify(method)}`, {
      operation,
      remedy: `Use one of ${METHODS.join(", ")}`,
    });
  }
  const given = asTensor(x, operation);
  const tensor = method === "nearest" ? given : floatingOperand(operation, given);
  if (!Array.isArray(size)) {
    throw new StateError(`size is ${describeValue(size)}`, {
      operation,
      remedy: "Give a list with a size for each spatial axis, such as [224, 224]",
    });
  }
  const sizes = perAxis(operation, "size", size, size.length);
  const layout = layoutOf(operation, tensor, sizes.length, isChannelsLast(operation, dataFormat));
  if (layout.spatial.includes(0)) {
    throw new ShapeError(`${formatShape(tensor.shape)} has a spatial axis without elements`, {
      operation,
      shapes: [tensor.shape],
      remedy: "There must be something to be resized",
    });
  }
  return spatialAxes(layout).reduce((result, axis, i) => {
    const [from, to] = [layout.spatial[i], sizes[i]];
    if (from === to) return result;
    if (method === "nearest") return nearest(result, axis, to, alignCorners);
    return weighted(result, axis, weightsOf(from, to, KERNELS[method], antialias, alignCorners));
  }, tensor.node);
}
