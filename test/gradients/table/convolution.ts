import * as core from "@cotangent/core";
import fc from "fast-check";
import { interval } from "../support/domains.ts";
import { applyPrimitive } from "../support/primitive.ts";
import type { Row, Setup } from "../support/row.ts";
import { whole } from "../support/shapes.ts";
import { custom } from "./build.ts";

const domain = interval(-2, 2);
const few = fc.oneof({ weight: 9, arbitrary: whole(1, 2) }, { weight: 1, arbitrary: fc.constant(0) });

/** One spatial axis of a conv: sizes and how the kernel moves; at times it does not fit at all. */
const spatialAxis = fc.record({
  size: whole(0, 4),
  kernel: whole(1, 3),
  stride: whole(1, 3),
  low: whole(-1, 2),
  high: whole(-1, 2),
  inputDilation: whole(1, 2),
  kernelDilation: whole(1, 2),
});

const convSetups: fc.Arbitrary<Setup> = fc
  .tuple(whole(1, 2), few, few, few, fc.array(spatialAxis, { maxLength: 2 }))
  .map(([groups, batch, channels, outputs, axes]) => {
    const params = {
      strides: axes.map(({ stride }) => stride),
      low: axes.map(({ low }) => low),
      high: axes.map(({ high }) => high),
      inputDilation: axes.map(({ inputDilation }) => inputDilation),
      kernelDilation: axes.map(({ kernelDilation }) => kernelDilation),
    };
    return {
      shapes: [
        [groups, batch, channels, ...axes.map(({ size }) => size)],
        [groups, outputs, channels, ...axes.map(({ kernel }) => kernel)],
      ],
      domains: [domain, domain],
      options: params,
      apply: (x, w) => applyPrimitive("conv", [x, w], params),
    };
  });

const slidingAxis = fc.record({
  size: whole(0, 5),
  kernel: whole(1, 3),
  stride: whole(1, 3),
  dilation: whole(1, 2),
});
const sliding = fc.tuple(fc.array(whole(1, 2), { maxLength: 2 }), fc.array(slidingAxis, { maxLength: 2 }));

const windowSetups: fc.Arbitrary<Setup> = sliding.map(([leading, axes]) => {
  const params = {
    kernel: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
  };
  return {
    shapes: [[...leading, ...axes.map(({ size }) => size)]],
    domains: [domain],
    options: params,
    apply: (x) => applyPrimitive("windows", [x], params),
  };
});

const foldSetups: fc.Arbitrary<Setup> = sliding.map(([leading, axes]) => {
  const params = {
    sizes: axes.map(({ size }) => size),
    strides: axes.map(({ stride }) => stride),
    dilation: axes.map(({ dilation }) => dilation),
  };
  const counts = axes.map(({ size, kernel, stride, dilation }) =>
    Math.max(0, Math.floor((size - (kernel - 1) * dilation - 1) / stride) + 1),
  );
  return {
    shapes: [[...leading, ...counts, ...axes.map(({ kernel }) => kernel)]],
    domains: [domain],
    options: params,
    apply: (x) => applyPrimitive("fold", [x], params),
  };
});

/** How a kernel moves, as options say it: x fits whatever is drawn. */
interface Moves {
  readonly spatial: number;
  readonly sizes: readonly number[];
  readonly kernel: readonly number[];
  readonly options: core.SlideOptions & { readonly dataFormat?: core.DataFormat };
}

const perAxis = (count: number, low: number, high: number) =>
  fc.oneof(whole(low, high), fc.array(whole(low, high), { minLength: count, maxLength: count }));

export const moves = (most = 2): fc.Arbitrary<Moves> =>
  whole(1, most).chain((spatial) =>
    fc
      .record({
        kernel: fc.array(whole(1, 2), { minLength: spatial, maxLength: spatial }),
        more: fc.array(whole(0, 1), { minLength: spatial, maxLength: spatial }),
        strides: perAxis(spatial, 1, 2),
        dilation: perAxis(spatial, 1, 2),
        padding: fc.oneof(
          fc.constantFrom("same" as const, "valid" as const),
          whole(0, 1),
          fc.array(fc.oneof(whole(0, 1), fc.tuple(whole(0, 1), whole(0, 1))), {
            minLength: spatial,
            maxLength: spatial,
          }),
        ),
        dataFormat: fc.constantFrom(undefined, "channelsFirst" as const),
      })
      .map(({ kernel, more, ...options }) => {
        const step = (i: number) =>
          typeof options.dilation === "number" ? options.dilation : options.dilation[i];
        return { spatial, kernel, sizes: kernel.map((k, i) => (k - 1) * step(i) + 1 + more[i]), options };
      }),
  );

/** A shape with its channels where the format says. */
export const imageShape = (
  leading: readonly number[],
  sizes: readonly number[],
  channels: number,
  { dataFormat }: { readonly dataFormat?: core.DataFormat },
): number[] =>
  dataFormat === "channelsFirst" ? [...leading, channels, ...sizes] : [...leading, ...sizes, channels];

const kernelShape = (
  sizes: readonly number[],
  channels: number,
  outputs: number,
  { dataFormat }: Moves["options"],
): number[] =>
  dataFormat === "channelsFirst" ? [outputs, channels, ...sizes] : [...sizes, channels, outputs];

export const leadingAxes = fc.array(whole(1, 2), { maxLength: 1 });

const named = [core.conv1d, core.conv2d, core.conv3d];

const convolutionSetups: fc.Arbitrary<Setup> = fc
  .tuple(moves(3), leadingAxes, fc.constantFrom([1, 1, 2], [1, 2, 1], [2, 1, 1], [1, 2, 2]), fc.boolean())
  .map(([{ spatial, sizes, kernel, options }, leading, [groups, channels, outputs], general]) => ({
    shapes: [
      imageShape(spatial > 1 ? [] : leading, sizes, channels * groups, options),
      kernelShape(kernel, channels, outputs * groups, options),
    ],
    domains: [domain, domain],
    options: { ...options, groups },
    apply: (x, w) => (general ? core.conv : named[spatial - 1])(x, w, { ...options, groups }),
  }));

const depthwiseSetups: fc.Arbitrary<Setup> = fc
  .tuple(moves(), whole(1, 2), whole(1, 2))
  .map(([{ sizes, kernel, options }, channels, multiplier]) => ({
    shapes: [
      imageShape([1], sizes, channels, options),
      options.dataFormat === "channelsFirst"
        ? [channels, multiplier, ...kernel]
        : [...kernel, channels, multiplier],
    ],
    domains: [domain, domain],
    options,
    apply: (x, w) => core.depthwiseConv(x, w, options),
  }));

const transposeSetups: fc.Arbitrary<Setup> = fc
  .tuple(moves(), fc.constantFrom([1, 1, 2], [1, 2, 1], [2, 1, 1]), fc.boolean())
  .map(([{ sizes, kernel, options }, [groups, channels, outputs], wider]) => {
    // Where padding would leave nothing there is none.
    const padding: core.Padding = options.padding === "same" ? "same" : "valid";
    const strides = wider ? 3 : options.strides;
    const all = {
      ...options,
      strides,
      padding,
      groups,
      ...(wider && padding === "valid" && { outputPadding: 2 }),
    };
    return {
      shapes: [
        imageShape([], sizes, channels * groups, options),
        kernelShape(kernel, outputs, channels * groups, options),
      ],
      domains: [domain, domain],
      options: all,
      apply: (x, w) => core.convTranspose(x, w, all),
    };
  });

type Sequences = typeof core.convolve;

const sequenceSetups = (apply: Sequences): fc.Arbitrary<Setup> =>
  fc
    .tuple(whole(1, 4), whole(1, 4), fc.constantFrom("full", "same", "valid", undefined))
    .map(([m, n, mode]) => ({
      shapes: [[m], [n]],
      domains: [domain, domain],
      options: { mode },
      apply: (x, y) => apply(x, y, { mode }),
    }));

const autocorrelation = (apply: Sequences): fc.Arbitrary<Setup> =>
  whole(1, 4).map((n) => ({ shapes: [[n]], domains: [domain], apply: (x) => apply(x, x, { mode: "full" }) }));

export const convolutionRows: readonly Row[] = [
  custom("conv with every parameter", convSetups, { covers: [] }),
  custom("windows of the last axes", windowSetups, { covers: [] }),
  custom("fold over the last axes", foldSetups, { covers: [] }),
  custom("conv", convolutionSetups, { covers: ["conv", "conv1d", "conv2d", "conv3d"] }),
  custom("depthwiseConv", depthwiseSetups),
  custom("convTranspose", transposeSetups),
  custom("convolve", sequenceSetups(core.convolve), { aliased: autocorrelation(core.convolve) }),
  custom("correlate", sequenceSetups(core.correlate), { aliased: autocorrelation(core.correlate) }),
];
