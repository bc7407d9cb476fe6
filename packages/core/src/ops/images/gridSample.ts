import type { Tensor } from "../../ir/tensor.ts";
import type { TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape, type Shape, sameShape, sizeOf, stridesOf } from "../../types/shape.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { type DataFormat, isChannelsLast, layoutOf } from "../convolution/layout.ts";
import { gather } from "../gather.ts";
import { floatingOperand, promoteOperands } from "../operands.ts";

export interface GridSampleOptions {
  /** Between elements "bilinear" (the default; with three axes, trilinear), or the "nearest" one. */
  readonly mode?: "bilinear" | "nearest";
  /** What lies outside: "zeros" (the default), the "border" as far as one goes, or the "reflection" of x. */
  readonly paddingMode?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centres of the outermost elements, instead of their outer edges: false unless given. */
  readonly alignCorners?: boolean;
  /** Where the channels of x and of the result are: "channelsLast" unless given. */
  readonly dataFormat?: DataFormat;
}

type Options = Required<Omit<GridSampleOptions, "dataFormat">>;

/** @throws StateError unless it is one of the choices */
function choice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw new StateError(`${name} is ${JSON.stringify(value)}`, {
    operation: "gridSample",
    remedy: `Use one of ${choices.join(", ")}`,
  });
}

/** x limited to [low, high], with a slope of 1 at the limits as in `clip`; NaN stays. */
function limited(x: Tensor, low: number, high: number): Tensor {
  const above = builder.where(builder.compare("less", x, low), low, x);
  return builder.where(builder.compare("greater", above, high), high, above);
}

/** Where a coordinate, from -1 to 1, lies on an axis of a size, counted in elements: element i is at i. */
function located(coordinate: Tensor, size: number, { paddingMode, alignCorners }: Options): Tensor {
  const unit = builder.mul(builder.add(coordinate, 1), 0.5);
  const place = alignCorners ? builder.mul(unit, size - 1) : builder.sub(builder.mul(unit, size), 0.5);
  if (paddingMode === "zeros") return place;
  if (paddingMode === "border") return limited(place, 0, size - 1);
  // There and back again, with a period of twice the span.
  const [start, span] = alignCorners ? [0, size - 1] : [-0.5, size];
  if (span === 0) return builder.mul(place, 0);
  const round = builder.mod(builder.sub(place, start), 2 * span);
  const back = builder.compare("greater", round, span);
  const reflected = builder.where(back, builder.sub(2 * span, round), round);
  return limited(builder.add(reflected, start), 0, size - 1);
}

/** Elements along one axis and what each of them counts. */
interface Neighbour {
  readonly index: Tensor;
  /** null for all of it. */
  readonly weight: Tensor | null;
}

/** One or two elements of an axis for each place. */
function neighbours(place: Tensor, mode: Options["mode"]): Neighbour[] {
  if (mode === "nearest") return [{ index: builder.round(place), weight: null }];
  const below = builder.floor(place);
  const share = builder.sub(place, below);
  return [
    { index: below, weight: builder.sub(1, share) },
    { index: builder.add(below, 1), weight: share },
  ];
}

/** An element of x for each place: its number in row-major order, whether it is there, and what it counts. */
interface Corner {
  readonly index: Tensor;
  readonly inside: Tensor;
  readonly weight: Tensor | null;
}

/** Every element around every place: of two axes four, of three eight. */
function corners(places: readonly Tensor[], spatial: Shape, mode: Options["mode"]): Corner[] {
  const strides = stridesOf(spatial);
  return places.reduce<Corner[]>((before, place, i) => {
    const own = neighbours(place, mode).map(({ index, weight }) => {
      const inside = builder.bitwise(
        "and",
        builder.compare("greaterEqual", index, 0),
        builder.compare("lessEqual", index, spatial[i] - 1),
      );
      const whole = builder.cast(limited(index, 0, spatial[i] - 1), "int32");
      return { index: builder.mul(whole, strides[i]), inside, weight };
    });
    if (before.length === 0) return own;
    return before.flatMap((corner) =>
      own.map(({ index, inside, weight }) => ({
        index: builder.add(corner.index, index),
        inside: builder.bitwise("and", corner.inside, inside),
        weight: weight && corner.weight && builder.mul(corner.weight, weight),
      })),
    );
  }, []);
}

/** Tensors of one shape beside one another on a new last axis. */
const stacked = (list: readonly Tensor[]): Tensor =>
  builder.concat(
    list.map((one) => builder.reshape(one, [...one.shape, 1])),
    list[0].rank,
  );

/** x [batch, elements, channels] at places [batch, points]: [batch, points, channels]. */
function sampled(x: Tensor, found: readonly Corner[]): Tensor {
  const values = gather(x, stacked(found.map(({ index }) => index)), { axis: 1, batchDims: 1 });
  const spread = (t: Tensor): Tensor => builder.broadcast(builder.reshape(t, [...t.shape, 1]), values.shape);
  const weights = found.flatMap(({ weight }) => weight ?? []);
  const counted = weights.length === 0 ? values : builder.mul(values, spread(stacked(weights)));
  const inside = spread(stacked(found.map((corner) => corner.inside)));
  return builder.reduce("sum", builder.where(inside, counted, 0), [2]);
}

/**
 * x read at places between its elements, as PyTorch's `grid_sample`. x is [..., ...spatial, channels] (channelsFirst: [...,
 * channels, ...spatial]), the grid [..., ...points, n] for n spatial axes, with the same leading axes. Its last axis holds
 * coordinates, the one along the last spatial axis first (x, then y); -1 and 1 are the ends of an axis. The result has
 * points in place of spatial axes. Both have derivatives, the grid with "bilinear" alone; they jump where a place
 * crosses an element. NaN in the grid lies outside. Integers give float32.
 * @throws ShapeError for shapes that do not go together, StateError for options that are none
 */
export function gridSample(x: TensorLike, grid: TensorLike, options: GridSampleOptions = {}): Tensor {
  const operation = "gridSample";
  checkOptions(operation, options, ["mode", "paddingMode", "alignCorners", "dataFormat"]);
  const own: Options = {
    mode: choice("mode", options.mode ?? "bilinear", ["bilinear", "nearest"]),
    paddingMode: choice("paddingMode", options.paddingMode ?? "zeros", ["zeros", "border", "reflection"]),
    alignCorners: options.alignCorners ?? false,
  };
  const [image, places] = promoteOperands(operation, [x, grid]).map((t) => floatingOperand(operation, t));
  const count = places.rank === 0 ? 0 : places.shape[places.rank - 1];
  const last = isChannelsLast(operation, options.dataFormat);
  const layout = layoutOf(operation, image, Math.max(1, count), last);
  const { leading, spatial, channels } = layout;
  const points = places.shape.slice(leading.length, -1);
  if (
    count === 0 ||
    places.rank <= leading.length ||
    !sameShape(places.shape.slice(0, leading.length), leading)
  ) {
    throw new ShapeError(
      `grid ${formatShape(places.shape)} has other leading axes than x ${formatShape(image.shape)}`,
      {
        operation,
        shapes: [image.shape, places.shape],
        remedy: "The grid is [..., points, n] for n spatial axes, with the leading axes of x",
      },
    );
  }
  if (spatial.includes(0)) {
    throw new ShapeError(`${formatShape(image.shape)} has a spatial axis without elements`, {
      operation,
      shapes: [image.shape, places.shape],
      remedy: "There must be something to be read",
    });
  }
  const [batch, elements] = [sizeOf(leading), sizeOf(spatial)];
  const flat = last
    ? builder.reshape(image, [batch, elements, channels])
    : builder.permute(builder.reshape(image, [batch, channels, elements]), [0, 2, 1]);
  const coordinates = builder.reshape(places, [batch, sizeOf(points), count]);
  const along = spatial.map((size, i) => {
    const column = count - 1 - i;
    const one = builder.slice(coordinates, [0, 0, column], [batch, sizeOf(points), column + 1]);
    return located(builder.reshape(one, [batch, sizeOf(points)]), size, own);
  });
  const result = sampled(flat, corners(along, spatial, own.mode));
  return last
    ? builder.reshape(result, [...leading, ...points, channels])
    : builder.reshape(builder.permute(result, [0, 2, 1]), [...leading, channels, ...points]);
}
