import { type DType, guarded, type NDArray, type Tensor, type Variable } from "@cotangent/core";
import {
  captureState,
  type RestoreOptions,
  type RestoreReport,
  restoreState,
  type StateEntry,
} from "./state.ts";
import { type SummaryOptions, summarize } from "./summary.ts";
import { MODULE, walk } from "./walk.ts";

/**
 * A part of a model: fields that hold variables and other modules, and a `forward` that computes with them.
 *
 * Write a class with fields and `forward`; nothing needs registering:
 * ```ts
 * class Scale extends Module {
 *   readonly factor = variable(ones([]), { name: "factor" });
 *   forward(x: Tensor) { return x.mul(this.factor); }
 * }
 * ```
 * Found are public and TypeScript-private fields that hold variables, modules, and arrays, Maps, Sets and plain objects
 * of them, however deep; what JavaScript hides (`#field`) is not. A variable or module that is reachable on several ways
 * counts once, under the path found first. For other inputs than tensors, or another result than one tensor, say so:
 * `class Lstm extends Module<[Tensor, State], [Tensor, State]>`.
 */
export abstract class Module<I extends unknown[] = Tensor[], O = Tensor> {
  #training = true;

  /** @internal */
  get [MODULE](): true {
    return true;
  }

  /** What the module computes. Builds a graph; nothing is computed until somebody reads a value. */
  abstract forward(...inputs: I): O;

  /** The sizes of one example, without the batch axis, where the module knows them. */
  get inputShape(): readonly number[] | undefined {
    return undefined;
  }

  /** The dtype of the input: float32, but for layers that look something up. */
  get inputDType(): DType {
    return "float32";
  }

  /**
   * Whether the module is being trained (true at first) or used: for layers that behave differently, such as dropout.
   * Compiled functions that read it trace again when it changes.
   */
  get training(): boolean {
    return guarded(() => this.#training);
  }

  /** Sets `training` to true in this module and all modules in it. */
  train(): this {
    return setTraining(this, true);
  }

  /** Sets `training` to false in this module and all modules in it. */
  eval(): this {
    return setTraining(this, false);
  }

  /** @internal */
  setTraining(training: boolean): void {
    this.#training = training;
  }

  /** All variables, each once, in the order of the fields. */
  variables(): Variable[] {
    return [...this.namedVariables().values()];
  }

  /** The variables that optimisers may change. */
  trainableVariables(): Variable[] {
    return this.variables().filter(({ trainable }) => trainable);
  }

  /** All variables by their dotted path: `layers.0.kernel`. @throws StateError when two have one path */
  namedVariables(): Map<string, Variable> {
    return walk(this).variables;
  }

  /** This module (path "") and all modules in it, by their dotted path. */
  namedModules(): Map<string, Module<never, unknown>> {
    return walk(this).modules as Map<string, Module<never, unknown>>;
  }

  /**
   * The values of all variables by path: dtype, shape and a copy of the data. For keeping the best weights, for
   * `serializeState`, for another model's `setState`.
   * @throws EngineError on engines that can only be read asynchronously
   */
  getState(): Record<string, NDArray> {
    return captureState(this.namedVariables());
  }

  /**
   * Gives variables the values in `state` (as from `getState`, or tensors). Everything is checked before anything is
   * changed. With `strict: false`, missing and unexpected entries are allowed, and reported in the result.
   * @throws StateError for missing or unexpected entries, ShapeError and DTypeError for those that do not fit
   */
  setState(state: Readonly<Record<string, StateEntry>>, options: RestoreOptions = {}): RestoreReport {
    return restoreState(this.namedVariables(), state, options);
  }

  /**
   * A table for people: every layer with its path, class, output shape and number of parameters, and the totals.
   * Output shapes are found by building the graph, without computing anything; where the model does not know the
   * shape of its input, give `inputShape`.
   */
  summary(options: SummaryOptions = {}): string {
    return summarize(this, options);
  }
}

function setTraining<M extends Module<never, unknown>>(root: M, training: boolean): M {
  for (const module of root.namedModules().values()) module.setTraining(training);
  return root;
}
