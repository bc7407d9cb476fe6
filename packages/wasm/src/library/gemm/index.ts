import type { ModuleBuilder } from "../../assemble/index.ts";
import { addBand, addEdge } from "./band.ts";
import { addCombine } from "./combine.ts";
import { addDirect } from "./direct.ts";
import { addDriver } from "./driver.ts";
import { elements } from "./element.ts";
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

/** Adds the functions that compute matrix products. */
export function addGemm(module: ModuleBuilder, { relaxed }: { readonly relaxed: boolean }): void {
  const packers = { 4: addPackers(module, 4), 8: addPackers(module, 8) };
  for (const element of elements(relaxed)) {
    const edge = addEdge(module, element);
    const band = addBand(module, element, edge);
    const direct = addDirect(module, element);
    const inner = addInner(module, element);
    addDriver(
      module,
      element,
      addSteps(module, element, { band, edge, direct, inner, packers: packers[element.bytes] }),
    );
    addCombine(module, element);
  }
}
