import type { DType, Shape, Tensor } from "@cotangent/core";

/** What a transformation remembers of one parameter from step to step, by name. */
export type Slots = Readonly<Record<string, Tensor>>;

/** What it remembers of all parameters, in their order. */
export type TransformationState = readonly Slots[];

/** A parameter as `init` sees it. */
export interface ParameterLike {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * A number that depends on how many steps were made before (0 at the first), as a scalar tensor. Optimisers read it anew
 * at each step, so that it never makes a new plan. Without an optimiser, in the i-th round of a loop of your own:
 * `(value, dtype) => runtimeNumber(() => value(i), dtype)`.
 */
export type AtStep = (value: (step: number) => number, dtype: DType) => Tensor;

/**
 * A step from gradients towards updates, without state of its own: what it remembers goes in and out of `update`. An
 * update is what is added to a parameter. Transformations are composed with `chain`.
 */
export interface Transformation {
  /** The names of what it remembers of each parameter. */
  readonly slots: readonly string[];
  /** The state before the first step. */
  init(params: readonly ParameterLike[]): TransformationState;
  /** Updates of the shapes of the gradients, and the state after the step. */
  update(
    gradients: readonly Tensor[],
    state: TransformationState,
    params: readonly Tensor[],
    atStep: AtStep,
  ): [updates: Tensor[], state: TransformationState];
}

/** A transformation that remembers nothing and treats each parameter by itself. */
export const stateless = (
  update: (gradient: Tensor, param: Tensor, index: number) => Tensor,
): Transformation => ({
  slots: [],
  init: (params) => params.map(() => ({})),
  update: (gradients, state, params) => [
    gradients.map((gradient, i) => update(gradient, params[i], i)),
    state,
  ],
});
