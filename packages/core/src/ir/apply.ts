import { DTypeError } from "../util/errors.ts";
import type { Params, Primitive } from "./primitive.ts";
import { Tensor } from "./tensor.ts";

/** The node that applies `prim` to `inputs`: the one place where nodes with inputs are made. */
export function apply<P extends Params>(prim: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  const nodes = inputs.map((input) => input.node);
  const shape = prim.shape(nodes, params);
  const dtype = prim.dtype(nodes, params);
  return new Tensor(prim as unknown as Primitive, nodes, params, shape, dtype);
}

/** The common dtype of all inputs. @throws DTypeError when they differ */
export function commonDType(operation: string, inputs: readonly Tensor[]): Tensor["dtype"] {
  const [first] = inputs;
  for (const input of inputs) {
    if (input.dtype !== first.dtype) {
      throw new DTypeError(`operands have dtypes ${inputs.map(({ dtype }) => dtype).join(" and ")}`, {
        operation,
        dtypes: inputs.map(({ dtype }) => dtype),
        remedy: "Cast one of them",
      });
    }
  }
  return first.dtype;
}
