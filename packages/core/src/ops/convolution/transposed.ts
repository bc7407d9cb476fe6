import type { Tensor } from "../../ir/tensor.ts";
import type { TensorLike } from "../../prims/convert.ts";
import { builder } from "../../transform/vjp.ts";
import { checkOptions } from "../../types/options.ts";
import { formatShape } from "../../types/shape.ts";
import type { ConvTransposeShape, Fits, Settled, ShapeOf } from "../../types/static/index.ts";
import { ShapeError, StateError } from "../../util/errors.ts";
import { factors } from "../products.ts";
import { type ConvOptions, checkKernel, groupCount, kernelLayout } from "./conv.ts";
import { type PerAxis, pairsOf, perAxis, spanOf } from "./geometry.ts";
import { inGroups, isChannelsLast, kernelsInGroups, layoutOf, outOfGroups } from "./layout.ts";

export interface ConvTransposeOptions extends ConvOptions {
  /** So many more places behind each axis, less than its stride or dilation; 0 unless given. Not with "same". */
  readonly outputPadding?: PerAxis;
}

const OPTIONS = ["strides", "padding", "dilation", "groups", "dataFormat", "outputPadding"];

/**
 * The transpose of a convolution: what its derivative does with a cotangent. An x of [..., ...spatial, channels] gives
 * [..., ...places, outputs] with (size - 1) * stride + span - padding + outputPadding places, as PyTorch's
 * `conv_transpose`; with padding "same" they are size * stride.
 *
 * The kernel is that of the convolution it transposes, which leads from the outputs here to the channels here:
 * [...sizes, outputs / groups, channels], or with dataFormat "channelsFirst" [channels, outputs / groups, ...sizes].
 * @throws ShapeError where channels differ or nothing is left, StateError for options that are none, DTypeError for bool
 */
export function convTranspose<
  X extends TensorLike,
  W extends TensorLike,
  const O extends ConvTransposeOptions = Record<never, never>,
>(
  x: X,
  kernel: W & Fits<ConvTransposeShape<ShapeOf<X>, ShapeOf<W>, O>>,
  options?: O,
): Tensor<Settled<ConvTransposeShape<ShapeOf<X>, ShapeOf<W>, O>>>;
export function convTranspose(
  given: TensorLike,
  givenKernel: TensorLike,
  options: ConvTransposeOptions = {},
): Tensor {
  const operation = "convTranspose";
  checkOptions(operation, options, OPTIONS);
  const last = isChannelsLast(operation, options.dataFormat);
  const groups = groupCount(operation, options.groups ?? 1);
  const [x, kernel] = factors(operation, [given, givenKernel]);
  const layout = kernelLayout(last, groups === 1 ? "outputs" : "outputs / groups", "channels");
  const count = Math.max(1, kernel.rank - 2);
  checkKernel(operation, kernel, count, layout);
  const place = layoutOf(operation, x, count, last);
  const sizes = last ? kernel.shape.slice(0, -2) : kernel.shape.slice(2);
  const channels = kernel.shape[last ? kernel.rank - 1 : 0];
  if (place.channels !== channels || channels % groups !== 0) {
    const reason =
      place.channels === channels
        ? `${channels} channels do not fall into ${groups} groups`
        : `x ${formatShape(x.shape)} has ${place.channels} channels, but kernel ${formatShape(kernel.shape)} takes ${channels}`;
    throw new ShapeError(reason, {
      operation,
      shapes: [x.shape, kernel.shape],
      remedy: `The kernel is ${layout}`,
    });
  }
  perAxis(operation, "the kernel's size", [...sizes], count);
  const params = transposedParams(operation, place.spatial, sizes, options);
  // The kernel of the convolution has outputs and channels the other way round.
  const own = kernelsInGroups(kernel, groups, last);
  const spatial = sizes.map((_, i) => 3 + i);
  const flipped = builder.flip(builder.permute(own, [0, 2, 1, ...spatial]), spatial);
  return outOfGroups(builder.conv(inGroups(x, place, groups), flipped, params), place);
}

function transposedParams(
  operation: string,
  spatial: readonly number[],
  sizes: readonly number[],
  options: ConvTransposeOptions,
) {
  const { padding = "valid", outputPadding } = options;
  const count = sizes.length;
  const strides = perAxis(operation, "strides", options.strides ?? 1, count);
  const dilation = perAxis(operation, "dilation", options.dilation ?? 1, count);
  const more = perAxis(operation, "outputPadding", outputPadding ?? 0, count, 0);
  const wrong = more.findIndex((n, i) => n > 0 && n >= Math.max(strides[i], dilation[i]));
  if (wrong >= 0 || (outputPadding !== undefined && padding === "same")) {
    throw new StateError(
      `outputPadding ${JSON.stringify(outputPadding)} with ${wrong >= 0 ? `strides ${formatShape(strides)}` : 'padding "same"'}`,
      {
        operation,
        remedy:
          'It is less than the stride or dilation of its axis, and goes with no padding but numbers and "valid"',
      },
    );
  }
  const spans = sizes.map((size, i) => spanOf(size, dilation[i]));
  // What the convolution that is transposed pads its own input with.
  const around = outwardPadding(operation, padding, spans, strides);
  const low = spans.map((span, i) => span - 1 - around[i][0]);
  const high = spans.map((span, i) => span - 1 - around[i][1] + more[i]);
  spatial.forEach((size, i) => {
    const places = size === 0 ? 0 : (size - 1) * strides[i] + 1 + low[i] + high[i] - spans[i] + 1;
    if (places > 0) return;
    throw new ShapeError(
      `kernel ${formatShape(sizes)} on ${formatShape(spatial)} leaves nothing of an axis with padding ${around[i].join(" and ")}`,
      {
        operation,
        shapes: [spatial, sizes],
        remedy: "Use less padding",
      },
    );
  });
  return { strides: strides.map(() => 1), low, high, inputDilation: strides, kernelDilation: dilation };
}

/** Padding before and behind each axis of what comes out; "same" makes it size * stride long, whatever the size. */
function outwardPadding(
  operation: string,
  padding: NonNullable<ConvOptions["padding"]>,
  spans: readonly number[],
  strides: readonly number[],
): number[][] {
  if (padding !== "same") return pairsOf(operation, padding, spans.length);
  return spans.map((span, i) => {
    const total = span - strides[i];
    const before = Math.max(0, Math.floor(total / 2));
    return [before, total - before];
  });
}
