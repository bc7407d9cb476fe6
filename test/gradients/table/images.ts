import * as core from "@cotangent/core";
import fc from "fast-check";
import { broken, interval } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { whole } from "../support/shapes.ts";
import { custom } from "./build.ts";
import { imageShape } from "./convolution.ts";

const domain = interval(-2, 2);
const format = fc.constantFrom(undefined, "channelsFirst" as const);

const resizeSetups: fc.Arbitrary<Setup> = fc
  .record({
    axes: fc.array(fc.tuple(whole(1, 5), whole(1, 5)), { minLength: 1, maxLength: 2 }),
    channels: whole(1, 2),
    method: fc.constantFrom("nearest" as const, "bilinear" as const, "bicubic" as const, "lanczos3" as const),
    antialias: fc.boolean(),
    alignCorners: fc.boolean(),
    dataFormat: format,
  })
  .map(({ axes, channels, ...options }) => ({
    shapes: [
      imageShape(
        [],
        axes.map(([from]) => from),
        channels,
        options,
      ),
    ],
    domains: [domain],
    options: { ...options, to: axes.map(([, to]) => to) },
    apply: (x) =>
      core.resize(
        x,
        axes.map(([, to]) => to),
        options,
      ),
  }));

/** Places counted in elements, away from whole numbers and halves, as coordinates. */
const gridSetups: fc.Arbitrary<Setup> = fc
  .record({
    sizes: fc.array(whole(1, 3), { minLength: 1, maxLength: 2 }),
    leading: fc.array(whole(1, 2), { maxLength: 1 }),
    points: fc.array(whole(1, 2), { maxLength: 1 }),
    channels: fc.constant(1),
    mode: fc.constantFrom("bilinear" as const, "nearest" as const),
    paddingMode: fc.constantFrom("zeros" as const, "border" as const, "reflection" as const),
    alignCorners: fc.boolean(),
    dataFormat: format,
  })
  .map(({ sizes, leading, points, channels, ...options }) => ({
    shapes: [imageShape(leading, sizes, channels, options), [...leading, ...points, sizes.length]],
    domains: [domain, broken],
    options,
    apply: (x, places) => {
      const own = core.tensor(Float64Array.from([...sizes].reverse()));
      const grid = options.alignCorners
        ? places.mul(2).div(own.sub(1).maximum(1)).sub(1)
        : places.add(0.5).mul(2).div(own).sub(1);
      return core.gridSample(x, grid, options);
    },
  }));

export const imageRows: readonly Row[] = [custom("resize", resizeSetups), custom("gridSample", gridSetups)];
