import { isTensor, type Tensor } from "../ir/tensor.ts";
import type { TensorLike } from "../prims/convert.ts";
import { checkTensor } from "../transform/arguments.ts";
import { replaceIn, replacementsIn, symbolsOf } from "../transform/substitute.ts";
import { formatShape } from "../types/shape.ts";
import { StateError } from "../util/errors.ts";
import { runtimeEvaluator } from "./flush.ts";

/**
 * Computes. `evaluate(f, { a: 2, w: tensor })` is the value of a formula as a tensor: every symbol gets a value of its
 * shape, numbers and arrays in its dtype. `evaluate(x, y, z)` computes several tensors without symbols, and all assignments
 * that are pending, as one plan, which is cheaper than reading one after the other; it returns nothing, since they are
 * the values.
 * @throws StateError for a symbol without a value and for a name that the formula does not have, ShapeError, DTypeError
 */
export function evaluate(formula: Tensor, values: { readonly [name: string]: TensorLike }): Tensor;
export function evaluate(...tensors: readonly Tensor[]): void;
export function evaluate(...given: readonly unknown[]): Tensor | undefined {
  const [formula, values] = given;
  if (given.length === 2 && isTensor(formula) && !isTensor(values)) {
    return valueOf(formula.node, values as { readonly [name: string]: TensorLike });
  }
  for (const tensor of given) checkTensor(tensor, "evaluate");
  runtimeEvaluator.evaluate(given as readonly Tensor[]);
  return undefined;
}

function valueOf(formula: Tensor, values: { readonly [name: string]: TensorLike }): Tensor {
  const replacements = replacementsIn(formula, values, "evaluate");
  for (const [name, symbol] of symbolsOf(formula, "evaluate")) {
    if (replacements.has(symbol)) continue;
    throw new StateError(`the symbol ${name} (${symbol.dtype}${formatShape(symbol.shape)}) has no value`, {
      operation: "evaluate",
      variable: name,
      remedy: `Write evaluate(f, { ${name}: ... }), or substitute(f, ...) to replace only some symbols`,
    });
  }
  const result = replaceIn(formula, replacements);
  // Inside vmap and compile, values may be placeholders themselves.
  if (!result.symbolic) runtimeEvaluator.evaluate([result]);
  return result;
}
