import type { DType, Params, Shape } from "@cotangent/core";
import type { Node } from "./graph.ts";

/** A graph in the making: what a rule may look at, and how it adds nodes (which are simplified in their turn). */
export interface Rewriter {
  readonly nodes: readonly Node[];
  /** Whether no pass comes behind this one: rules that hide what others look for wait for it. */
  readonly isLast: boolean;
  make(name: string, inputs: readonly number[], params: Params, shape: Shape, dtype: DType): number;
  constant(value: number, shape: Shape, dtype: DType): number;
  /** The number that all elements are known to be, or null. */
  literal(id: number): number | null;
}

/** The number of a simpler node with the same bits, or null. */
export type Rule = (s: Rewriter, node: Node) => number | null;
