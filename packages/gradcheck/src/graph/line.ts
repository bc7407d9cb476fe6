import { formatShape, type Graph, originOf, type Tensor } from "@cotangent/core";
import type { Culprit } from "../report/report.ts";
import { original } from "./original.ts";

/** The line outside of Cotangent that made a node: `file:line:column`; null where nobody noted it. */
export function lineOf(node: Tensor): string | null {
  const frame = originOf(original(node));
  // V8 writes `at name (place)` or `at place`, others `name@place`.
  return frame === null ? null : (/\(([^()]*)\)$/.exec(frame)?.[1] ?? frame.replace(/^(at |.*@)/, ""));
}

/** What reports call a node: the operation, the shapes of its operands, the line. */
export function callAt(
  { program, tensors }: Graph,
  place: number,
  operation: string,
  operands: readonly number[],
): Pick<Culprit, "operation" | "line" | "call"> {
  const shapes = operands.map((source) => formatShape(program.nodes[source].shape));
  return { operation, line: lineOf(tensors[place]), call: `${operation}(${shapes.join(", ")})` };
}
