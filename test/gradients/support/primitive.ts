import { type Params, type Primitive, primitives, printGraph, Tensor } from "@cotangent/core";

/** The definition of a primitive. */
export function primitive(name: string): Primitive {
  const found = primitives().find((prim) => prim.name === name);
  if (found === undefined) throw new Error(`there is no primitive ${name}`);
  return found;
}

/** A node that applies a primitive directly, with params that no public operation may use. */
export function applyPrimitive(name: string, inputs: readonly Tensor[], params: Params): Tensor {
  const prim = primitive(name);
  const nodes = inputs.map((x) => x.node);
  return new Tensor(prim, nodes, params, prim.shape(nodes, params), prim.dtype(nodes, params));
}

/** The names of the primitives in the graphs behind these tensors. */
export const primitivesIn = (tensors: readonly Tensor[]): Set<string> =>
  new Set([...printGraph(tensors).matchAll(/^%\d+ = (\w+)/gm)].map(([, name]) => name));
