import type { ModuleBuilder } from "../../assemble/index.ts";
import { addBand, addEdge } from "./band.ts";
import { addCombine } from "./combine.ts";
import { addDirect } from "./direct.ts";
import { addDriver } from "./driver.ts";
import { elements } from "./element.ts";
import { addPackers } from "./pack.ts";

/** Adds the functions that compute matrix products. */
export function addGemm(module: ModuleBuilder, { relaxed }: { readonly relaxed: boolean }): void {
  const packers = { 4: addPackers(module, 4), 8: addPackers(module, 8) };
  for (const element of elements(relaxed)) {
    const edge = addEdge(module, element);
    addDriver(module, element, {
      edge,
      band: addBand(module, element, edge),
      packers: packers[element.bytes],
      direct: addDirect(module, element),
    });
    addCombine(module, element);
  }
}
export {
  type GemmDtype,
  type GemmInstruction,
  type GemmOperand,
  type GemmPlan,
  type GemmProblem,
  planGemm,
} from "./plan.ts";
