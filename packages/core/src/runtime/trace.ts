import { type CompileFrame, compileFrame } from "../ir/frames.ts";
import type { Tensor } from "../ir/tensor.ts";
import { inputLeaf } from "../prims/leaves.ts";
import type { DType, TypedArray } from "../types/dtype.ts";
import type { Shape } from "../types/shape.ts";
import type { Variable } from "./variable.ts";
import { Version } from "./version.ts";

/** A placeholder that `fill` gives its elements anew at each call. */
export interface HiddenSlot {
  readonly leaf: Tensor;
  readonly fill: (elements: TypedArray) => void;
}

/** Library state on which a trace depends, and what it was. */
export interface Guard {
  readonly read: () => unknown;
  readonly value: unknown;
}

/** Everything that the trace of a compiled function records beside the graph. */
export class CompileTrace implements CompileFrame {
  readonly kind = "compile";
  readonly hidden: HiddenSlot[] = [];
  readonly guards: Guard[] = [];
  readonly afterCalls: (() => void)[] = [];
  /** Variables as they are found when the function is called. */
  readonly imported = new Map<Variable, Version>();
  /** Variables as the function leaves them. */
  readonly assigned = new Map<Variable, Version>();
  readonly variablesMade: Variable[] = [];
  private readonly locals = new Map<object, unknown>();

  constructor(readonly name: string) {}

  hiddenSlot(fill: (elements: TypedArray) => void, shape: Shape, dtype: DType): Tensor {
    const leaf = inputLeaf(`hidden${this.hidden.length}`, shape, dtype);
    this.hidden.push({ leaf, fill });
    return leaf;
  }

  guard(read: () => unknown): void {
    this.guards.push({ read, value: read() });
  }

  local<T>(owner: object, create: () => T): T {
    if (!this.locals.has(owner)) this.locals.set(owner, create());
    return this.locals.get(owner) as T;
  }

  afterCall(action: () => void): void {
    this.afterCalls.push(action);
  }

  /** The version of a variable that the function sees at this point. */
  versionOf(cell: Variable): Version {
    const assigned = this.assigned.get(cell);
    if (assigned !== undefined) return assigned;
    let version = this.imported.get(cell);
    if (version === undefined) {
      version = new Version(cell, {}, true);
      this.imported.set(cell, version);
    }
    return version;
  }

  assign(cell: Variable, producer: Tensor): void {
    // The version found is imported, so that the engine knows which bytes the new one replaces.
    if (!this.assigned.has(cell)) this.versionOf(cell);
    this.assigned.set(cell, new Version(cell, { producer }, true));
  }

  created(cell: Variable): void {
    this.variablesMade.push(cell);
  }
}

/** The compiled function being traced, or null. */
export const compileTrace = (): CompileTrace | null => compileFrame() as CompileTrace | null;
