import type { Tensor } from "../../ir/tensor.ts";
import { topology } from "../../ir/traversal.ts";
import { applies, literalValue } from "../../prims/builder.ts";
import { alternative, identity, stopGradient } from "../../prims/identity.ts";
import { broadcast, reshape } from "../../prims/movement.ts";
import { pow } from "../../prims/scalar/binary.ts";
import { neg } from "../../prims/scalar/unary.ts";
import { irrational } from "./irrational.ts";

/**
 * How many operations the formula of y shows, what is written twice counted twice. Numbers, symbols and signs are none, nor is
 * what formulas do not show; a negative exponent is a division.
 */
export function writtenSize(y: Tensor): number {
  const { nodes, operands, starts } = topology([y]);
  const sizes = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    const count = applies(node, alternative) ? 1 : node.inputs.length;
    for (let k = 0; k < count; k++) sizes[i] += sizes[operands[starts[i] + k]];
    sizes[i] += ownSize(node);
  }
  return sizes[nodes.length - 1];
}

function ownSize(node: Tensor): number {
  if (node.inputs.length === 0) return isNamedFraction(node) ? 1 : 0;
  if ([identity, stopGradient, alternative].some((prim) => applies(node, prim as typeof identity))) return 0;
  if (applies(node, broadcast) || applies(node, reshape) || applies(node, neg)) return 0;
  return applies(node, pow) && (literalValue(node.inputs[1]) ?? 0) < 0 ? 2 : 1;
}

/** 2 / sqrt(pi), which is one literal and is written as a fraction. */
function isNamedFraction(node: Tensor): boolean {
  const value = literalValue(node);
  const named = value === null ? null : irrational(value, node.dtype);
  return named !== null && Math.abs(named.coefficient.n) !== 1;
}
