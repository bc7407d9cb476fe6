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

export const convolutionRows: readonly Row[] = [
  custom("conv with every parameter", convSetups, { covers: [] }),
  custom("windows of the last axes", windowSetups, { covers: [] }),
  custom("fold over the last axes", foldSetups, { covers: [] }),
];
