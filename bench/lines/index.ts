import { addChain } from "./addChain.ts";
import { attention } from "./attention.ts";
import { bundleCore, bundleEverything, bundleGrad } from "./bundleSize.ts";
import { cnnStep } from "./cnn.ts";
import { crossEntropyGrad } from "./crossEntropyGrad.ts";
import { elementwiseGrad } from "./elementwiseGrad.ts";
import { layerNorm } from "./layerNorm.ts";
import type { Line } from "./line.ts";
import { matmul, matmulFloat64 } from "./matmul.ts";
import { mlpFirstSteps, mlpSteps } from "./mlp.ts";
import { recurrent } from "./recurrent.ts";

/** All lines, in the order of the report. */
export const lines: readonly Line[] = [
  ...mlpSteps,
  cnnStep,
  elementwiseGrad,
  crossEntropyGrad,
  matmul,
  layerNorm,
  attention,
  recurrent,
  matmulFloat64,
  addChain,
  ...mlpFirstSteps,
  bundleCore,
  bundleGrad,
  bundleEverything,
];
