import type { Tensor } from "../ir/tensor.ts";
import type { Variable } from "./variable.ts";

/** Whatever holds variables: modules, optimisers. */
export interface HasVariables {
  /** All of them, each once. */
  variables(): Variable[];
}

/** What gradient checks and trainers need of a module, whoever wrote it. */
export interface ModuleLike extends HasVariables {
  /** What it computes. */
  forward(...inputs: Tensor[]): Tensor;
  /** Its variables by the paths of their fields. */
  namedVariables(): Map<string, Variable>;
}
