import type { ModuleBuilder } from "../../assemble/index.ts";
import { addCombine } from "./combine.ts";
import { addDriver } from "./driver.ts";
import { ELEMENT_NAMES, type Element, elementOf } from "./element.ts";
import { addDirectStep, addInnerStep, addPanelSteps } from "./step.ts";

export { addBareKernels, BARE_BYTES, bareOperations } from "./bare.ts";
export {
  combinePlan,
  type GemmDtype,
  type GemmInstruction,
  type GemmOperand,
  type GemmPlan,
  type GemmProblem,
  planGemm,
} from "./plan.ts";

type AddElement = (module: ModuleBuilder, element: Element) => void;

/** Each for every dtype: `gemmFloat32` and so on. */
const FAMILIES: Readonly<Record<string, AddElement>> = {
  gemm: (module, element) => addDriver(module, "gemm", element, addPanelSteps(module, element)),
  direct: (module, element) => addDriver(module, "direct", element, [addDirectStep(module, element)]),
  inner: (module, element) => addDriver(module, "inner", element, [addInnerStep(module, element)]),
  combine: addCombine,
};

/** The kernels that compute matrix products, by name. */
export const gemmKernels = Object.fromEntries(
  Object.entries(FAMILIES).flatMap(([family, add]) =>
    ELEMENT_NAMES.map((name) => [
      `${family}${name}`,
      (module: ModuleBuilder, { relaxedSimd }: { readonly relaxedSimd: boolean }): void =>
        add(module, elementOf(name, relaxedSimd)),
    ]),
  ),
);
