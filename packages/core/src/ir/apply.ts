import { DTypeError } from "../util/errors.ts";
import type { Params, Primitive } from "./primitive.ts";
import { Tensor } from "./tensor.ts";

/** The node that applies `prim` to `inputs`: the one place where nodes with inputs are made. */
export function apply<P extends Params>(prim: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  const nodes = nodesOf(inputs);
  const shape = prim.shape(nodes, params);
  const dtype = prim.dtype(nodes, params);
  return new Tensor(prim as unknown as Primitive, nodes, params, shape, dtype);
}

/** What stands for the inputs in the graph: for all but variables, the inputs themselves. */
function nodesOf(inputs: readonly Tensor[]): readonly Tensor[] {
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i].node !== inputs[i]) return inputs.map((input) => input.node);
  }
  return inputs;
}

/** The common dtype of all inputs. @throws DTypeError when they differ */
export function commonDType(operation: string, inputs: readonly Tensor[]): Tensor["dtype"] {
  const { dtype } = inputs[0];
  for (let i = 1; i < inputs.length; i++) {
    if (inputs[i].dtype !== dtype) {
      throw new DTypeError(`operands have dtypes ${inputs.map((input) => input.dtype).join(" and ")}`, {
        operation,
        dtypes: inputs.map((input) => input.dtype),
        remedy: "Cast one of them",
      });
    }
  }
  return dtype;
}
