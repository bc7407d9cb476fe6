import { ModuleBuilder } from "../assemble/index.ts";
import { addWalker, type LibraryOptions } from "../machine/index.ts";
import { addMathHelpers } from "../math/index.ts";
import { addGemm } from "./gemm/index.ts";
import { addArgReductions, addFill } from "./small.ts";

/** The fixed module of library kernels: the same bytes on every thread and in every process. */
export function assembleLibrary({ memory, features }: LibraryOptions): Uint8Array {
  const module = new ModuleBuilder(memory, true);
  addWalker(module);
  addMathHelpers(module);
  addGemm(module, { relaxed: features.relaxedSimd });
  addFill(module);
  addArgReductions(module);
  return module.finish();
}
