import * as core from "@cotangent/core";
import fc from "fast-check";
import { type Domain, interval, separated, signed } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { whole } from "../support/shapes.ts";
import { custom } from "./build.ts";
import { imageShape, leadingAxes, moves } from "./convolution.ts";

type Tensor = core.Tensor;

const domain = interval(-2, 2);

/** A pool on some spatial axes. */
const pooling = (
  apply: (x: Tensor, window: readonly number[], options: core.PoolOptions) => Tensor,
  from: Domain,
  most = 2,
): fc.Arbitrary<Setup> =>
  fc
    .tuple(moves(most), leadingAxes, whole(1, 2), fc.boolean())
    .map(([{ sizes, kernel, options, spatial }, leading, channels, apart]) => {
      // Padding as wide as a window would hold windows of nothing.
      const narrow = options.padding !== "same" && kernel.includes(1);
      const { strides, ...rest } = narrow ? { ...options, padding: 0 } : options;
      const own = apart ? rest : { ...rest, strides };
      return {
        shapes: [imageShape(spatial > 1 ? [] : leading, sizes, channels, options)],
        domains: [from],
        options: own,
        apply: (x) => apply(x, kernel, own),
      };
    });

const adaptive = (apply: typeof core.adaptiveMaxPool, from: Domain): fc.Arbitrary<Setup> =>
  fc
    .tuple(
      fc.array(fc.tuple(whole(1, 5), whole(1, 4)), { minLength: 1, maxLength: 2 }),
      whole(1, 2),
      fc.constantFrom(undefined, "channelsFirst" as const),
    )
    .map(([axes, channels, dataFormat]) => ({
      shapes: [
        imageShape(
          [],
          axes.map(([size]) => size),
          channels,
          { dataFormat },
        ),
      ],
      domains: [from],
      options: { size: axes.map(([, size]) => size), dataFormat },
      apply: (x) =>
        apply(
          x,
          axes.map(([, size]) => size),
          { dataFormat },
        ),
    }));

/** A window over any axes, in any order. */
const overAxes = (
  apply: (x: Tensor, window: readonly number[], options: core.ReduceWindowOptions) => Tensor,
  from: Domain,
): fc.Arbitrary<Setup> =>
  fc.tuple(moves(), whole(1, 2), fc.boolean()).map(([{ sizes, kernel, options, spatial }, other, turned]) => {
    const axes = turned ? [...sizes.keys()].reverse() : undefined;
    const { dataFormat, ...rest } = options;
    const own = options.padding !== "same" && kernel.includes(1) ? { ...rest, padding: 0 } : rest;
    const along = turned ? [...sizes].reverse() : sizes;
    return {
      shapes: [turned ? [...along, other] : [other, ...along]],
      domains: [from],
      options: { ...own, axes: turned && spatial === 1 ? 0 : axes },
      apply: (x) => apply(x, kernel, { ...own, axes }),
    };
  });

const reducing = (reducers: readonly core.WindowReducer[], from: Domain): fc.Arbitrary<Setup> =>
  fc
    .constantFrom(...reducers)
    .chain((reducer) =>
      overAxes((x, window, options) => core.reduceWindow(x, reducer, window, options), from),
    );

const slidingSetups = overAxes(
  (x, window, { padding, ...options }) => core.slidingWindow(x, window, options),
  domain,
);

const unfoldSetups = pooling((x, window, options) => core.unfold(x, window, options), domain);

/** Patches of some image: their shape is that of an unfolded one. */
const foldSetups: fc.Arbitrary<Setup> = fc
  .tuple(moves(), leadingAxes, whole(1, 2))
  .map(([{ sizes, kernel, options, spatial }, leading, channels]) => {
    const image = core.zeros(imageShape(spatial > 1 ? [] : leading, sizes, channels, options));
    return {
      shapes: [core.unfold(image, kernel, options).shape],
      domains: [domain],
      options,
      apply: (x) => core.fold(x, sizes, kernel, options),
    };
  });

export const poolingRows: readonly Row[] = [
  custom("maxPool", pooling(core.maxPool, separated)),
  custom(
    "averagePool",
    fc
      .boolean()
      .chain((countIncludePad) =>
        pooling((x, window, options) => core.averagePool(x, window, { ...options, countIncludePad }), domain),
      ),
  ),
  custom(
    "lpPool",
    fc
      .constantFrom(1, 2, 3)
      .chain((ord) =>
        pooling((x, window, options) => core.lpPool(x, window, { ...options, ord }), signed(0.3, 2), 1),
      ),
  ),
  custom("adaptiveAveragePool", adaptive(core.adaptiveAveragePool, domain)),
  custom("adaptiveMaxPool", adaptive(core.adaptiveMaxPool, separated)),
  custom("reduceWindow", reducing(["sum", "mean", "prod"], domain)),
  custom("reduceWindow, extremes", reducing(["max", "min"], separated), { covers: ["reduceWindow"] }),
  custom("slidingWindow", slidingSetups),
  custom("unfold", unfoldSetups),
  custom("fold", foldSetups),
];
