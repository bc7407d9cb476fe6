import { type Graph, graphOf, type Tensor } from "@cotangent/core";
import { culpritOf } from "../blame/culprit.ts";
import { float64, lifted, usesFloat32, valuesOf } from "../check/float64.ts";
import { type Call, tracedGraph } from "../graph/calls.ts";
import { callAt } from "../graph/line.ts";
import type { Culprit } from "../report/report.ts";

/** A node of a graph as what is at fault. */
export const culpritAt = (
  graph: Graph,
  place: number,
  operation: string,
  operands: readonly number[],
  detail: string,
): Culprit => ({ ...callAt(graph, place, operation, operands), operand: null, detail });

/** The first operation of a call whose own rule is wrong in reverse mode. */
export function ruleCulprit(call: Call, leaves: readonly Tensor[], seed: number): Culprit | null {
  const count = leaves.length;
  const point = leaves.map(valuesOf);
  const traced = tracedGraph(call, leaves);
  if (!usesFloat32(traced, count)) return culpritOf({ graph: traced, count, point, seed }, "reverse");
  const xs = leaves.map(({ shape }, i) => float64(point[i], shape));
  const outputs = traced.program.outputs.map((place) => traced.tensors[place]);
  const graph = graphOf(lifted(outputs, leaves)(xs), xs);
  return culpritOf({ graph, count, point, seed }, "reverse");
}

/** The first operation that is not there in another call, or has results of another rank. */
export function firstUnlike(graph: Graph, other: Graph): Culprit | null {
  const { nodes } = graph.program;
  const place = nodes.findIndex(({ prim, shape }, i) => {
    const beside = other.program.nodes[i];
    return prim !== null && (prim !== beside?.prim || shape.length !== beside.shape.length);
  });
  if (place < 0) return null;
  const { prim, inputs } = nodes[place];
  return culpritAt(
    graph,
    place,
    prim?.name ?? "",
    inputs,
    "it is the first that is another one than in the full batch",
  );
}
