import { apply } from "../../ir/apply.ts";
import type { DotAxes } from "../../ir/builder.ts";
import type { Tensor } from "../../ir/tensor.ts";
import { applies } from "../../prims/builder.ts";
import { dot } from "../../prims/dot.ts";
import { identity } from "../../prims/identity.ts";
import { permute, reshape } from "../../prims/movement.ts";
import { builder } from "../vjp.ts";

/** A matrix product of each step, whose sum over all steps is one product of all steps' operands. */
export interface SummedProduct {
  readonly operands: readonly [Tensor, Tensor];
  /** The sum, given the operands of all steps along a new leading axis. */
  total(stacks: readonly Tensor[]): Tensor;
}

/**
 * The value as a product to sum up over steps, perhaps arranged; null where it is none, or where keeping the operands of all steps
 * moves more memory than adding to a sum at each.
 */
export function summedProduct(value: Tensor): SummedProduct | null {
  const arranged: Tensor[] = [];
  let node = value;
  while (applies(node, permute) || applies(node, reshape) || applies(node, identity)) {
    arranged.push(node);
    node = node.inputs[0];
  }
  if (!applies(node, dot)) return null;
  const [x, y] = node.inputs;
  if (x.size + y.size > 2 * node.size) return null;
  const { contract, batch } = node.params as DotAxes;
  const behind = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);
  const axes: DotAxes = {
    contract: [
      [0, ...behind(contract[0])],
      [0, ...behind(contract[1])],
    ],
    batch: [behind(batch[0]), behind(batch[1])],
  };
  return {
    operands: [x, y],
    total: ([left, right]) =>
      arranged.reduceRight(
        (sum, { prim, params }) => apply(prim, [sum], params),
        builder.dot(left, right, axes),
      ),
  };
}
