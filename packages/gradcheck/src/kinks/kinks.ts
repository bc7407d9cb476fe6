import type { Graph, TypedArray } from "@cotangent/core";
import { lineOf } from "../graph/line.ts";
import { Runner } from "../numeric/runner.ts";
import type { Kink } from "../report/report.ts";
import type { Switch } from "./switches.ts";

/** Reports name the kinks that are nearest. */
const MOST = 5;

/** The kinks and jumps of a graph near a point, the nearest first. */
export function kinksOf(graph: Graph, switches: readonly Switch[], point: readonly Float64Array[]): Kink[] {
  if (switches.length === 0) return [];
  const { nodes, inputs } = graph.program;
  const places = [...new Set(switches.flatMap(({ place }) => nodes[place].inputs))];
  const slots = inputs.slice(0, point.length).map(({ node }) => graph.tensors[node]);
  const values = new Runner(places.map((place) => graph.tensors[place]), slots).run(point); // biome-ignore format: one call
  const at = new Map<number, TypedArray>(places.map((place, i) => [place, values[i]]));
  return switches
    .map(({ place, distance }): Kink => {
      const node = nodes[place];
      const operands = node.inputs.map((source) => at.get(source) as TypedArray);
      const line = lineOf(graph.tensors[place]);
      return { operation: node.prim?.name ?? "", line, distance: distance(operands, node) };
    })
    .filter(({ distance }) => Number.isFinite(distance))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MOST);
}
