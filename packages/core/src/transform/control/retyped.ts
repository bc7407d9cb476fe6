import { apply } from "../../ir/apply.ts";
import type { Params } from "../../ir/primitive.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { applies } from "../../prims/builder.ts";
import { Body } from "../../prims/control/body.ts";
import type { PartParams } from "../../prims/control/call.ts";
import { part } from "../../prims/control/part.ts";
import type { CustomRule } from "../../prims/custom.ts";
import { inputLeaf } from "../../prims/leaves.ts";
import { bitcast } from "../../prims/scalar/bits.ts";
import type { DType } from "../../types/dtype.ts";
import { builder, callRule, isControl } from "../vjp.ts";

/** A body with one dtype in the place of another, and what stands there for each of its tensors. */
interface Retyped {
  readonly body: Body;
  of(tensor: Tensor): Tensor;
}

const known = new WeakMap<Body, Map<string, Retyped>>();

/** What is made of a body is made once: parts that are asked for later look for their values in it. */
function retyping(body: Body, from: DType, to: DType): Retyped {
  const all = known.get(body) ?? new Map<string, Retyped>();
  known.set(body, all);
  const key = `${from} ${to}`;
  const found = all.get(key) ?? retypedAnew(body, from, to);
  all.set(key, found);
  return found;
}

function retypedAnew(body: Body, from: DType, to: DType): Retyped {
  const parameters = body.parameters.map((one) =>
    inputLeaf("retyped", one.shape, one.dtype === from ? to : one.dtype),
  );
  const made = new Map(body.parameters.map((one, i) => [one, parameters[i]]));
  const of = (tensor: Tensor): Tensor => {
    for (const node of topology([tensor], (one) => !made.has(one)).nodes) {
      const inputs = node.inputs.map((input) => made.get(input) as Tensor);
      made.set(node, retypedNode(node, inputs, from, to));
    }
    return made.get(tensor) as Tensor;
  };
  return { body: new Body(parameters, body.results.map(of)), of };
}

function retypedNode(node: Tensor, inputs: readonly Tensor[], from: DType, to: DType): Tensor {
  const { prim, params, dtype } = node;
  if (isControl(node)) return apply(prim, inputs, callRule(node).retyped(from, to) as unknown as Params);
  if (applies(node, part)) {
    return apply(prim, inputs, callRule(node.inputs[0]).retypedPart(params as PartParams, from, to));
  }
  if (applies(node, bitcast)) {
    // What reads or makes bits is given those of the dtype that it was written for.
    const given = inputs.map((x, i) => builder.cast(x, node.inputs[i].dtype));
    const bits = apply(prim, given, params);
    return dtype === from ? builder.cast(bits, to) : bits;
  }
  const { rule } = params as { rule?: CustomRule };
  if (rule !== undefined) return apply(prim, inputs, { ...params, rule: rule.retyped(from, to) });
  const own = (params as { dtype?: string }).dtype === from ? { ...params, dtype: to } : params;
  return apply(prim, inputs, own);
}

export const retypedBody = (body: Body, from: DType, to: DType): Body => retyping(body, from, to).body;

/** A part of a call, of the call with the dtype replaced. */
export function retypedPart(body: Body, one: PartParams, from: DType, to: DType): PartParams {
  const dtype = one.dtype === from ? to : one.dtype;
  if (one.kind !== "stack") return { ...one, dtype };
  const other = retyping(body, from, to);
  const index = other.body.placeOf(other.of(body.tensors[one.index]));
  return { ...one, dtype, index, id: other.body.idAt(index) };
}
