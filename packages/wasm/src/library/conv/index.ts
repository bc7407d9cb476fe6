import type { ModuleBuilder } from "../../assemble/index.ts";
import { KERNEL } from "../../compile/emit/kernel.ts";
import { ELEMENT_NAMES, elementOf, PANEL_BYTES } from "../gemm/element.ts";
import { addPackWeights } from "./copy.ts";
import { addConvDriver } from "./driver.ts";

export { planConv } from "./plan.ts";
export { type ConvAxis, type ConvProblem, isDepthwise, isWhole } from "./problem.ts";

type Add = (module: ModuleBuilder, features: { readonly relaxedSimd: boolean }) => void;

/** The kernels of convolutions, by name: `convFloat32`, `convLanesFloat32`, `convPack32` and so on. */
export const convKernels: Readonly<Record<string, Add>> = Object.fromEntries([
  ...ELEMENT_NAMES.flatMap((name) =>
    [false, true].map((lanes): [string, Add] => {
      const kernel = `conv${lanes ? "Lanes" : ""}${name}`;
      return [
        kernel,
        (module, { relaxedSimd }) => addConvDriver(module, kernel, elementOf(name, relaxedSimd), lanes),
      ];
    }),
  ),
  ...([4, 8] as const).map((bytes): [string, Add] => {
    const kernel = `convPack${8 * bytes}`;
    return [
      kernel,
      (module) => module.function(kernel, KERNEL, (f) => addPackWeights(f, PANEL_BYTES, bytes)),
    ];
  }),
]);
