import { evaluate, type TypedArray, tensor, type Variable } from "@cotangent/core";
import { sameBits } from "../numeric/vectors.ts";
import type { CheckableModule } from "./layer.ts";
import { type ModulePart, partsOf, setMode } from "./parts.ts";

/** What a module was when the check began: values, modes, and plain fields such as counters. */
export class Keeper {
  private readonly values = new Map<Variable, TypedArray>();
  private readonly modes: readonly (readonly [ModulePart, boolean])[];
  private readonly fields: () => void;

  constructor(layer: CheckableModule) {
    this.add(layer.variables());
    this.modes = partsOf(layer).flatMap((part) =>
      typeof part.training === "boolean" ? [[part, part.training] as const] : [],
    );
    this.fields = keptFields(layer);
  }

  /** Keeps the values of variables that were not there before. */
  add(variables: readonly Variable[]): void {
    const fresh = variables.filter((cell) => !this.values.has(cell));
    evaluate(...fresh);
    for (const cell of fresh) this.values.set(cell, cell.dataSync());
  }

  /** Gives variables their values back. @returns those that had others */
  restoreValues(): Variable[] {
    const changed = [...this.values].filter(([cell, before]) => !sameBits(cell.dataSync(), before));
    for (const [cell, before] of changed)
      cell.assign(tensor(before, { shape: cell.shape, dtype: cell.dtype }));
    evaluate();
    return changed.map(([cell]) => cell);
  }

  /** Makes the module what it was. */
  restore(): void {
    this.restoreValues();
    // Outer parts come first: setting one sets what is in it, which then gets its own mode back.
    for (const [part, training] of this.modes) setMode(part, training);
    this.fields();
  }
}

/** Notes the numbers, strings and booleans in the fields of a module and its parts; what comes back puts them back. */
export function keptFields(layer: CheckableModule): () => void {
  const kept = partsOf(layer).flatMap((part) =>
    Object.entries(Object.getOwnPropertyDescriptors(part)).flatMap(([name, { value, writable }]) =>
      writable && (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
        ? [{ part: part as Record<string, unknown>, name, value }]
        : [],
    ),
  );
  return () => {
    for (const { part, name, value } of kept) if (part[name] !== value) part[name] = value;
  };
}
