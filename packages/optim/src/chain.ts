import type { Tensor } from "@cotangent/core";
import type { Slots, Transformation, TransformationState } from "./transformation.ts";

/**
 * Transformations one after the other, each applied to the updates of the one before. A slot keeps its name where that
 * is free; the second of a name is called name2, and so on.
 */
export function chain(...transformations: readonly Transformation[]): Transformation {
  const names = uniqueNames(transformations);
  const merge = (states: readonly TransformationState[], count: number): TransformationState =>
    Array.from({ length: count }, (_, param) => {
      const slots: Record<string, Tensor> = {};
      transformations.forEach(({ slots: own }, k) => {
        own.forEach((name, i) => {
          slots[names[k][i]] = states[k][param][name];
        });
      });
      return slots;
    });
  const part = (state: TransformationState, k: number): TransformationState =>
    state.map(
      (slots): Slots =>
        Object.fromEntries(transformations[k].slots.map((name, i) => [name, slots[names[k][i]]])),
    );
  return {
    slots: names.flat(),
    init: (params) =>
      merge(
        transformations.map((one) => one.init(params)),
        params.length,
      ),
    update(gradients, state, params) {
      let updates = [...gradients];
      const after = transformations.map((one, k) => {
        const [next, nextState] = one.update(updates, part(state, k), params);
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
