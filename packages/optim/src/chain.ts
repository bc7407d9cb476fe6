import type { Tensor } from "@cotangent/core";
import type { Slots, Transformation, TransformationState } from "./transformation.ts";

/**
 * Transformations one after the other, each applied to the updates of the one before. A slot keeps its name where that
 * is free; the second of a name is called name2, and so on.
 */
export function chain(...transformations: readonly Transformation[]): Transformation {
  const names = uniqueNames(transformations);
  const all = names.flat();
  const merge = (states: readonly TransformationState[], count: number): TransformationState => {
    const merged: Record<string, Tensor>[] = [];
    for (let param = 0; param < count; param++) {
      const slots: Record<string, Tensor> = {};
      for (let k = 0; k < names.length; k++) {
        const own = transformations[k].slots;
        for (let i = 0; i < own.length; i++) slots[names[k][i]] = states[k][param][own[i]];
      }
      merged.push(slots);
    }
    return merged;
  };
  /** What transformation k sees of the state: mostly, it is the only one that remembers anything. */
  const part = (state: TransformationState, k: number): TransformationState => {
    const own = transformations[k].slots;
    if (own.length === all.length) return state;
    return state.map((slots): Slots => {
      const seen: Record<string, Tensor> = {};
      for (let i = 0; i < own.length; i++) seen[own[i]] = slots[names[k][i]];
      return seen;
    });
  };
  return {
    slots: all,
    init: (params) =>
      merge(
        transformations.map((one) => one.init(params)),
        params.length,
      ),
    update(gradients, state, params, atStep) {
      let updates = [...gradients];
      const after = transformations.map((one, k) => {
        const [next, nextState] = one.update(updates, part(state, k), params, atStep);
        updates = next;
        return nextState;
      });
      return [updates, merge(after, params.length)];
    },
  };
}

/** The names of the slots of each transformation in the chain. */
function uniqueNames(transformations: readonly Transformation[]): string[][] {
  const used = new Set<string>();
  return transformations.map(({ slots }) =>
    slots.map((name) => {
      let unique = name;
      for (let times = 2; used.has(unique); times++) unique = `${name}${times}`;
      used.add(unique);
      return unique;
    }),
  );
}
