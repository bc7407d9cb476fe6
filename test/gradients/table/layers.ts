import * as core from "@cotangent/core";
import * as nn from "@cotangent/nn";
import fc from "fast-check";
import { interval, separated } from "../support/domains.ts";
import type { Row, Setup } from "../support/row.ts";
import { custom } from "./build.ts";
import { modelSetup } from "./nn.ts";

const float64 = { dtype: "float64" } as const;
const own = { ...float64, biasInitializer: "ones" } as const;
const first = { dataFormat: "channelsFirst" } as const;

/** Layers alone and as `sequential` makes them, with the shape of one example. */
const CONVOLUTIONS: readonly (readonly [string, core.Shape, () => nn.Module])[] = [
  ["Conv1D", [4, 1], () => new nn.Conv1D(1, 2, 2, { ...own, strides: 2 })],
  ["Conv2D", [2, 3, 2], () => new nn.Conv2D(2, 1, 2, { ...own, padding: "same" })],
  ["Conv2D, channels first", [2, 2, 2], () => new nn.Conv2D(2, 2, [2, 1], { ...own, ...first, groups: 2 })],
  ["Conv3D", [2, 2, 2, 1], () => new nn.Conv3D(1, 1, 2, { ...own, activation: "tanh" })],
  [
    "ConvTranspose1D",
    [2, 2],
    () => new nn.ConvTranspose1D(2, 1, 2, { ...own, strides: 2, outputPadding: 1 }),
  ],
  [
    "ConvTranspose2D",
    [1, 2, 1],
    () => new nn.ConvTranspose2D(1, 1, 2, { ...own, strides: 2, padding: "same" }),
  ],
  ["ConvTranspose3D", [1, 1, 2, 2], () => new nn.ConvTranspose3D(1, 1, 1, { ...own, ...first })],
  ["DepthwiseConv2D", [2, 2, 2], () => new nn.DepthwiseConv2D(2, 2, { ...own, multiplier: 2 })],
];

const FACTORIES: readonly (readonly [core.Shape, nn.LayerFactory])[] = [
  [[3, 1], nn.conv1D(1, 2, own)],
  [[2, 2, 1], nn.conv2D(2, 2, own)],
  [[2, 1, 2, 1], nn.conv3D(1, [2, 1, 1], own)],
  [[2, 1], nn.convTranspose1D(1, 2, own)],
  [[1, 2, 1], nn.convTranspose2D(1, 2, own)],
  [[1, 2, 1, 1], nn.convTranspose3D(1, [1, 2, 1], own)],
  [[2, 2, 1], nn.depthwiseConv2D(2, own)],
];

const convolutionSetups: fc.Arbitrary<Setup> = fc.oneof(
  fc.constantFrom(...CONVOLUTIONS).map(([name, shape, make]) => modelSetup(make(), [1, ...shape], name)),
  fc
    .constantFrom(...FACTORIES)
    .map(([inputShape, layer]) =>
      modelSetup(nn.sequential({ inputShape, seed: 1 }, [layer]), [1, ...inputShape]),
    ),
);

const POOLS: readonly (readonly [core.Shape, nn.Module, nn.LayerFactory])[] = [
  [[4, 2], new nn.MaxPool1D(2), nn.maxPool1D(2)],
  [[3, 4, 1], new nn.MaxPool2D(2, { strides: 1 }), nn.maxPool2D(2)],
  [[2, 2, 3, 1], new nn.MaxPool3D([2, 1, 2]), nn.maxPool3D(2)],
  [[4, 2], new nn.AveragePool1D(2, { padding: 1 }), nn.averagePool1D(2)],
  [[3, 4, 1], new nn.AveragePool2D(2, { countIncludePad: true, padding: 1 }), nn.averagePool2D(2)],
  [[2, 2, 3, 1], new nn.AveragePool3D([2, 1, 2]), nn.averagePool3D(2)],
  [[2, 3, 2], new nn.GlobalAveragePool(), nn.globalAveragePool(first)],
  [[2, 3, 2], new nn.GlobalMaxPool({ keepDims: true }), nn.globalMaxPool()],
];

const poolSetups: fc.Arbitrary<Setup> = fc.tuple(fc.constantFrom(...POOLS), fc.boolean()).map(
  ([[inputShape, layer, factory], made]): Setup => ({
    shapes: [[1, ...inputShape]],
    domains: [separated],
    options: { layer: layer.constructor.name, made },
    apply: (x) =>
      (made ? nn.sequential({ inputShape }, [factory]) : layer).forward(x as never) as core.Tensor,
  }),
);

/** The table is what has derivatives. */
const embeddingSetups: fc.Arbitrary<Setup> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 4 }), fc.boolean())
  .map(([rows, made]) => {
    const indices = core.tensor([rows], { dtype: "int32", shape: [1, rows.length] });
    const model = made
      ? nn.sequential({ inputShape: [rows.length] }, [nn.embedding(3, 2, float64)])
      : new nn.Embedding(3, 2, float64);
    const [path] = model.namedVariables().keys();
    return {
      shapes: [[3, 2]],
      domains: [interval(-2, 2)],
      options: { rows, made },
      apply: (table) =>
        nn.functionalCall(model as nn.Module, new Map([[path, table]]), indices) as core.Tensor,
    };
  });

const CLASSES = [
  "Conv1D",
  "Conv2D",
  "Conv3D",
  "ConvTranspose1D",
  "ConvTranspose2D",
  "ConvTranspose3D",
  "DepthwiseConv2D",
];
const POOL_CLASSES = [
  ...[1, 2, 3].flatMap((n) => [`MaxPool${n}D`, `AveragePool${n}D`]),
  "GlobalAveragePool",
  "GlobalMaxPool",
];
const withFactories = (classes: readonly string[]): string[] =>
  classes.flatMap((name) => [name, `${name[0].toLowerCase()}${name.slice(1)}`]);

export const layerRows: readonly Row[] = [
  custom("convolution layers", convolutionSetups, { covers: withFactories(CLASSES) }),
  custom("pooling layers", poolSetups, { covers: withFactories(POOL_CLASSES) }),
  custom("Embedding", embeddingSetups, { covers: withFactories(["Embedding"]) }),
];
