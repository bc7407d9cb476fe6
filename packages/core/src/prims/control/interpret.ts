import type { NDArray } from "../../ir/primitive.ts";
import { createArray, type TypedArray } from "../../types/dtype.ts";
import { sizeOf } from "../../types/shape.ts";
import type { Body, BodyNode } from "./body.ts";
import { type PartParams, partValue } from "./call.ts";
import { part } from "./part.ts";

const isPart = ({ prim }: BodyNode): boolean => prim === (part as unknown as BodyNode["prim"]);

/** A node's value by the reference function of its primitive, from the values of all places before. */
export function computed(
  nodes: readonly BodyNode[],
  place: number,
  values: readonly (TypedArray | null)[],
): TypedArray | null {
  const { prim, inputs, params, shape, dtype } = nodes[place];
  if (prim === null) return values[place];
  if (isPart(nodes[place])) {
    const siblings = nodes.filter((node) => isPart(node) && node.inputs[0] === inputs[0]);
    const wanted = siblings.map((node) => node.params as PartParams);
    return partValue(values[inputs[0]] as TypedArray, params as PartParams, wanted).slice();
  }
  const operands = inputs.map(
    (source): NDArray => ({
      data: values[source] as TypedArray,
      shape: nodes[source].shape,
      dtype: nodes[source].dtype,
    }),
  );
  const data = createArray(dtype, sizeOf(shape));
  prim.reference(operands, params, { data, shape, dtype });
  return data;
}

/** A body made ready to be run again and again for the values in some of its places. */
export function interpreterOf({ nodes }: Body, places: readonly number[]) {
  const needed = new Uint8Array(nodes.length);
  for (const place of places) needed[place] = 1;
  for (let place = nodes.length - 1; place >= 0; place--) {
    if (needed[place]) for (const input of nodes[place].inputs) needed[input] = 1;
  }
  return (args: readonly TypedArray[]): TypedArray[] => {
    const values = new Array<TypedArray | null>(nodes.length).fill(null);
    args.forEach((value, i) => {
      values[i] = value;
    });
    for (let place = args.length; place < nodes.length; place++)
      if (needed[place]) values[place] = computed(nodes, place, values);
    return places.map((place) => values[place] as TypedArray);
  };
}
