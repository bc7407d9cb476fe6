import type { ModuleBuilder } from "../../assemble/index.ts";
import { addBand, addEdge } from "./band.ts";
import { addCombine } from "./combine.ts";
import { addDirect } from "./direct.ts";
import { addDriver } from "./driver.ts";
import { ELEMENT_NAMES, type Element, elementOf } from "./element.ts";
import { addInner } from "./inner.ts";
import { addPackers } from "./pack.ts";
import { addSteps } from "./step.ts";

export { addBareKernels, BARE_BYTES, bareOperations } from "./bare.ts";
export {
  type GemmDtype,
  type GemmInstruction,
  type GemmOperand,
  type GemmPlan,
  type GemmProblem,
  planGemm,
} from "./plan.ts";

/** `gemmFloat32` and its kind: a product, all of it but what `combineFloat32` does. */
function addGemm(module: ModuleBuilder, element: Element): void {
  const edge = addEdge(module, element);
  const steps = addSteps(module, element, {
    edge,
    band: addBand(module, element, edge),
    direct: addDirect(module, element),
    inner: addInner(module, element),
    packers: addPackers(module, element.bytes),
  });
  addDriver(module, element, steps);
}

/** The kernels that compute matrix products, by name. */
export const gemmKernels = Object.fromEntries(
  ELEMENT_NAMES.flatMap((name) => [
    [`gemm${name}`, adder(name, addGemm)],
    [`combine${name}`, adder(name, addCombine)],
  ]),
);

type AddElement = (module: ModuleBuilder, element: Element) => void;

function adder(name: Element["name"], add: AddElement) {
  return (module: ModuleBuilder, { relaxedSimd }: { readonly relaxedSimd: boolean }): void =>
    add(module, elementOf(name, relaxedSimd));
}
