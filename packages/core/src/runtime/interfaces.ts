import type { Tensor } from "../ir/tensor.ts";
import type { Variable } from "./variable.ts";

/** Whatever holds variables: modules, optimisers. */
export interface HasVariables {
  variables(): Variable[];
}

/** What gradient checks and trainers need of a module, whoever wrote it. */
export interface ModuleLike extends HasVariables {
  forward(...inputs: Tensor[]): Tensor;
  namedVariables(): Map<string, Variable>;
}
