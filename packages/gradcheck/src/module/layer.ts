import { describeValue, type ModuleLike, StateError } from "@cotangent/core";
import type { ModulePart } from "./parts.ts";

/**
 * What `checkModule` takes: anything with variables and `forward`. What it has besides is checked, too: a mode (`train` and
 * `eval`, or a field `training`), parts (`namedModules`), and state (`getState` and `setState`).
 */
export interface CheckableModule extends ModuleLike, ModulePart {
  /** The module itself (path "") and all modules in it, by path, outer ones first. */
  namedModules?(): ReadonlyMap<string, ModulePart>;
  /** The values of all variables. */
  getState?(): unknown;
  /** Gives variables the values of a state, and refuses one that does not fit. */
  setState?(state: never): unknown;
}

const OPERATION = "checkModule";

/** @throws StateError unless `layer` has the structure of a module */
export function checkLayer(layer: unknown): asserts layer is CheckableModule {
  const given = (layer ?? {}) as Record<string, unknown>;
  if (typeof given.build === "function" && typeof given.forward !== "function") {
    throw new StateError("the layer is still to be made", {
      operation: OPERATION,
      remedy: "Make it first, with new Dense(3, 4) or sequential({ inputShape: [3] }, [dense(4)])",
    });
  }
  for (const method of ["forward", "variables", "namedVariables"]) {
    if (typeof given[method] === "function") continue;
    throw new StateError(`${describeValue(layer)} has no method ${method}`, {
      operation: OPERATION,
      remedy: "Pass a module: an object with forward, variables and namedVariables",
    });
  }
}
