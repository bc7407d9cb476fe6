import type { Graph } from "@cotangent/core";
import { lineOf } from "../blame/line.ts";
import type { Culprit } from "../report/report.ts";
import { shapeText } from "./derivatives.ts";

/** A node of a graph as what is at fault. */
export function culpritAt(
  { program, tensors }: Graph,
  place: number,
  operation: string,
  operands: readonly number[],
  detail: string,
): Culprit {
  const shapes = operands.map((source) => shapeText(program.nodes[source].shape));
  return {
    operation,
    line: lineOf(tensors[place]),
    call: `${operation}(${shapes.join(", ")})`,
    operand: null,
    detail,
  };
}
