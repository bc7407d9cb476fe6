import type { CheckableModule } from "./layer.ts";

/** A module, or a part of one, that may behave differently while it is trained. */
export interface ModulePart {
  /** Whether it is being trained. */
  training?: boolean;
  /** Sets it to true, here and in all parts. */
  train?(): unknown;
  /** Sets it to false, here and in all parts. */
  eval?(): unknown;
}

/** The module and all parts in it, outer ones first. */
export const partsOf = (layer: CheckableModule): readonly ModulePart[] => [
  ...new Set<ModulePart>([layer, ...(layer.namedModules?.().values() ?? [])]),
];

/** Whether a module knows training and evaluation. */
export const hasModes = (layer: CheckableModule): boolean =>
  typeof layer.training === "boolean" || (isFunction(layer.train) && isFunction(layer.eval));

/** Sets the mode, by methods where there are any, else by the flag. */
export function setMode(part: ModulePart, training: boolean): void {
  const method = training ? part.train : part.eval;
  if (isFunction(method)) method.call(part);
  else if (typeof part.training === "boolean") part.training = training;
}

const isFunction = (value: unknown): value is () => unknown => typeof value === "function";
