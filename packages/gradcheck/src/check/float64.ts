import {
  type CallRule,
  type DType,
  type Graph,
  graphOf,
  isFloating,
  type PartParams,
  type Primitive,
  type Program,
  type ProgramNode,
  primitives,
  replay,
  type Tensor,
  tensor,
} from "@cotangent/core";
import type { Call } from "../graph/calls.ts";
import { noteOriginal } from "../graph/original.ts";
import { dependentPlaces } from "../kinks/switches.ts";

/** A function of float64 tensors, and the graph that its results have at the point of the check. */
export interface Target {
  /** The results, as nodes made of `xs`. */
  readonly call: Call;
  /** A float64 tensor for each input. */
  readonly xs: readonly Tensor[];
}

const isFloat32 = ({ dtype }: { readonly dtype: string }): boolean => dtype === "float32";

/** Calls as a whole. */
const NO_VALUES: ReadonlySet<string> = new Set(["customCall", "loop", "branch"]);

/** Whether anything that depends on the first `count` inputs is float32; calls have no value, their results do. */
export function usesFloat32(graph: Graph, count: number): boolean {
  const depends = dependentPlaces(graph, count);
  return graph.program.nodes.some(
    (node, place) => depends[place] === 1 && isFloat32(node) && !NO_VALUES.has(node.prim?.name ?? ""),
  );
}

/** What params may say of dtypes: one, or a rule of the user's own for calls with results of some. */
interface TypedParams {
  readonly dtype?: string;
  readonly rule?: { retyped(from: DType, to: DType): object };
  /** Loops and branches. */
  retyped?(from: DType, to: DType): object;
}

function retypedParams(params: TypedParams, from: DType, to: DType, call?: object): object {
  const { dtype, rule } = params;
  if (params.retyped !== undefined) return params.retyped(from, to);
  if (call !== undefined) return (call as CallRule).retypedPart(params as PartParams, from, to);
  if (rule !== undefined) return { ...params, rule: rule.retyped(from, to) };
  return dtype === from ? { ...params, dtype: to } : params;
}

const isPart = ({ prim }: ProgramNode): boolean => prim?.name === "part";

/** A node with one dtype in the place of another. */
const retypedNode = (
  node: ProgramNode,
  nodes: readonly ProgramNode[],
  from: DType,
  to: DType,
): ProgramNode => ({
  ...node,
  params: retypedParams(node.params, from, to, isPart(node) ? nodes[node.inputs[0]].params : undefined),
  dtype: node.dtype === from ? to : node.dtype,
});

/** The same program with float32 in all places of float64. */
export const inFloat32 = (program: Program): Program => ({
  ...program,
  nodes: program.nodes.map((node) => retypedNode(node, program.nodes, "float64", "float32")),
});

/** A program in float64, and the place that each place of the original has in it. */
interface Wide {
  readonly program: Program;
  readonly placeOf: readonly number[];
}

/**
 * The same program with float64 in all places of float32. What reads or makes the bits of float32 is given float32, and its
 * result is cast back.
 */
function inFloat64(program: Program): Wide {
  const nodes: ProgramNode[] = [];
  const placeOf: number[] = [];
  const cast = (source: number, dtype: DType): number => {
    const { shape } = nodes[source];
    return nodes.push({ prim: castPrimitive(), inputs: [source], params: { dtype }, shape, dtype }) - 1;
  };
  program.nodes.forEach((node, place) => {
    const inputs = node.inputs.map((source) => placeOf[source]);
    if (node.prim?.name === "bitcast") {
      const given = inputs.map((source) =>
        nodes[source].dtype === "float64" ? cast(source, "float32") : source,
      );
      const made = nodes.push({ ...node, inputs: given }) - 1;
      placeOf[place] = isFloat32(node) ? cast(made, "float64") : made;
    } else {
      placeOf[place] = nodes.push({ ...retypedNode(node, program.nodes, "float32", "float64"), inputs }) - 1;
    }
  });
  return {
    program: {
      ...program,
      nodes,
      inputs: program.inputs.map((slot) => ({ ...slot, node: placeOf[slot.node] })),
      outputs: program.outputs.map((place) => placeOf[place]),
    },
    placeOf,
  };
}

const castPrimitive = (): Primitive => primitives().find(({ name }) => name === "cast") as Primitive;

/** The values of a tensor in float64. */
export const valuesOf = (x: Tensor): Float64Array => Float64Array.from(x.dataSync());

/** A float64 tensor. */
export const float64 = (values: Float64Array, shape: readonly number[]): Tensor =>
  tensor(values, { shape, dtype: "float64", copy: false });

/** The graph of a call as a function of float64 tensors: its program in float64, on other inputs. */
export function lifted(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
): (xs: readonly Tensor[]) => Tensor[] {
  const { program, leaves, tensors } = graphOf(outputs, inputs);
  const { program: wide, placeOf } = inFloat64(program);
  const others = leaves.map((leaf) => (isFloating(leaf.dtype) ? float64(valuesOf(leaf), leaf.shape) : leaf));
  return (xs) => {
    const nodes = replay(wide, [...xs, ...others]);
    placeOf.forEach((place, i) => {
      noteOriginal(nodes[place], tensors[i]);
    });
    return wide.outputs.map((place) => nodes[place]);
  };
}
