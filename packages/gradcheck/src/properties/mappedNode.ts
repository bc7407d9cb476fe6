import {
  formatShape,
  type Graph,
  type Program,
  type ProgramNode,
  replay,
  type Tensor,
  vmap,
} from "@cotangent/core";
import { type Unit, unitCall, unitsIn } from "../blame/units.ts";
import { type Call, pulled, tracedGraph } from "../graph/calls.ts";
import type { Random } from "../numeric/random.ts";
import type { Culprit } from "../report/report.ts";
import { culpritAt } from "./culprit.ts";
import { alongAxis, stackedAlong } from "./lanes.ts";
import { directionsLike, read, roundings } from "./tensors.ts";

/**
 * The first node of a call that gives something else when it is mapped on its own than in a loop, at the values that it has
 * in the call; then the first whose gradient does. Null where every node is right by itself.
 */
export function mappedCulprit(
  call: Call,
  lanes: readonly (readonly Tensor[])[],
  isMapped: readonly boolean[],
  unit: number,
  random: Random,
): Culprit | null {
  const scene = new Scene(tracedGraph(call, lanes[0]), lanes, isMapped, unit, random);
  return scene.wrongValue() ?? scene.wrongGradient();
}

/** A call's graph, with the values of all its nodes in every lane. */
class Scene {
  /** Whether a node differs from lane to lane. */
  private readonly varies: boolean[] = [];
  private readonly count: number;
  private readonly byLane: readonly (readonly Tensor[])[];

  constructor(
    private readonly graph: Graph,
    lanes: readonly (readonly Tensor[])[],
    isMapped: readonly boolean[],
    private readonly unit: number,
    private readonly random: Random,
  ) {
    const { program, leaves } = graph;
    this.count = isMapped.length;
    this.byLane = lanes.map((inputs) => replay(program, [...inputs, ...leaves]));
    isMapped.forEach((mapped, slot) => {
      this.varies[program.inputs[slot].node] = mapped;
    });
    program.nodes.forEach(({ inputs }, place) => {
      this.varies[place] ||= inputs.some((source) => this.varies[source]);
    });
  }

  wrongValue(): Culprit | null {
    const { program } = this.graph;
    for (const [place, node] of program.nodes.entries()) {
      if (node.prim === null || node.prim.alias === true || !this.varies[place]) continue;
      const one = oneNode(program, node);
      const detail = this.faultOf((xs) => [replay(one, xs)[node.inputs.length]], node.inputs);
      if (detail !== null) return culpritAt(this.graph, place, node.prim.name, node.inputs, detail);
    }
    return null;
  }

  wrongGradient(): Culprit | null {
    for (const part of unitsIn(this.graph, this.count)) {
      if (!this.varies[part.place]) continue;
      const detail = this.faultOf(this.gradientOf(part), [...part.operands, ...part.others]);
      if (detail !== null)
        return culpritAt(this.graph, part.place, part.operation, part.operands, `its gradient: ${detail}`);
    }
    return null;
  }

  private gradientOf(part: Unit): Call {
    const count = part.operands.length;
    const at = (places: readonly number[]) => places.map((place) => this.byLane[0][place]);
    const weights = directionsLike(unitCall(part, at(part.others))(at(part.operands)), this.random);
    return (xs) => pulled(unitCall(part, xs.slice(count)), weights)(xs.slice(0, count));
  }

  /** How a function of some nodes differs between vmap and a loop, in a sentence; null where it does not. */
  private faultOf(call: Call, slots: readonly number[]): string | null {
    const mapped = slots.map((place) => this.varies[place]);
    const lanes = this.byLane.map((tensors) => slots.map((place) => tensors[place]));
    const stacked = slots.map((place, k) => {
      const { shape, dtype } = this.graph.program.nodes[place];
      if (!mapped[k]) return lanes[0][k];
      return stackedAlong(read(lanes.map((all) => all[k])), shape, dtype, 0);
    });
    try {
      const f = vmap((...xs: Tensor[]) => call(xs), { inAxes: mapped.map((one) => (one ? 0 : null)) });
      const results = f(...stacked);
      const values = read(results);
      for (const [lane, inputs] of lanes.entries()) {
        const fault = this.difference(call, inputs, results, (i) =>
          alongAxis(values[i], results[i].shape, 0, lane),
        );
        if (fault !== null) return fault;
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** How one lane of mapped results differs from the call itself. */
  private difference(
    call: Call,
    inputs: readonly Tensor[],
    mapped: readonly Tensor[],
    laneOf: (i: number) => Float64Array,
  ): string | null {
    const looped = call(inputs);
    const expected = read(looped);
    for (const [i, { shape }] of looped.entries()) {
      const wide = mapped[i].shape;
      if (wide.slice(1).join() !== shape.join())
        return `mapped over a new axis it has shape ${formatShape(wide)}`;
      const actual = laneOf(i);
      const differs = (k: number) => !Object.is(actual[k], expected[i][k]);
      if (!actual.some((_, k) => differs(k))) continue;
      const allowed = roundings(call, inputs, this.unit, this.random)[i];
      const k = actual.findIndex((x, at) => differs(at) && !(Math.abs(x - expected[i][at]) <= allowed[at]));
      if (k >= 0) return `mapped over a new axis it gives ${actual[k]}, in a loop ${expected[i][k]}`;
    }
    return null;
  }
}

/** A program of one node, whose operands are its slots. */
function oneNode({ nodes }: Program, node: ProgramNode): Program {
  const slots = node.inputs.map(
    (source): ProgramNode => ({ ...nodes[source], prim: null, inputs: [], params: {} }),
  );
  return {
    nodes: [...slots, { ...node, inputs: node.inputs.map((_, k) => k) }],
    inputs: slots.map((_, k) => ({ node: k, kind: "data" })),
    outputs: [slots.length],
    updates: [],
  };
}
